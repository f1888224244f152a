// What Nim's API costs over a plain handler, and how it compares with Nim's own server (Debian: `nim`).
//
//   npm run bench:nim                          all three
//   npm run bench:nim -- --reps 5 --seconds 5 --cores 0,1

import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { HELLO } from '../support/answers.ts'
import { loadCase } from '../wire/load.ts'
import { describeMachine, printCase } from '../wire/report.ts'
import { type Rival, rivals } from '../support/rivals.ts'
import { runCase, type RivalResult } from '../wire/run.ts'
import { requireWrk } from '../support/wrk.ts'

const sources = new URL('../../../benchmark/', import.meta.url)

/** Our package under one of the adapters. */
function ours(name: string): Rival {
  const file = fileURLToPath(new URL(`../rivals/${name}.js`, import.meta.url))
  return { name, javascript: true, constant: true, command: () => [process.execPath, file] }
}

const nim: Rival = { name: 'nim', javascript: false, constant: true, command: () => [compiled()] }

function compiled(): string {
  mkdirSync(new URL('bin/', sources), { recursive: true })
  const output = fileURLToPath(new URL('bin/asynchttpserver', sources))
  const source = fileURLToPath(new URL('rivals/asynchttpserver.nim', sources))
  const options = ['c', '-d:release', '--hints:off', `-o:${output}`, source]
  const built = spawnSync('nim', options, { encoding: 'utf8' })
  if (built.error) throw new Error('no nim: apt-get install nim', { cause: built.error })
  if (built.status !== 0) throw new Error(built.stderr.trim())
  return output
}

const { values } = parseArgs({
  options: {
    reps: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    cores: { type: 'string', default: '0,1' },
  },
})
const [serverCore = '0', clientCore = '1'] = values.cores.split(',')
const settings = {
  repetitions: Number(values.reps),
  seconds: Number(values.seconds),
  serverCore,
  clientCore,
}
const c64 = loadCase({
  name: 'c64',
  title: `64 connections, ${HELLO.length} bytes`,
  connections: 64,
  request: Buffer.from('GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n'),
  body: HELLO,
})

const { processor, cores, system, node } = describeMachine()
requireWrk()
console.log(`${processor}, ${cores} cores, ${system}, Node.js ${node}; ratios of one run only`)
// What no server of one core can exceed: an epoll loop that answers a constant.
const floor = rivals.filter(({ name }) => name === 'limit')
const all = [...floor, ours('ours-plain'), ours('ours-nim'), nim]
const result = await runCase(c64, all, settings)
printCase(c64, result)
const [limit, plain, byNim, itself] = ['limit', 'ours-plain', 'ours-nim', 'nim'].map((name) =>
  result.results.find(({ rival }) => rival === name),
)
compare('CPU of respond over that of a plain handler', 'cpu', byNim, plain, 'at most 1.15')
compare("requests per second over those of Nim's server", 'rate', byNim, itself, 'at least 3')
compare(
  'requests per second of the epoll loop over those',
  'rate',
  limit,
  itself,
  'none, it bounds the one above',
)

function compare(
  what: string,
  key: string,
  one: RivalResult | undefined,
  other: RivalResult | undefined,
  aim: string,
): void {
  const ratio = (one?.median[key] ?? NaN) / (other?.median[key] ?? NaN)
  console.log(`${what}: x ${ratio.toFixed(2)} (aim: ${aim})`)
}
