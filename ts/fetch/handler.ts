import { types } from 'node:util'
import { checkNames, coded, show } from '../errors.ts'
import type { Handler, HttpRequest, HttpResult, OnError } from '../index.ts'
import { isTaken, lostBody } from '../request/ending.ts'
import { NO_RESULT } from '../response/encoded.ts'
import { isAnswer, isLeft, printFailure } from '../response/failure.ts'
import { fetchedResult, isFetched } from '../response/fetched.ts'
import { isThenable } from '../response/pending.ts'
import { type FetchContext, type Keep, LazyContext } from './context.ts'
import { type FetchRequest, LazyRequest } from './request.ts'

/** Answers a request of the Fetch API, at once or later, as Hono, h3, tRPC and their like do. */
export type FetchHandler = (
  request: FetchRequest,
  context: FetchContext,
) => Response | Promise<Response>

/** What becomes of errors of a fetch handler. */
export interface FetchHandlerOptions {
  /**
   * Answers in place of a handler that has failed, or of a Response whose body has, if that is before its first
   * chunk and within a turn of the loop. Not called for what is an answer itself, a thrown
   * `Response` or `HttpError`, nor when the client has left. What this throws is answered 500 and told to
   * `onError`; so is a `TypeError`, with the handler's error as its `cause`, if this gives no `Response`. Default:
   * everything that a handler throws is.
   */
  error?: (error: unknown) => Response | Promise<Response>
  /** Hears of work given to `waitUntil` that has failed. Default: it is printed. */
  onError?: OnError
}

const NAMES = ['error', 'onError']

/**
 * Makes a plain handler of a fetch handler, for a route or a whole server.
 *
 * Throws `TypeError` for what is no function, and for a wrong option, which it names.
 *
 * @example
 * ```ts
 * import { createServer, Router } from 'fasthttp'
 * import { toHandler } from 'fasthttp/fetch'
 *
 * const app = (req: Request): Response => new Response(new URL(req.url).pathname)
 * const router = new Router()
 * router.get('/', () => 'Hello, World!')
 * for (const method of ['GET', 'POST']) router.handle(method, '/app/*rest', toHandler(app))
 * createServer(router)
 * ```
 */
export function toHandler(fetch: FetchHandler, options: FetchHandlerOptions = {}): Handler {
  checkNames('option of toHandler', options, NAMES)
  const { error, onError } = options
  if (onError !== undefined && typeof onError !== 'function') throw noFunction('onError', onError)
  return handlerOf(fetch, error, (work, req) => void watched(work, req, onError))
}

/** Settles when the work is over, never badly: what it fails with is told. */
export async function watched(
  work: PromiseLike<unknown>,
  req: HttpRequest,
  onError: OnError = print,
): Promise<void> {
  try {
    await work
  } catch (error) {
    try {
      onError(error, req)
    } catch (second) {
      printFailure(second)
    }
  }
}

/** The same with somebody who looks after work that goes on. */
export function handlerOf(
  fetch: FetchHandler,
  error: FetchHandlerOptions['error'],
  keep: Keep,
): Handler {
  if (typeof fetch !== 'function') throw noFunction('fetch', fetch)
  const run = (req: HttpRequest): HttpResult | Promise<HttpResult> => {
    const result = fetch(
      new LazyRequest(req) as unknown as FetchRequest,
      new LazyContext(req, keep),
    )
    return isThenable(result) ? result.then(checked) : checked(result)
  }
  if (error === undefined) return run
  if (typeof error !== 'function') throw noFunction('error', error)
  const rescue = (cause: unknown, req: HttpRequest): HttpResult | Promise<HttpResult> => {
    if (isAnswer(cause) || isLeft(cause, lostBody(req))) throw cause
    const result = error(cause)
    if (!isThenable(result)) return checkedInstead(result, cause)
    return result.then((given) => checkedInstead(given, cause))
  }
  return (req) => {
    try {
      const result = run(req)
      const ready = isThenable(result)
        ? Promise.resolve(result).then((response) => readied(response, req))
        : readied(result, req)
      if (!isThenable(ready)) return ready
      return Promise.resolve(ready).catch((cause: unknown) => rescue(cause, req))
    } catch (cause) {
      return rescue(cause, req)
    }
  }
}

/** What becomes of a Response, of which the body may fail before anything of it is sent. */
function readied(result: HttpResult, req: HttpRequest): HttpResult | Promise<HttpResult> {
  if (!isFetched(result) || isTaken(req)) return result
  return fetchedResult(result, req.method === 'HEAD', req)
}

/**
 * Whether something may be an answer of a fetch handler: no text and no bytes, with which a plain handler
 * writes one, and a fetch handler has forgotten `new Response`.
 */
function mayAnswer(result: Response): boolean {
  return typeof result === 'object' && result !== null && !types.isUint8Array(result)
}

function checked(result: Response): Response {
  if (mayAnswer(result)) return result
  throw noResponse('a fetch handler', result)
}

/** The same of what `error` has given; what it was asked about is not lost. */
function checkedInstead(result: Response, cause: unknown): Response {
  if (mayAnswer(result)) return result
  throw noResponse('error', result, { cause })
}

function noResponse(who: string, result: unknown, options?: ErrorOptions): TypeError {
  const message = `${who} must return a Response, got ${show(result)}`
  // Whoever has taken the connection need not answer.
  return coded(NO_RESULT, new TypeError(message, options))
}

function noFunction(what: string, value: unknown): TypeError {
  const hasFetch = typeof value === 'object' && value !== null && 'fetch' in value
  const hint = hasFetch ? ' with fetch: give that' : ''
  return new TypeError(`${what} must be a function, got ${show(value)}${hint}`)
}

function print(error: unknown, req: HttpRequest | undefined): void {
  console.error(`${req?.method} ${req?.path}`, error)
}
