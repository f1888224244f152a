import type { Case, Settings } from './case.ts'
import type { Machine } from './report.ts'
import type { CaseResult } from './run.ts'

/** Whom the picture shows, and by which name. */
export const SHOWN: readonly (readonly [rival: string, label: string])[] = [
  ['ours-sync', 'fasthttp'],
  ['node:http', 'node:http'],
  ['fastify', 'Fastify'],
  ['bun', 'Bun'],
]

/** What is shown of a rival, in microseconds. */
export const SHOWN_KEYS = ['p50', 'p99', 'cpu'] as const

/** Figures of one rival. */
export type Shown = Readonly<Record<(typeof SHOWN_KEYS)[number], number>>

/** The figures of a picture, as they are kept in docs/benchmarks.json. */
export interface Figures {
  /** The day of the run, `YYYY-MM-DD`. */
  readonly date: string
  readonly machine: Machine
  /** What was asked. */
  readonly title: string
  /** What was answered. */
  readonly answer: string
  /** Repetitions and their seconds. */
  readonly runs: string
  /** In the order of `SHOWN`; without figures for who was not there. */
  readonly rivals: readonly {
    readonly name: string
    readonly median?: Shown
    /** Those of the repetitions between which each median is. */
    readonly least?: Shown
    readonly greatest?: Shown
    /** Why there are none. */
    readonly absent?: string
  }[]
}

/** Processes that want to run, on average, above which a machine is busy with something else. */
const BUSY = 1
/** How many times the least p50 of a rival its greatest may be. */
const SPREAD = 2

/** Throws `Error` for a case of which there is no picture: it has other figures, or other rivals. */
export function checkShown({
  name,
  columns,
  files,
}: Pick<Case, 'name' | 'columns' | 'files'>): void {
  const lacking = SHOWN_KEYS.filter((shown) => !columns.some(({ key }) => key === shown))
  if (lacking.length > 0) throw new Error(`--plot ${name}: the case has no ${lacking.join(', ')}`)
  if (files === true) throw new Error(`--plot ${name}: who is shown serves no files`)
}

/** Throws `Error` on a machine that is busy before the run has begun. */
export function checkIdle(load: number): void {
  if (load <= BUSY) return
  throw new Error(
    `the load average is ${load.toFixed(2)}: figures of a busy machine are not kept, unless with --force`,
  )
}

/** Throws `Error` for figures that say nothing: somebody's repetitions are far apart, or we are not in them. */
export function checkSteady({ rivals }: Figures): void {
  for (const { name, least, greatest } of rivals) {
    if (least === undefined || greatest === undefined || greatest.p50 <= SPREAD * least.p50)
      continue
    throw new Error(
      `p50 of ${name} is from ${least.p50} to ${greatest.p50} us: nothing is kept, unless with --force`,
    )
  }
}

/** The figures of a case. Throws `Error` if ours are lacking. */
export function figuresOf(
  machine: Machine,
  { repetitions, seconds }: Settings,
  { title, body }: Pick<Case, 'title' | 'body'>,
  { results, skipped }: CaseResult,
): Figures {
  const rivals = SHOWN.map(([rival, name]) => {
    const { median, runs = [] } = results.find((one) => one.rival === rival) ?? {}
    const shown = shownOf((key) => median?.[key])
    const least = shownOf((key) => Math.min(...runs.map((run) => run[key] ?? NaN)))
    const greatest = shownOf((key) => Math.max(...runs.map((run) => run[key] ?? NaN)))
    if (shown !== undefined && least !== undefined && greatest !== undefined)
      return { name, median: shown, least, greatest }
    return { name, absent: skipped.find((one) => one.rival === rival)?.reason ?? 'not measured' }
  })
  const [ours] = rivals
  if (ours?.absent !== undefined) throw new Error(`${ours.name}: ${ours.absent}: nothing is kept`)
  return {
    date: new Date().toISOString().slice(0, 10),
    machine,
    title,
    answer: body.length <= 40 ? `the text \`${body}\`` : `${body.length} bytes`,
    runs: `medians of ${repetitions} x ${seconds} s, server on one core`,
    rivals,
  }
}

/** What is shown of a rival; `undefined` if a figure is lacking. */
function shownOf(figure: (key: keyof Shown) => number | undefined): Shown | undefined {
  const [p50, p99, cpu] = SHOWN_KEYS.map(figure)
  if (p50 === undefined || p99 === undefined || cpu === undefined) return undefined
  return { p50, p99, cpu }
}
