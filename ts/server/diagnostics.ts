import { type Channel, channel } from 'node:diagnostics_channel'
import type { Outcome } from '../request/course.ts'
import type { HttpRequest } from '../request/request.ts'

/**
 * What is published on `node:diagnostics_channel`, in the async context of its request:
 * `fasthttp.server.request.start` when a handler is about to be called,
 * `fasthttp.server.response.created` when its result is there, and
 * `fasthttp.server.response.finish` at the end, once for each start. Requests that are refused natively
 * never get here; `server.stats()` counts them.
 *
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 * import type { RequestMessage } from 'fasthttp'
 *
 * subscribe('fasthttp.server.response.finish', (message) => {
 *   const { request, outcome } = message as RequestMessage
 *   console.log(request.method, request.path, outcome)
 * })
 * ```
 */
export interface RequestMessage {
  /** The request. */
  readonly request: HttpRequest
  /** The server that got it. */
  readonly server: object
  /** What the handler gave, or the response to its failure; not at the start, nor where there is none. */
  readonly response?: unknown
  /** How it ended; at the end only. */
  readonly outcome?: Outcome
}

/** @internal */
export const requestStart: Channel = channel('fasthttp.server.request.start')
/** @internal */
export const responseCreated: Channel = channel('fasthttp.server.response.created')
/** @internal */
export const responseFinish: Channel = channel('fasthttp.server.response.finish')
