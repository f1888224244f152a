// node dist/benchmark/latency/plot.js results.json: pictures of p99 over the rate, docs/latency-<scenario>.svg,
// of what `npm run bench:latency -- --json results.json` has kept.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Machine } from '../wire/report.ts'
import { pictureOf } from './picture.ts'
import type { Settings } from './measure.ts'
import type { ScenarioResult } from './report.ts'

const PLOTTED = ['hello', 'slow']
const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('plot.js RESULTS.json')

const kept = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly date: string
  readonly machine: Machine
  readonly settings: Settings
  readonly results: readonly ScenarioResult[]
}
const { date, machine, settings, results } = kept
const runs = `medians of ${settings.repetitions} x ${settings.seconds} s`
const where = `${machine.processor}, ${machine.cores} cores, ${machine.system}, Node.js ${machine.node}`
for (const result of results.filter(({ name }) => PLOTTED.includes(name))) {
  const url = new URL(`../../../docs/latency-${result.name}.svg`, import.meta.url)
  writeFileSync(url, pictureOf(result, `${date}; ${where}; ${runs}`))
  console.log(`docs/latency-${result.name}.svg`)
}
