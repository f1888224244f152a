import type { Socket } from 'node:net'
import { show } from '../errors.ts'
import { bytes, empty, type Handler, type HttpRequest, type HttpResult, text } from '../index.ts'
import { finishConnection } from '../request/ending.ts'
import { Client, cutClient, endClient, isGivenUp, isTaken } from './client.ts'
import { HttpCode } from './code.ts'
import { fieldLines, type HeadersInput, NO_TYPE, responseFields } from './fields.ts'
import { HttpHeaders } from './headers.ts'
import { type HttpMethod, isHttpMethod } from './method.ts'
import { parseTarget, type Uri } from './uri.ts'
import { parseProtocol, type Protocol } from './version.ts'

/** Answers a request by `req.respond`, or by hand through `req.client`, before it is done. */
export type Callback = (request: Request) => Promise<unknown> | unknown

/** Hears of what went wrong. */
export type Report = (error: unknown, request: Request | undefined) => void

/** @internal Calls a callback for a request, and gives what it answered. */
let exchange: (request: Request, callback: Callback) => ReturnType<Handler>

const DONE = Promise.resolve()
const UNKNOWN = text('501 Not Implemented', { status: 501 })
const NO_TUNNEL = empty(501, { headers: { Connection: 'close' } })

/** A request as its callback sees it. A view: nothing is decoded before it is touched. */
export class Request {
  readonly #http: HttpRequest
  readonly #report: Report
  #isOver = false
  #answer: HttpResult | undefined = undefined
  #settle: ((answer: HttpResult) => void) | undefined = undefined
  #client: Client | undefined = undefined
  #headers: HttpHeaders | undefined = undefined
  #url: Uri | undefined = undefined
  #protocol: Protocol | undefined = undefined
  #body: string | undefined = undefined

  /** @internal */
  constructor(http: HttpRequest, report: Report) {
    this.#http = http
    this.#report = report
  }

