import { type Channel, channel } from 'node:diagnostics_channel'
import type { HttpRequest } from './request.ts'

/**
 * What is published on `node:diagnostics_channel`, on the channels of node:http:
 * `http.server.request.start` when a handler is about to be called, in the async scope of its
 * request; `http.server.response.created` when its result is there, with the same `response`;
 * `http.server.response.finish` when the answer was handed to the I/O thread. Requests that are
 * refused natively never get here; `server.stats()` counts them.
 */
export interface RequestMessage {
  /** The request. */
  readonly request: HttpRequest
  /** The server that got it. */
  readonly server: object
  /** What the handler gave, or the response to its failure; not at the start. */
  readonly response?: unknown
}

/** @internal */
export const requestStart: Channel = channel('http.server.request.start')
/** @internal */
export const responseCreated: Channel = channel('http.server.response.created')
/** @internal */
export const responseFinish: Channel = channel('http.server.response.finish')
