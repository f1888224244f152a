import { availableParallelism, cpus, release, type as systemName } from 'node:os'

import type { Case, Column } from './case.ts'
import { baselines } from '../support/rivals.ts'
import type { CaseResult, RivalResult } from './run.ts'

/** Where the figures were taken; without it they cannot be compared with others. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly system: string
  readonly node: string
}

/** Describes the machine that this process runs on. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    system: `${systemName()} ${release()}`,
    node: process.version,
  }
}

/** Prints the figures of a case, their ratios to the baselines of the same run, and who is missing. */
export function printCase(benchmark: Case, result: CaseResult): void {
  console.log(`\n${benchmark.name}: ${benchmark.title}`)
  for (const { rival, reason } of result.skipped) console.log(`skipped ${rival}: ${reason}`)
  const { results } = result
  if (results.length === 0) return
  const { columns } = benchmark
  printTable(
    ['', ...columns.map(({ title }) => title)],
    results.map(({ rival, median }) => [
      rival,
      ...columns.map((column) => figure(median[column.key], column)),
    ]),
  )
  printRatios(columns, results)
}

/** Gives the medians of `result` divided by those of `baseline`, for the compared columns. */
export function ratios(
  columns: readonly Column[],
  result: RivalResult,
  baseline: RivalResult,
): Record<string, number> {
  return Object.fromEntries(
    columns
      .filter(({ compared }) => compared)
      .map(({ key }) => [key, (result.median[key] ?? NaN) / (baseline.median[key] ?? NaN)]),
  )
}

function printRatios(columns: readonly Column[], results: readonly RivalResult[]): void {
  const bases = results.filter(({ rival }) => baselines.includes(rival))
  const compared = columns.filter((column) => column.compared)
  if (bases.length === 0 || results.length < 2) return
  console.log()
  printTable(
    [
      'ratio',
      ...bases.flatMap(({ rival }) =>
        compared.map((column, index) => `${index === 0 ? `${rival}: ` : ''}${column.compared}`),
      ),
    ],
    results.map((result) => [
      result.rival,
      ...bases.flatMap((base) =>
        Object.values(ratios(columns, result, base)).map((ratio) =>
          Number.isFinite(ratio) ? ratio.toFixed(2) : '-',
        ),
      ),
    ]),
  )
}

function figure(value: number | undefined, { digits }: Column): string {
  return value === undefined ? '-' : value.toFixed(digits)
}

function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  for (const row of [header, ...rows]) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    console.log(cells.join('  '))
  }
}
