import { HELLO, RECORD } from '../support/answers.ts'
import type { Offer } from './offer.ts'

/** What all servers are asked. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly path: string
  /** The body of a right answer to `path`. */
  readonly body: string
  readonly other?: NonNullable<Offer['other']>
  /** Who is measured, of those chosen; all unless told. */
  readonly only?: readonly string[]
  /** Whether the collector of V8 is watched, which costs a little. */
  readonly watches?: boolean
  /** MiB of objects that live as long as the server. */
  readonly ballast?: number
  /** Shares of the capacity in per cent, and requests a second, if not all that are chosen. */
  readonly loads?: readonly number[]
  readonly rates?: readonly number[]
}

const HEAPS = ['ours-sync', 'ours-sync-0', 'ours-node', 'node:http', 'fastify']

/** Who is measured unless told; `limit` knows one answer only. */
export const SERVERS: readonly string[] = ['limit', ...HEAPS, 'bun', 'go-fasthttp']
const routing = SERVERS.filter((name) => name !== 'limit')

/** In the order in which they are run. */
export const scenarios: readonly Scenario[] = [
  { name: 'hello', title: 'a short text', path: '/', body: HELLO },
  {
    name: 'slow',
    title: 'a short text; one handler in a hundred computes for 5 ms',
    path: '/',
    body: HELLO,
    other: { path: '/burn', oneIn: 100 },
    only: routing,
  },
  {
    name: 'timer',
    title: 'JSON behind a timer of 1 ms',
    path: '/timer',
    body: JSON.stringify(RECORD),
    only: routing,
  },
  {
    name: 'garbage',
    title: 'a short text, with the collector watched',
    path: '/',
    body: HELLO,
    only: HEAPS,
    watches: true,
    loads: [50],
    rates: [],
  },
  {
    name: 'heap',
    title: 'a short text, with 200 MiB of objects on the heap',
    path: '/',
    body: HELLO,
    only: [...HEAPS, 'bun'],
    watches: true,
    ballast: 200,
    loads: [50],
    rates: [],
  },
]
