// What an application costs behind node:http and behind fasthttp/node, in one run. Processor time per
// request in medians; the last columns are ours divided by node's.
//
//   npm run bench:node                          raw, fastify, express, koa on this Node
//   npm run bench:node -- raw koa --releases 24,26 --reps 5 --seconds 3 --json results.json
//
// benchmark/fetch-rivals.sh 24 26 fetches the frameworks and other Nodes; what is missing is named and skipped.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { nodeOf, type Rival } from '../support/rivals.ts'
import { requireWrk } from '../support/wrk.ts'
import type { Case, Settings } from '../wire/case.ts'
import { describeMachine } from '../wire/report.ts'
import { type CaseResult, runCase } from '../wire/run.ts'
import { greeting, raw } from './cases.ts'

const APPS = ['raw', 'fastify', 'express', 'koa'] as const
const program = fileURLToPath(new URL('../rivals/apps.js', import.meta.url))
const native = fileURLToPath(new URL('../rivals/ours-sync.js', import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    releases: { type: 'string', default: '' },
    connections: { type: 'string', default: '1,8,64' },
    reps: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
})
const unknown = positionals.find((name) => !(APPS as readonly string[]).includes(name))
if (unknown !== undefined) throw new Error(`no application ${unknown}: ${APPS.join(', ')}`)

const settings: Settings = {
  repetitions: Number(values.reps),
  seconds: Number(values.seconds),
  serverCore: '0',
  clientCore: '1',
}

function rival(app: string, door: string, release: string): Rival {
  const name = `${app} ${door}${release === '' ? '' : `@${release}`}`
  return {
    name,
    javascript: true,
    command: () => {
      const node = nodeOf(release === '' ? undefined : release)
      return app === 'native' ? [node, native] : [node, program, app, door]
    },
  }
}

const machine = describeMachine()
requireWrk()
console.log(
  `${machine.processor}, ${machine.system}; medians of ${values.reps} x ${values.seconds} s`,
)
const kept: object[] = []

for (const release of ['', ...values.releases.split(',').filter((one) => one !== '')]) {
  for (const app of positionals.length > 0 ? positionals : APPS) {
    const cases = values.connections.split(',').map((count) => greeting(Number(count)))
    for (const one of app === 'raw' ? [...cases, ...raw] : cases) {
      const others = app === 'raw' && one.name === 'c64' ? [rival('native', '', release)] : []
      const ours = ['ours', 'ours-1'].map((door) => rival(app, door, release))
      const rivals = [rival(app, 'node', release), ...ours, ...others]
      const result = await runCase(one, rivals, settings)
      print(one, release, result)
      kept.push({ app, release, ...result })
      if (values.json !== undefined)
        writeFileSync(values.json, `${JSON.stringify({ machine, settings, kept }, null, 2)}\n`)
    }
  }
}

function print(one: Case, release: string, { results, skipped }: CaseResult): void {
  for (const { rival: name, reason } of skipped) console.log(`skipped ${name}: ${reason}`)
  const [base] = results
  if (base === undefined) return
  const node = release === '' ? process.version : `v${release}`
  for (const { rival: name, median } of results) {
    const { cpu = NaN, p50 = NaN, p99 = NaN, js = NaN, io = NaN } = median
    const told = [`CPU ${cpu.toFixed(2)}`, `js ${js.toFixed(2)}`, `io ${io.toFixed(2)}`]
    const ratio = (key: string): string =>
      ((median[key] ?? NaN) / (base.median[key] ?? NaN)).toFixed(2)
    console.log(
      `${node.padEnd(9)} ${one.name.padEnd(7)} ${name.padEnd(16)} ${told.join('  ')}  p50 ${p50}  p99 ${p99}  x${ratio('cpu')} CPU  x${ratio('p50')} p50  x${ratio('p99')} p99`,
    )
  }
}
