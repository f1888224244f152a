import { readFileSync } from 'node:fs'
import { root } from '../support/root.ts'

/** What a request is to get. */
export interface Expect {
  status?: number
  route?: string
  notRoute?: string
  params?: Record<string, string>
  location?: string
  allow?: string | { anyOrder: string[]; then: string[] }
  body?: string
  special?: string
  panicEscapes?: string
}

/** One request of a suite over HTTP. */
export interface Exchange {
  readonly method: string
  readonly target: string
  readonly expect: Expect
}

/** A step of such a suite; routes and options are those of the steps before as well. */
export interface Phase {
  readonly register?: [method: string, path: string][]
  readonly options?: Record<string, boolean | number | string>
  readonly requests?: Exchange[]
  readonly serveFiles?: { path: string; ok: boolean }[]
  readonly lookups?: { method: string; path: string; match: string | null; tsr?: boolean }[]
}

/** One suite of router-cases.json; which members it has depends on its kind. */
export interface Suite {
  readonly id: string
  readonly kind: string
  readonly flavors: string[]
  readonly mode?: string
  readonly files?: Record<string, string>
  readonly routes?: string[]
  readonly cases?: Record<string, unknown>[]
  readonly preload?: string[]
  readonly steps?: Record<string, unknown>[]
  readonly phases?: Phase[]
  readonly register?: { path: string; ok: boolean }[]
  readonly lookups?: { path: string; expect: Record<string, unknown> }[]
  readonly router1?: [method: string, path: string][]
  readonly router2?: [method: string, path: string][]
  readonly requests?: Exchange[]
}

/** A random route set with what the reference made of it. */
export interface RandomSet {
  readonly register: [path: string, error: string | null][]
  readonly lookups: [path: string, match: string | null, tsr: number, Record<string, string>][]
}

/** A file of `__test__/cases`. */
export function readCases(name: string): unknown {
  return JSON.parse(readFileSync(`${root}__test__/cases/${name}`, 'utf8')) as unknown
}

/** The suites that say what the reference does. */
export const suites: readonly Suite[] = (
  readCases('router-cases.json') as { suites: Suite[] }
).suites.filter(({ flavors }) => flavors.includes('fasthttprouter'))

/** Those of one kind. */
export function ofKind(kind: string): readonly Suite[] {
  return suites.filter((suite) => suite.kind === kind)
}

/** The random route sets. */
export const randomSets: readonly RandomSet[] = (
  readCases('router-fuzz-cases.json') as { sets: RandomSet[] }
).sets

/** Method and path of every route of a benchmark set. */
export function routesOf(name: string): { method: string; path: string }[] {
  type Routes = { method: string; path: string }[]
  const set = readCases(`routes-${name}.json`) as { routes: Routes; disabledInBenchmark?: Routes }
  return [...set.routes, ...(set.disabledInBenchmark ?? [])]
}
