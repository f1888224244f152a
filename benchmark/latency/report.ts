import { median } from '../support/median.ts'
import type { Figures, Run, Settings } from './measure.ts'
import type { Scenario } from './scenarios.ts'

/** Medians of the repetitions of a server. */
export interface ServerResult {
  readonly server: string
  readonly capacity: Figures
  readonly points: readonly { readonly load: string; readonly figures: Figures }[]
  readonly runs: readonly Run[]
}

/** What a scenario gave, and who is not in it and why. */
export interface ScenarioResult {
  readonly name: string
  readonly title: string
  readonly servers: readonly ServerResult[]
  readonly skipped: readonly { readonly server: string; readonly reason: string }[]
}

/** The medians of what one server gave; a load that not every repetition had has those that there are. */
export function resultOf(server: string, runs: readonly Run[]): ServerResult {
  const loads = [...new Set(runs.flatMap(({ points }) => points.map(({ load }) => load)))]
  const points = loads.map((load) => ({
    load,
    figures: mediansOf(
      runs.flatMap((run) =>
        run.points.filter((point) => point.load === load).map(({ figures }) => figures),
      ),
    ),
  }))
  return { server, capacity: mediansOf(runs.map(({ capacity }) => capacity)), points, runs }
}

function mediansOf(all: readonly Figures[]): Figures {
  const keys = [...new Set(all.flatMap((figures) => Object.keys(figures)))]
  return Object.fromEntries(
    keys.map((key) => [
      key,
      median(all.map((figures) => figures[key]).filter((value) => value !== undefined)),
    ]),
  )
}

const COLUMNS: readonly (readonly [key: string, title: string, digits: number])[] = [
  ['rate', 'req/s', 0],
  ['p50', 'p50 us', 0],
  ['p99', 'p99', 0],
  ['p999', 'p99.9', 0],
  ['pMax', 'max', 0],
  ['other50', 'slow p50', 0],
  ['cpu', 'CPU us', 1],
  ['busy', 'busy %', 0],
  ['client', 'client %', 0],
  ['late99', 'late p99', 0],
  ['bytes', 'bytes', 0],
  ['collections', 'collections', 0],
  ['pauseMax', 'longest us', 0],
  ['paused', 'paused us', 2],
  ['failed', 'failed', 0],
]
/** To whom p99 is compared under the same load. */
const COMPARED = ['node:http', 'bun']

/** Prints a table of a scenario: a line for each server and load, and its capacity before them. */
export function print({ name, title, servers, skipped }: ScenarioResult): void {
  console.log(`\n${name}: ${title}`)
  for (const { server, reason } of skipped) console.log(`skipped ${server}: ${reason}`)
  const all = servers.flatMap(({ points }) => points.map(({ figures }) => figures))
  const columns = COLUMNS.filter(([key]) => all.some((figures) => figures[key] !== undefined))
  const compared = COMPARED.filter((other) => servers.some(({ server }) => server === other))
  const rows = [
    ['', 'load', ...columns.map(([, shown]) => shown), ...compared.map((other) => `p99/${other}`)],
  ]
  for (const { server, capacity, points } of servers) {
    // In a closed loop the times are those of a full house: they say nothing.
    const told = columns.map(([key, , digits]) =>
      ['rate', 'cpu', 'busy', 'client', 'failed'].includes(key)
        ? shownOf(capacity[key], digits)
        : '',
    )
    rows.push([server, 'capacity', ...told])
    for (const { load, figures } of points) {
      const ratios = compared.map((other) =>
        shownOf(figures['p99']! / p99Of(servers, other, load), 2),
      )
      rows.push([
        '',
        load,
        ...columns.map(([key, , digits]) => shownOf(figures[key], digits)),
        ...ratios,
      ])
    }
  }
  printAligned(rows)
}

function p99Of(servers: readonly ServerResult[], name: string, load: string): number {
  const points = servers.find(({ server }) => server === name)?.points
  return points?.find((point) => point.load === load)?.figures['p99'] ?? NaN
}

function shownOf(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits)
}

function printAligned(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
}

/** The least seconds that a run takes. */
export function duration(
  chosen: readonly { readonly scenario: Scenario; readonly servers: number }[],
  { seconds, warm, repetitions, loads, rates }: Settings,
): number {
  const once = chosen.map(({ scenario, servers }) => {
    const points = (scenario.loads ?? loads).length + (scenario.rates ?? rates).length
    return servers * (1 + warm + seconds + points * (seconds + 0.1))
  })
  return repetitions * once.reduce((sum, each) => sum + each, 0)
}
