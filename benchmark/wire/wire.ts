// Wire benchmark: every rival on one core, the client on another, repetitions interleaved, medians printed.
//
//   npm run bench                                   all cases
//   npm run bench -- c64 idle                       these cases
//   npm run bench -- --rivals ours-sync,node:http   these rivals
//   npm run bench -- --reps 5 --seconds 5 --json results.json --cores 0,1
//   npm run bench -- --plot [--force]               the picture and the table of the README

import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'

import type { Case, Settings } from './case.ts'
import { cases } from './cases.ts'
import { checkIdle, checkShown, checkSteady, figuresOf, SHOWN } from './figures.ts'
import { writePlot } from './plot.ts'
import { describeMachine, printCase, ratios } from './report.ts'
import { baselines, rivals, type Rival } from '../support/rivals.ts'
import { runCase, type CaseResult } from './run.ts'
import { pinTo } from '../support/pin.ts'
import { requireWrk } from '../support/wrk.ts'

try {
  await main()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { chosenCases, chosenRivals, settings, json, plot, force } = readArguments()
  if (plot) chosenCases.forEach(checkShown)
  if (plot && !force) checkIdle(loadavg()[0] ?? 0)
  const machine = describeMachine()
  requireWrk()
  pinTo(settings.clientCore)
  console.log(
    `${machine.processor}, ${machine.cores} cores, ${machine.system}, Node.js ${machine.node}`,
  )
  console.log(
    `server on core ${settings.serverCore}, client on core ${settings.clientCore}, ` +
      `medians of ${settings.repetitions} x ${settings.seconds} s; figures compare within one run only`,
  )
  const report = { machine, settings, cases: [] as object[] }
  for (const benchmark of chosenCases) {
    const result = await runCase(benchmark, chosenRivals, settings)
    printCase(benchmark, result)
    report.cases.push({ ...result, ratios: ratiosOf(benchmark, result) })
    // After each case: a run that is broken off keeps what it has.
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
    if (!plot) continue
    const figures = figuresOf(machine, settings, benchmark, result)
    if (!force) checkSteady(figures)
    writePlot(figures)
  }
}

interface Arguments {
  readonly chosenCases: readonly Case[]
  readonly chosenRivals: readonly Rival[]
  readonly settings: Settings
  readonly json: string | undefined
  readonly plot: boolean
  /** Whether figures that say little are kept too. */
  readonly force: boolean
}

function readArguments(): Arguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rivals: { type: 'string' },
      reps: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      cores: { type: 'string', default: '0,1' },
      json: { type: 'string' },
      plot: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
    },
  })
  const [serverCore, clientCore] = values.cores.split(',')
  if (!serverCore || !clientCore) throw new Error(`--cores ${values.cores}: expected SERVER,CLIENT`)
  const { plot, force } = values
  if (plot && (positionals.length > 1 || values.rivals !== undefined))
    throw new Error('--plot shows one case, and always the same rivals')
  const usual = rivals.filter(({ name, optional }) =>
    plot ? SHOWN.some(([rival]) => rival === name) : !optional,
  )
  const names = plot && positionals.length === 0 ? ['c64'] : positionals
  return {
    chosenCases: names.length === 0 ? cases : choose('case', cases, names),
    chosenRivals: values.rivals ? choose('rival', rivals, values.rivals.split(',')) : usual,
    settings: {
      repetitions: positiveInteger('--reps', values.reps),
      seconds: positiveInteger('--seconds', values.seconds),
      serverCore,
      clientCore,
    },
    json: values.json,
    plot,
    force,
  }
}

function choose<T extends { readonly name: string }>(
  kind: string,
  all: readonly T[],
  names: readonly string[],
): T[] {
  return names.map((name) => {
    const found = all.find((one) => one.name === name)
    if (!found) throw new Error(`no ${kind} ${name}: ${all.map((one) => one.name).join(', ')}`)
    return found
  })
}

function positiveInteger(option: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value))
    throw new Error(`${option} ${value}: expected a positive whole number`)
  return Number(value)
}

function ratiosOf(benchmark: Case, { results }: CaseResult): object {
  const bases = results.filter(({ rival }) => baselines.includes(rival))
  return Object.fromEntries(
    results.map((result) => [
      result.rival,
      Object.fromEntries(
        bases.map((base) => [base.rival, ratios(benchmark.columns, result, base)]),
      ),
    ]),
  )
}
