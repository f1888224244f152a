// How long requests take that come at a constant rate, whether or not the server keeps up: time is counted from
// when a request was to be sent. Server on one core, client on another, a fresh process for each repetition.
//
//   npm run bench:latency                                     everything
//   npm run bench:latency -- --asked                          hello and slow, shares of the capacity only
//   npm run bench:latency -- --quick                          hello, once, 2 s each
//   npm run bench:latency -- hello timer --servers ours-sync-0,bun --loads 30,50 --rates 5000 --json results.json
//   node dist/benchmark/latency/plot.js results.json          the pictures of docs/benchmarks.md

import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { pinTo } from '../support/pin.ts'
import { type Rival, rivals } from '../support/rivals.ts'
import { describeMachine } from '../wire/report.ts'
import { measure, type Run, type Settings } from './measure.ts'
import { duration, print, resultOf, type ScenarioResult } from './report.ts'
import { type Scenario, scenarios, SERVERS } from './scenarios.ts'

const SHARES = '10,30,50,70,90'
/** What is taken for options that are not given. */
const FULL = { reps: '3', seconds: '3', warm: '1.5', loads: SHARES, rates: '1000,4000,8000,16000' }
const ASKED = { reps: '3', seconds: '2', warm: '1', loads: SHARES, rates: '' }
const QUICK = { reps: '1', seconds: '2', warm: '1', loads: '10,50,90', rates: '' }

try {
  await main()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { chosen, settings, json } = readArguments()
  const machine = describeMachine()
  pinTo(settings.clientCore)
  console.log(
    `${machine.processor}, ${machine.cores} cores, ${machine.system}, Node.js ${machine.node}, load average ${loadavg()[0]?.toFixed(2)}`,
  )
  const minutes = duration(
    chosen.map(({ scenario, servers }) => ({ scenario, servers: servers.length })),
    settings,
  )
  console.log(
    `server on core ${settings.serverCore}, client on core ${settings.clientCore}, ${settings.connections} connections, ` +
      `medians of ${settings.repetitions} x ${settings.seconds} s; about ${Math.ceil(minutes / 60)} minutes`,
  )
  const results: ScenarioResult[] = []
  for (const { scenario, servers } of chosen) {
    const result = await runScenario(scenario, servers, settings)
    print(result)
    results.push(result)
    const date = new Date().toISOString().slice(0, 10)
    const kept = { date, machine, settings, results }
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(kept, null, 2)}\n`)
  }
}

async function runScenario(
  scenario: Scenario,
  servers: readonly Rival[],
  settings: Settings,
): Promise<ScenarioResult> {
  const skipped: { server: string; reason: string }[] = []
  const runs = new Map(servers.map(({ name }) => [name, [] as Run[]]))
  for (let repetition = 0; repetition < settings.repetitions; repetition++) {
    // Who comes first changes, so that a drift of the machine is not always the same server's.
    const first = repetition % servers.length
    for (const rival of [...servers.slice(first), ...servers.slice(0, first)]) {
      if (!runs.has(rival.name)) continue
      console.error(`  ${scenario.name} ${repetition + 1}/${settings.repetitions} ${rival.name}`)
      try {
        runs.get(rival.name)!.push(await measure(rival, scenario, settings))
      } catch (error) {
        skipped.push({ server: rival.name, reason: (error as Error).message })
        runs.delete(rival.name)
      }
    }
  }
  const measured = [...runs].map(([name, each]) => resultOf(name, each))
  return { name: scenario.name, title: scenario.title, servers: measured, skipped }
}

interface Arguments {
  readonly chosen: readonly { readonly scenario: Scenario; readonly servers: readonly Rival[] }[]
  readonly settings: Settings
  readonly json: string | undefined
}

function readArguments(): Arguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      asked: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      spin: { type: 'boolean', default: false },
      reps: { type: 'string' },
      seconds: { type: 'string' },
      warm: { type: 'string' },
      loads: { type: 'string' },
      rates: { type: 'string' },
      servers: { type: 'string', default: SERVERS.join(',') },
      connections: { type: 'string', default: '256' },
      cores: { type: 'string', default: '0,1' },
      json: { type: 'string' },
    },
  })
  const { reps, seconds, warm, loads, rates } = {
    ...(values.quick ? QUICK : values.asked ? ASKED : FULL),
    ...values,
  }
  const usual = values.quick ? ['hello'] : values.asked ? ['hello', 'slow'] : undefined
  const names = positionals.length > 0 ? positionals : (usual ?? scenarios.map(({ name }) => name))
  const servers = values.servers.split(',').map((name) => named('server', rivals, name))
  const [serverCore = '0', clientCore = '1'] = values.cores.split(',')
  if (serverCore === clientCore) throw new Error('--cores: expected two different cores')
  return {
    chosen: names.map((name) => {
      const scenario = named('scenario', scenarios, name)
      const able = servers.filter((rival) => scenario.only?.includes(rival.name) ?? true)
      return { scenario, servers: able }
    }),
    settings: {
      seconds: positive('--seconds', seconds),
      warm: positive('--warm', warm),
      repetitions: positive('--reps', reps),
      connections: positive('--connections', values.connections),
      spins: values.spin,
      serverCore,
      clientCore,
      loads: numbers('--loads', loads),
      rates: numbers('--rates', rates),
    },
    json: values.json,
  }
}

function named<T extends { readonly name: string }>(
  kind: string,
  all: readonly T[],
  name: string,
): T {
  const found = all.find((one) => one.name === name)
  if (!found) throw new Error(`no ${kind} ${name}: ${all.map((one) => one.name).join(', ')}`)
  return found
}

function numbers(option: string, list: string): number[] {
  return list === '' ? [] : list.split(',').map((text) => positive(option, text))
}

function positive(option: string, text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < Infinity))
    throw new Error(`${option} ${text}: expected a number above 0`)
  return value
}
