import { types } from 'node:util'
import { guarded } from '../crossing/uncaught.ts'
import { answerOf } from '../errors.ts'
import { NO_RESULT } from './encoded.ts'
import { isFetched } from './fetched.ts'
import { type HttpResponse, reply, text } from './response.ts'

const FAILED = text('Internal Server Error', { status: 500 })

/** Says that `onError` itself failed. */
export function printFailure(error: unknown): void {
  try {
    console.error('fasthttp: onError failed', error)
  } catch {
    guarded(() => console.error('fasthttp: onError failed with an error that cannot be printed'))
  }
}

/** Whether what was thrown is an answer. It can be anything: to look at it may fail as well. */
export function isAnswer(error: unknown): boolean {
  try {
    return isFetched(error) || answerOf(error) !== undefined
  } catch {
    return false
  }
}

/** What the client hears of an error, and what is told of it if that is the server's fault. */
export function answerTo(error: unknown): { answer: HttpResponse; told: unknown } {
  try {
    const said = answerOf(error)
    if (said !== undefined)
      return { answer: reply(said.status, said.message, said.headers), told: error }
  } catch (wrong) {
    const message = 'an error cannot be answered as it says'
    return { answer: FAILED, told: new AggregateError([error, wrong], message) }
  }
  return { answer: FAILED, told: error }
}

/** How deep an error may lie in the causes of another one. */
const DEPTH = 8

/**
 * Whether a handler has failed because its client left before the body was complete: `lost` is what
 * readers of the body have heard then.
 */
export function isLeft(error: unknown, lost: Error | undefined): boolean {
  if (lost === undefined) return false
  try {
    let at = error
    for (let depth = 0; depth < DEPTH && types.isNativeError(at); depth++) {
      const { name, code } = at as { name: string; code?: unknown }
      // What streams and signals make of it.
      if (at === lost || name === 'AbortError' || code === 'ERR_STREAM_PREMATURE_CLOSE') return true
      at = at.cause
    }
  } catch {
    // Then it is something else.
  }
  return false
}

/** Whether a handler returned nothing to send, as one does that has taken the connection. */
export function isNoResult(error: unknown): boolean {
  try {
    return error instanceof TypeError && (error as { code?: unknown }).code === NO_RESULT
  } catch {
    return false
  }
}
