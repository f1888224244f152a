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

/** The figures of a picture, as they are kept in docs/benchmarks.json. */
export interface Figures {
  /** The day of the run, `YYYY-MM-DD`. */
  readonly date: string
  readonly machine: Machine
  /** What was asked. */
  readonly title: string
  /** Repetitions and their seconds. */
  readonly runs: string
  /** In the order of `SHOWN`; without figures for who was not there. */
  readonly rivals: readonly {
    readonly name: string
    readonly median?: { readonly p50: number; readonly p99: number; readonly cpu: number }
    /** Why there are none. */
    readonly absent?: string
  }[]
}

/** The figures of a case. */
export function figuresOf(
  machine: Machine,
  { repetitions, seconds }: Settings,
  { title }: Case,
  { results, skipped }: CaseResult,
): Figures {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine,
    title,
    runs: `medians of ${repetitions} x ${seconds} s, server on one core`,
    rivals: SHOWN.map(([rival, name]) => {
      const { p50, p99, cpu } = results.find((one) => one.rival === rival)?.median ?? {}
      if (p50 !== undefined && p99 !== undefined && cpu !== undefined)
        return { name, median: { p50, p99, cpu } }
      return { name, absent: skipped.find((one) => one.rival === rival)?.reason ?? 'not measured' }
    }),
  }
}
