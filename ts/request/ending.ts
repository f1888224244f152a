import { type HttpRequest, recordOf } from './request.ts'

/** How a request ended. */
export type Outcome =
  /** Its answer was handed to the I/O thread whole: a stream and `raw()` when they were complete. */
  | 'sent'
  /** Its client left before, or the server gave it up: a time-out was over. */
  | 'aborted'
  /** Its answer broke off: the source of a stream failed, or what `raw()` was given is no response. */
  | 'failed'
  /** Its connection was taken over. */
  | 'taken'

/**
 * @internal Ends the connection of a request behind its answer, which may be given before or after.
 * What was pipelined behind the request is not read.
 */
export function finishConnection(request: HttpRequest): void {
  const { chunk, at } = recordOf(request)
  chunk.lane.finish(chunk.words, at)
}
