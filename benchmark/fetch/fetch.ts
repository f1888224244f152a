// What a fetch handler costs behind our doors and behind those of others, in one run. Processor time per request in
// medians; the last columns are divided by the first rival's.
//
//   npm run bench:fetch                             every case and rival on this Node
//   npm run bench:fetch -- hello hono --releases 24 --reps 5 --seconds 3 --rivals ours,node-server,bun
//
// benchmark/fetch-rivals.sh 24 26 fetches the frameworks, Bun, Deno and other Nodes; what is missing is named and skipped.

import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { nodeOf, type Rival } from '../support/rivals.ts'
import { requireWrk } from '../support/wrk.ts'
import type { Settings } from '../wire/case.ts'
import { describeMachine } from '../wire/report.ts'
import { type CaseResult, runCase } from '../wire/run.ts'
import { cases } from './cases.ts'

const DOORS = [
  'node-server',
  'node-server-platform',
  'srvx',
  'floor',
  'bun',
  'deno',
  'ours',
  'ours-fast',
  'ours-global',
  'plain',
]

const program = fileURLToPath(new URL('../rivals/fetch-app.js', import.meta.url))
const binaries = new URL('../../../benchmark/bin/', import.meta.url)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    releases: { type: 'string', default: '' },
    rivals: { type: 'string', default: DOORS.join(',') },
    reps: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
})
const unknown = positionals.find((name) => !cases.some((one) => one.name === name))
if (unknown !== undefined)
  throw new Error(`no case ${unknown}: ${cases.map(({ name }) => name).join(', ')}`)
const doors = values.rivals.split(',')
const strange = doors.find((name) => !DOORS.includes(name))
if (strange !== undefined) throw new Error(`no rival ${strange}: ${DOORS.join(', ')}`)

const settings: Settings = {
  repetitions: Number(values.reps),
  seconds: Number(values.seconds),
  serverCore: '0',
  clientCore: '1',
}

/** The runtime of a door. */
function runtimeOf(door: string, release: string): string[] {
  if (door !== 'bun' && door !== 'deno') return [nodeOf(release === '' ? undefined : release)]
  const binary = fileURLToPath(new URL(door, binaries))
  if (!existsSync(binary)) throw new Error(`no ${door}: run benchmark/fetch-rivals.sh`)
  return door === 'bun' ? [binary] : [binary, 'run', '--allow-all', '--no-lock']
}

/** Whether the door has the application: those that answer with what is ours need a server of ours. */
function has(door: string, app: string): boolean {
  if (door === 'plain') return app === 'untouched'
  return app !== 'untouched' || door === 'ours'
}

function rival(door: string, app: string, release: string): Rival {
  return {
    name: door,
    javascript: true,
    command: () => [...runtimeOf(door, release), program, door, app],
  }
}

const machine = describeMachine()
requireWrk()
console.log(
  `${machine.processor}, ${machine.system}; medians of ${values.reps} x ${values.seconds} s, 64 connections, 7 fields`,
)
const kept: object[] = []
const releases = values.releases.split(',').filter((one) => one !== '')

for (const release of releases.length > 0 ? releases : ['']) {
  for (const one of cases) {
    if (positionals.length > 0 && !positionals.includes(one.name)) continue
    const rivals = doors
      .filter((door) => has(door, one.name))
      .map((door) => rival(door, one.name, release))
    const result = await runCase(one, rivals, settings)
    print(one.name, release, result)
    kept.push({ release, ...result })
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify({ machine, settings, kept }, null, 2)}\n`)
  }
}

function print(name: string, release: string, { results, skipped }: CaseResult): void {
  for (const { rival: door, reason } of skipped) console.log(`skipped ${door}: ${reason}`)
  const [base] = results
  if (base === undefined) return
  const node = release === '' ? process.version : `v${release}`
  for (const { rival: door, median } of results) {
    const { cpu = NaN, p50 = NaN, p99 = NaN, js = NaN, io = NaN } = median
    const told = [`CPU ${cpu.toFixed(2)}`, `js ${js.toFixed(2)}`, `io ${io.toFixed(2)}`]
    const ratio = (cpu / (base.median['cpu'] ?? NaN)).toFixed(2)
    console.log(
      `${node.padEnd(9)} ${name.padEnd(10)} ${door.padEnd(21)} ${told.join('  ')}  p50 ${p50}  p99 ${p99}  x${ratio} CPU`,
    )
  }
}
