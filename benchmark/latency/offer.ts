import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { compile } from '../support/compile.ts'
import type { Histogram } from './histogram.ts'

/** What a server is asked. */
export interface Offer {
  readonly port: number
  /** Requests a second; 0: as many as the connections can carry, each asking again when it is answered. */
  readonly rate: number
  readonly seconds: number
  readonly connections: number
  readonly path: string
  /** What one request in so many asks for instead. */
  readonly other?: { readonly path: string; readonly oneIn: number }
  /** Whether the client never sleeps. */
  readonly spins?: boolean
}

/** What became of it. Times are nanoseconds from when a request was to be sent until its answer was there. */
export interface Outcome {
  readonly sent: number
  readonly answered: number
  /** Requests whose connection ended, or whose answer was none, or not 200. */
  readonly failed: number
  /** Requests without an answer 5 s behind the last; they are in the histograms with the time until then. */
  readonly unfinished: number
  readonly reopened: number
  readonly seconds: number
  /** The share of the time in which the client had something to do; near 1 the client is the limit. */
  readonly busy: number
  readonly plain: Histogram
  /** Of the requests for `other`. */
  readonly other: Histogram
  /** How much later than it could the client sent. */
  readonly late: Histogram
}

const run = promisify(execFile)
let program: string | undefined

/** Sends requests to a server on 127.0.0.1, from a core of its own if one is named. */
export async function offer(asked: Offer, core?: string): Promise<Outcome> {
  program ??= compile('latency/open-loop')
  const { port, rate, seconds, connections, path, other, spins = false } = asked
  const numbers = [port, Math.round(rate), seconds, connections].map(String)
  const others = other === undefined ? [] : [other.path, String(other.oneIn)]
  const command = [
    ...(core === undefined ? [] : ['taskset', '-c', core]),
    program,
    ...(spins ? ['--spin'] : []),
  ]
  const [first = '', ...args] = [...command, ...numbers, path, ...others]
  const { stdout } = await run(first, args, { maxBuffer: 16 << 20 })
  return JSON.parse(stdout) as Outcome
}

/** The histogram that the client makes of whole numbers. */
export async function histogramOf(values: readonly number[]): Promise<Histogram> {
  program ??= compile('latency/open-loop')
  const counting = run(program, ['histogram'], { maxBuffer: 16 << 20 })
  counting.child.stdin!.end(values.join('\n'))
  return JSON.parse((await counting).stdout) as Histogram
}
