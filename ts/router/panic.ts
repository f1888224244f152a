import { isTaken } from '../request/ending.ts'
import type { HttpRequest } from '../request/request.ts'
import { isAnswer } from '../response/failure.ts'
import { isThenable } from '../response/pending.ts'
import type { HttpResult } from '../response/response.ts'
import type { PanicHandler } from './routing.ts'

/** What a handler answers; where it throws or rejects, what the panic handler does. */
export function rescued(
  panicHandler: PanicHandler,
  req: HttpRequest,
  answer: (req: HttpRequest) => HttpResult | Promise<HttpResult>,
): HttpResult | Promise<HttpResult> {
  const rescue = (error: unknown): HttpResult | Promise<HttpResult> => {
    // Who has taken the connection is not answered for: the server breaks off what was begun.
    if (isAnswer(error) || isTaken(req)) throw error
    return recover(panicHandler, req, error)
  }
  try {
    const result = answer(req)
    return isThenable(result) ? Promise.resolve(result).then(undefined, rescue) : result
  } catch (error) {
    return rescue(error)
  }
}

/** Has a panic handler answer; where it fails as well, both errors are told. */
function recover(
  panicHandler: PanicHandler,
  req: HttpRequest,
  error: unknown,
): HttpResult | Promise<HttpResult> {
  const failed = (second: unknown): never => {
    if (second === error || isAnswer(second)) throw second
    throw new AggregateError([error, second], 'panicHandler failed with an error of its own')
  }
  try {
    const result = panicHandler(req, error)
    return isThenable(result) ? Promise.resolve(result).catch(failed) : result
  } catch (second) {
    return failed(second)
  }
}
