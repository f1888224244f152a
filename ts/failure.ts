import { HttpError } from './errors.ts'
import { type HttpResponse, NO_RESULT, reply, text } from './response.ts'

const FAILED = text('Internal Server Error', { status: 500 })

/** Says that `onError` itself failed. */
export function printFailure(error: unknown): void {
  try {
    console.error('fasthttp: onError failed', error)
  } catch {
    console.error('fasthttp: onError failed with an error that cannot be printed')
  }
}

/** Whether an error is an answer. It can be anything: to look at it may fail as well. */
export function isAnswer(error: unknown): error is HttpError {
  try {
    return error instanceof HttpError
  } catch {
    return false
  }
}

/** What the client hears of an error. */
export function answerTo(error: unknown): HttpResponse {
  try {
    if (isAnswer(error)) return reply(error.status, error.message)
  } catch {
    // Then it is none.
  }
  return FAILED
}

/** Whether a handler returned nothing to send, as one does that has taken the connection. */
export function isNoResult(error: unknown): boolean {
  return error instanceof TypeError && (error as { code?: unknown }).code === NO_RESULT
}
