// node dist/benchmark/latency/plot.js results.json: pictures of p50 and p99 over the rate,
// docs/latency-<scenario>-<percentile>.svg, of what `npm run bench:latency -- --json results.json` has kept.
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
for (const result of results.filter(({ name }) => PLOTTED.includes(name)))
  for (const percentile of ['p50', 'p99'] as const) {
    const name = `docs/latency-${result.name}-${percentile}.svg`
    const picture = pictureOf(result, percentile, `${date}; ${where}; ${runs}`)
    writeFileSync(new URL(`../../../${name}`, import.meta.url), picture)
    console.log(name)
  }
