import type { Outcome } from './course.ts'
import { courseOf, knownCourse, recordOf } from './friends.ts'
import type { HttpRequest } from './request.ts'

/**
 * @internal Ends the connection of a request behind its answer, which may be given before or after.
 * What was pipelined behind the request is not read.
 */
export function finishConnection(request: HttpRequest): void {
  const { chunk, at } = recordOf(request)
  chunk.lane.finish(chunk.words, at)
}

/** @internal The request is at its end; whoever waits for that hears of the first one. */
export function endRequest(request: HttpRequest, outcome: Outcome): void {
  knownCourse(request)?.end(outcome)
}

/** @internal Says that the client is gone. */
export function abortRequest(request: HttpRequest): void {
  courseOf(request).abort()
}

/** @internal Whether the client is gone. */
export function isAborted(request: HttpRequest): boolean {
  return knownCourse(request)?.isAborted === true
}

/** @internal Whether the handler has taken the connection, or the answer, over. */
export function isTaken(request: HttpRequest): boolean {
  return knownCourse(request)?.isTaken === true
}

/** @internal What readers of the body hear if the client has left before its end. */
export function lostBody(request: HttpRequest): Error | undefined {
  return knownCourse(request)?.intake?.lost
}
