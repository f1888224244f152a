import { type HttpRequest, recordOf } from './request.ts'

/**
 * @internal Ends the connection of a request behind its answer, which may be given before or after.
 * What was pipelined behind the request is not read.
 */
export function finishConnection(request: HttpRequest): void {
  const { chunk, at } = recordOf(request)
  chunk.lane.finish(chunk.words, at)
}
