import { setMaxListeners } from 'node:events'
import { integer, MOST, timeLimit } from '../crossing/checks.ts'
import { checkNames } from '../errors.ts'

/** How a server is emptied. Times are in milliseconds. */
export interface DrainOptions {
  /** How long clients are still accepted, so that whoever sends them can hear that it is to stop. Default 0. */
  lameDuck?: number
  /** How long idle connections may bring a request that is under way already. Default 5000. */
  keepAliveGrace?: number
  /** When what is left is cut, from the beginning. Default: never. */
  timeout?: number
}

/** What has become of a server that was emptied. */
export interface Drained {
  /** Connections that were cut with a request unanswered or an answer unsent. */
  readonly cut: number
}

const NAMES = ['lameDuck', 'keepAliveGrace', 'timeout']

/** Options with every default filled in. */
export interface CheckedDrain {
  readonly lameDuck: number
  readonly keepAliveGrace: number
  readonly timeout: number | undefined
}

/** Checks options of `drain`; throws `TypeError` or `RangeError`. */
export function checkDrain(options: DrainOptions): CheckedDrain {
  checkNames('option of drain', options, NAMES)
  const { lameDuck, keepAliveGrace, timeout } = options
  return {
    lameDuck: integer('lameDuck', lameDuck, 0, MOST, 0),
    keepAliveGrace: integer('keepAliveGrace', keepAliveGrace, 0, MOST, 5000),
    timeout: timeLimit('timeout', timeout),
  }
}

/** Checks the option of `close`; throws `TypeError` or `RangeError`. */
export function checkClose(options: object): number | undefined {
  checkNames('option of close', options, ['timeout'])
  return timeLimit('timeout', (options as DrainOptions).timeout)
}

/** The signal of one run of a server, made when somebody asks for it. */
export class Leaving {
  #controller: AbortController | undefined
  #hasBegun = false

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      // Each stream that is open listens, and that is meant.
      setMaxListeners(0, this.#controller.signal)
      if (this.#hasBegun) this.#controller.abort()
    }
    return this.#controller.signal
  }

  /** The server begins to end. */
  begin(): void {
    this.#hasBegun = true
    this.#controller?.abort()
  }
}