  /** The connection, to write to by hand. */
  get client(): Client {
    return (this.#client ??= new Client({
      take: () => this.#take(),
      isAnswered: () => this.#answer !== undefined,
      finish: () => finishConnection(this.#http),
    }))
  }

  /** The method. Requests with another one than the nine are answered 501. */
  get reqMethod(): HttpMethod {
    return this.#http.method as HttpMethod
  }

  /** The field lines, with the values as sent; the same object each time, and this request's alone. */
  get headers(): HttpHeaders {
    return (this.#headers ??= new HttpHeaders(this.#http.headers))
  }

  /** The version of the request line. */
  get protocol(): Protocol {
    if (this.#protocol === undefined) {
      const { start, len } = this.#http.slices.version
      const { buffer } = this.#http
      this.#protocol = parseProtocol(String.fromCharCode(...buffer.subarray(start, start + len)))
    }
    return this.#protocol
  }

  /** The target, in its parts and not decoded; see `parseTarget`. */
  get url(): Uri {
    return (this.#url ??= parseTarget(this.#http.method, this.#http.url))
  }

  /** The client's address, without its port; '' if it has none. It has nothing to do with `Host`. */
  get hostname(): string {
    return this.#http.remoteAddress
  }

  /** The whole body as text (UTF-8; malformed bytes become U+FFFD); '' if there is none. */
  get body(): string {
    return (this.#body ??= this.#http.text())
  }

  /** The whole body as bytes, a copy. */
  get bodyBytes(): HttpRequest['body'] {
    return this.#http.body
  }

  /**
   * Answers the request: a code, a body (a string is sent as UTF-8), and field lines. `Date`,
   * `Content-Length` and where needed `Connection` are added, nothing else. Resolves when the answer
   * is on its way; an answer to a client that is gone is dropped. A CONNECT is accepted through
   * `client` alone (RFC 9110 §9.3.6): an answer 2xx to it is sent as 501.
   *
   * Throws, with nothing sent, `RangeError` for a code below 200, `TypeError` for field lines that
   * are none (CR, LF, a name that is no token, Transfer-Encoding, a Content-Length that is not the
   * body's) or content that is neither text nor bytes, and `ERR_INVALID_STATE` for a second answer. One
   * that comes when the callback has ended without is too late: `onError` hears of that.
   */
  respond(
    code: HttpCode | number,
    content: string | Uint8Array = '',
    headers?: HeadersInput | null,
  ): Promise<void> {
    if (this.#answer !== undefined) throw invalidState('the request is answered already')
    if (this.#client !== undefined && isTaken(this.#client)) {
      throw invalidState('the connection is written to by hand: write the answer to it as well')
    }
    const answer = answerOf(this.#http.method, HttpCode(code), content, headers)
    this.#answer = answer
    this.#settle?.(answer)
    // Whoever answers so late does it from a timer or the like, where an error would end the process.
    if (this.#isOver) this.#report(invalidState('the callback had ended before it answered'), this)
    return DONE
  }

  /**
   * Writes field lines to `client`, by hand: no status line, and no blank line behind them. Resolves
   * and throws as `client.write` does, and `TypeError` for field lines that are none.
   */
  sendHeaders(headers: HeadersInput): Promise<void> {
    return this.client.write(fieldLines(headers))
  }

  #take(): Socket {
    if (this.#answer !== undefined) throw invalidState('the request is answered already')
    return this.#http.takeover()
  }

  /** The callback is done. */
  #complete(): HttpResult {
    if (this.#answer !== undefined) return this.#answer
    // What a handler returns is ignored when it has the connection, and when the client is gone.
    if (this.#client !== undefined && endClient(this.#client)) return empty()
    if (this.#client !== undefined && isGivenUp(this.#client)) return empty(500)
    // One that has ended its side alone reads on, and nothing was done for it.
    if (this.#http.signal.aborted) return empty(500)
    this.#isOver = true
    throw new Error('a callback ended without an answer')
  }

  /** The callback has failed. */
  #fail(error: unknown): HttpResult {
    if (this.#client !== undefined) cutClient(this.#client)
    this.#isOver = this.#answer === undefined
    if (this.#answer === undefined) throw error
    this.#report(error, this)
    return this.#answer
  }

  static {
    exchange = (request, callback) => {
      let done: unknown
      try {
        done = callback(request)
      } catch (error) {
        return request.#fail(error)
      }
      if (typeof done !== 'object' || done === null || !('then' in done)) return request.#complete()
      const answer = request.#answer
      if (answer !== undefined) {
        // Most callbacks are over by now; whoever fails behind the answer is still heard.
        if (done !== DONE) {
          const ended = done instanceof Promise ? done : Promise.resolve(done)
          ended.then(undefined, (error: unknown) => request.#report(error, request))
        }
        return answer
      }
      return new Promise((resolve, reject) => {
        request.#settle = resolve
        Promise.resolve(done)
          .then(
            () => request.#complete(),
            (error: unknown) => request.#fail(error),
          )
          .then(resolve, reject)
      })
    }
  }
}

function answerOf(
  method: string,
  { code: status, text: statusText }: HttpCode,
  content: string | Uint8Array,
  headers: HeadersInput | null | undefined,
): HttpResult {
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
    throw new TypeError(`content must be a string or a Uint8Array, got ${show(content)}`)
  }
  const isLast = method === 'CONNECT'
  const isBodiless = method === 'HEAD' || status === 304
  const fields =
    headers === undefined && !isLast
      ? NO_TYPE
      : responseFields(headers, { content, isLast, isBodiless })
  const init = { status, statusText, headers: fields }
  // Whoever answers every request alike has no tunnel.
  if (isLast && status >= 200 && status < 300) return NO_TUNNEL
  if (content === '') return empty(status, init)
  return typeof content === 'string' ? text(content, init) : bytes(content, init)
}

/** Answers `req`; see `Request.respond`. */
export function respond(
  req: Request,
  code: HttpCode | number,
  content: string | Uint8Array = '',
  headers?: HeadersInput | null,
): Promise<void> {
  return req.respond(code, content, headers)
}

/** Writes field lines by hand; see `Request.sendHeaders`. */
export function sendHeaders(req: Request, headers: HeadersInput): Promise<void> {
  return req.sendHeaders(headers)
}

/** @internal Makes a handler of a callback. */
export function handlerOf(callback: Callback, report: Report): Handler {
  return (http) =>
    isHttpMethod(http.method) ? exchange(new Request(http, report), callback) : UNKNOWN
}

function invalidState(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_INVALID_STATE' })
}
