import type { NativeRouter } from '../crossing/native.ts'
import type { Handler } from './dispatch.ts'

/** A server's handler whose requests are matched by the addon, as `Router` is one. */
export interface Routed {
  /** The same as an ordinary handler. */
  readonly handler: Handler
  /** Patterns by method. */
  list(): Record<string, string[]>
}

/** What a router has for a server. */
export interface Matching {
  /** The table that the I/O threads match. */
  readonly native: NativeRouter
  /** Takes requests that were matched. */
  readonly handler: Handler
}

/** The mark of a router, whichever copy of the package made it: another one's table is of no use here. */
const BRAND = Symbol.for('fasthttp.router')

// Not members of the router: a user could hand its table to something else.
const matchings = new WeakMap<object, Matching>()

/** Makes `router` a handler whose requests are matched by the addon. */
export function setMatching(router: Routed, matching: Matching): void {
  matchings.set(router, matching)
  Object.defineProperty(router, BRAND, { value: true })
}

/** Whether it is a router that another copy of the package has made. */
export function isForeignRouter(value: unknown): boolean {
  return matchingOf(value) === undefined && typeof value === 'object' && BRAND in (value ?? {})
}

/** What a router has for a server; `undefined` for anything else. */
export function matchingOf(value: unknown): Matching | undefined {
  return typeof value === 'object' && value !== null ? matchings.get(value) : undefined
}
