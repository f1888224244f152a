import { AsyncResource } from 'node:async_hooks'
import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import type { Chunk } from '../crossing/lane.ts'
import { DOWN, META, METHODS, REQUEST } from '../crossing/layout.ts'
import { coded, HttpError } from '../errors.ts'
import { formatAddress } from './address.ts'
import type { Outcome } from './ending.ts'
import { type HttpHeaders, lookup, RequestHeaders } from './headers.ts'
import { checkLinks } from './hints.ts'
import { Intake } from './intake.ts'
import { byName, decodeValue, type MatchedRoute, NO_PARAMS, type Params } from './params.ts'
import { openRaw } from './raw.ts'
import { type RequestSlices, slicesOf } from './slices.ts'
import { takeOver, type TakenSocket } from './takeover.ts'

const decode = TextDecoder.prototype.decode.bind(new TextDecoder())

// Not static members: a handler reaches those, and with them the server's memory.

/** @internal The record of a request. */
export let recordOf: (request: HttpRequest) => { chunk: Chunk; at: number }
/** @internal The chunk of that record, for who must not make an object of both. */
export let chunkOf: (request: HttpRequest) => Chunk
/** @internal The word of the chunk at which it begins. */
export let placeOf: (request: HttpRequest) => number
/** @internal Moves a request's bytes out of a chunk that is let go. */
export let moveRecord: (request: HttpRequest) => void
/** @internal Whether the handler has taken the connection. */
export let isTaken: (request: HttpRequest) => boolean
/** @internal What readers of the body hear if the client has left before its end. */
export let lostBody: (request: HttpRequest) => Error | undefined
/** @internal Has `ended` called at the end of the request, with what it is answered. */
export let whenEnded: (
  request: HttpRequest,
  ended: (outcome: Outcome, response: unknown) => void,
) => void
/** @internal Notes the answer for whoever waits for the end. */
export let noteResponse: (request: HttpRequest, response: unknown) => void
/** @internal The request is at its end; whoever waits for that hears of the first one. */
export let endRequest: (request: HttpRequest, outcome: Outcome) => void
/** @internal Gives up the answer that the handler began to write by hand. */
export let giveUp: (request: HttpRequest, error: unknown) => void
/** @internal Takes the connection, with what was read behind the request apart. */
export let takeConnection: (request: HttpRequest, allowHalfOpen: boolean) => TakenSocket
/** The route parameters of a request as they are in `path`, with its escapes; the prototype is null. */
export let rawParams: (request: HttpRequest) => Params
/** @internal The number of the route that the addon found; negative for none. */
export let routeOf: (request: HttpRequest) => number
/** @internal Gives a request its route. */
export let setRoute: (request: HttpRequest, route: MatchedRoute | undefined) => void
/** @internal The route of a request; none of what somebody else calls a request. */
export let matchedRoute: (request: unknown) => MatchedRoute | undefined
/** @internal Whether the client is gone. */
export let isAborted: (request: HttpRequest) => boolean
/** @internal Makes ready for a body that comes in pieces. */
export let openIntake: (request: HttpRequest) => void
/** @internal Says that the client is gone. */
export let abortRequest: (request: HttpRequest) => void

/**
 * A view of one request.
 *
 * Valid for ever: after the answer, after an `await`, after the connection is gone. Nothing is
 * decoded before it is touched, and bytes are handed out only as copies with memory of their own.
 */
export class HttpRequest<P extends Params = Params> {
  #chunk: Chunk
  #route: MatchedRoute | undefined = undefined
  #at: number
  #path: string | undefined = undefined
  #lazy: Lazy | undefined = undefined

  /** @internal */
  constructor(chunk: Chunk, at: number) {
    this.#chunk = chunk
    this.#at = at
  }

  /** The method as sent; any token (RFC 9110 §9.1), case kept. */
  get method(): string {
    const code = ((this.#chunk.words[this.#at] as number) >> 8) & 0xff
    return METHODS[code] || this.#slice(0, this.#word(REQUEST.methodLen))
  }

  /** The request-target as sent (RFC 9112 §3.2). */
  get url(): string {
    return this.#slice(this.#word(REQUEST.methodLen) + 1, this.#word(REQUEST.targetLen))
  }

  /**
   * The path of the target without the query, in its normal form (RFC 3986 §6.2.2), by which routes are
   * matched too: escapes of letters, digits and `-._~` are decoded, all others stay, in upper case;
   * malformed ones are as sent. Of an absolute-form target only the path ('/' if it has none); '*' for
   * `OPTIONS *`. `url` has it as sent.
   */
  get path(): string {
    return (this.#path ??=
      this.#slice(this.#word(REQUEST.path), this.#word(REQUEST.pathLen)) || '/')
  }

  /** What follows the '?', without it, still percent-encoded; '' if there is none. */
  get query(): string {
    const length = this.#word(REQUEST.queryLen)
    return length === 0 ? '' : this.#slice(this.#word(REQUEST.query), length)
  }

  /** The query, decoded. */
  get searchParams(): URLSearchParams {
    return (this.#more.searchParams ??= new URLSearchParams(this.query))
  }

  /** The client's version; a higher minor version counts as 1.1 (RFC 9110 §2.5). */
  get httpVersion(): '1.0' | '1.1' {
    return ((this.#chunk.words[this.#at] as number) >> 16) & 1 ? '1.1' : '1.0'
  }

  /** The field lines. */
  get headers(): HttpHeaders {
    return (this.#more.headers ??= new RequestHeaders(() => [this.#chunk, this.#at]))
  }

  /**
   * The value of a field, whatever the case of its name; `undefined` if it was not sent. Several
   * field lines are joined by ', ' (RFC 9110 §5.3), those of Cookie by '; '.
   */
  header(name: string): string | undefined {
    return lookup(this.#chunk, this.#at, String(name))
  }

  /** The decoded body, a copy with memory of its own; length 0 if there is none. */
  get body(): Uint8Array {
    this.#demandWhole()
    return (this.#more.body ??= this.#copy(
      this.#word(REQUEST.headLen),
      this.#word(REQUEST.bodyLen),
    ))
  }

  /** The body as UTF-8; malformed bytes become U+FFFD, a byte order mark is dropped. */
  text(): string {
    this.#demandWhole()
    const start = this.#word(REQUEST.raw) + this.#word(REQUEST.headLen)
    return decode(this.#chunk.bytes.subarray(start, start + this.#word(REQUEST.bodyLen)))
  }

  /** The body as JSON. Throws `HttpError` 400 if it is none. */
  json<T = unknown>(): T {
    const text = this.text()
    try {
      return JSON.parse(text) as T
    } catch {
      // The parser's message quotes the body, which must not be echoed.
      throw new HttpError(400, 'The request body is not valid JSON')
    }
  }

  /**
   * The body as a web stream; the same object each time. With `bodyMode: 'stream'` the client sends
   * no faster than it is read, and gets its 100 Continue when it is read first; else the body is its
   * only chunk. What is unread when the answer is given is lost.
   *
   * Reading rejects with `ECONNRESET` when the client leaves, with `HttpError` when its body breaks a
   * rule or a limit (413, 408, 400: the client gets that status, whatever the handler answers), and
   * with `ERR_INVALID_STATE` behind the answer.
   */
  stream(): ReadableStream<Uint8Array> {
    return (this.#more.stream ??= this.#intake().web())
  }

  /** The same for `for await`; leaving the loop gives up the rest. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    return this.#intake()
  }

  /**
   * Sends 103 with these values of `Link` (RFC 8297), such as `</style.css>; rel=preload; as=style`,
   * ahead of the answer. Does nothing for an HTTP/1.0 client and behind the answer. Throws
   * `TypeError` for what is no link.
   */
  earlyHints(links: string | readonly string[]): void {
    const fields = checkLinks(links)
    if (this.httpVersion === '1.0') return
    this.#step(DOWN.interim | (103 << 16), fields)
  }

  /** The head as sent and the decoded body behind it: a copy with memory of its own. */
  get buffer(): Uint8Array {
    this.#demandWhole()
    const length = this.#word(REQUEST.headLen) + this.#word(REQUEST.bodyLen)
    return (this.#more.buffer ??= this.#copy(0, length))
  }

  /** Where the parts are in `buffer`. `path` is the request-target; `headerFields` has no blank line. */
  get slices(): RequestSlices {
    return slicesOf(this.#chunk.words, this.#at)
  }

  /**
   * Route parameters with the escapes of `path` decoded, malformed ones left as they are; empty
   * without a route. The prototype is null. The same object each time.
   */
  get params(): P {
    if (this.#route === undefined) return NO_PARAMS as P
    return (this.#more.params ??= byName(
      this.#route.names,
      this.#valuesOf(this.#route),
      decodeValue,
    )) as P
  }

  /** The pattern of the route that matched; `undefined` without one. */
  get pattern(): string | undefined {
    return this.#route?.pattern
  }

  /** The client's address, with its zone if it is link-local (`fe80::1%eth0`); '' for a Unix socket. */
  get remoteAddress(): string {
    return formatAddress(
      this.#chunk.words,
      this.#at + REQUEST.remote,
      this.#word(REQUEST.family) & 0xff,
      this.#word(REQUEST.family) >>> 16,
    )
  }

  /** The client's port; 0 for a Unix socket. */
  get remotePort(): number {
    return this.#word(REQUEST.ports) & 0xffff
  }

  /** The server's address on this connection; '' for a Unix socket. */
  get localAddress(): string {
    return formatAddress(
      this.#chunk.words,
      this.#at + REQUEST.local,
      (this.#word(REQUEST.family) >> 8) & 0xff,
      // Both ends are on one link.
      this.#word(REQUEST.family) >>> 16,
    )
  }

  /** The server's port; 0 for a Unix socket. */
  get localPort(): number {
    return this.#word(REQUEST.ports) >>> 16
  }

  /** Aborts when the client sends FIN or RST before the answer is complete. */
  get signal(): AbortSignal {
    const more = this.#more
    if (more.controller === undefined) {
      more.controller = new AbortController()
      more.scope = new AsyncResource('FASTHTTPSIGNAL')
      if (more.isAborted) more.controller.abort()
    }
    return more.controller.signal
  }

  /**
   * Takes the connection over: from here on it is a `net.Socket` of yours, which `close()` neither
   * waits for nor closes, without time-outs. What the client has sent behind the request is its
   * first data. What the handler returns is ignored.
   *
   * Answers to earlier requests are written first. Until they are, the socket is `connecting`:
   * node keeps what you write, and `connect` is emitted when it goes out. A client that resets the
   * connection does not end the process, whether or not anybody listens to `error`.
   *
   * Throws `ERR_INVALID_STATE` if the client is gone, the request is answered, or requests that
   * were pipelined behind it are being handled (not behind an unsafe method or Upgrade), `EMFILE` if
   * no descriptor is left, then the request can still be answered, and `ERR_UNSUPPORTED` on Windows.
   */
  takeover(): Socket {
    const { socket, head } = takeConnection(this, false)
    if (head.length > 0) socket.unshift(head)
    return socket
  }

  /**
   * Answers by hand: what is written goes out as it is, from the first byte of the status line on;
   * strings are latin1 by default. `end()` gives the connection back to the server, which goes on
   * with the next request. What the handler returns is ignored.
   *
   * Answers to earlier requests are written first. It has to be exactly one final response: bytes
   * that are not, or that do not belong to it, are not sent. The client then gets 500, or is cut off
   * if the head is out already, the stream emits `error`, and `onError` hears why. The server adds
   * `Connection` where the client needs it, leaves out the body for HEAD, and the chunks for
   * HTTP/1.0. `finish` says that the response was complete. Writing is no faster than the client
   * reads: wait for `drain` when `write` returns `false`. `destroy()` gives up, in the same way.
   *
   * Throws `ERR_INVALID_STATE` if the connection was taken or this was called before. If the request
   * is answered already, or the client gone, the stream emits `error`.
   */
  raw(): Writable {
    const more = this.#more
    if (more.isTaken === true) {
      throw coded('ERR_INVALID_STATE', new Error('raw: somebody has taken the answer over before'))
    }
    more.isTaken = true
    more.raw = openRaw({
      req: this,
      place: () => recordOf(this),
      move: () => moveRecord(this),
      abort: () => abortRequest(this),
      isAborted: () => isAborted(this),
      end: (isSent) => endRequest(this, isSent ? 'sent' : 'failed'),
    })
    return more.raw
  }

  #intake(): Intake {
    return (this.#more.intake ??= Intake.whole(
      Buffer.from(this.#copy(this.#word(REQUEST.headLen), this.#word(REQUEST.bodyLen)).buffer),
    ))
  }

  #step(kind: number, fields: string): void {
    const { lane, words } = this.#chunk
    lane.ring.text(words, this.#at, { kind, type: 0, reason: '', fields }, '')
  }

  #demandWhole(): void {
    if ((this.#word(REQUEST.meta) & META.body) === 0) return
    const message =
      "the body is streamed (bodyMode: 'stream'): read it with req.stream() or for await"
    throw coded('ERR_BODY_STREAMED', new Error(message))
  }

  get #more(): Lazy {
    return (this.#lazy ??= {})
  }

  #word(place: number): number {
    return this.#chunk.words[this.#at + place] as number
  }

  #slice(start: number, length: number): string {
    const from = this.#word(REQUEST.raw) + start
    return this.#chunk.bytes.latin1Slice(from, from + length)
  }

  /** The values of a route's wildcards. */
  #valuesOf({ values }: MatchedRoute): readonly string[] {
    if (values !== undefined) return values
    const first = REQUEST.count + this.#word(REQUEST.fields) * REQUEST.fieldWords
    return Array.from({ length: this.#word(REQUEST.params) }, (_, i) => {
      const place = first + i * REQUEST.paramWords
      return this.#slice(this.#word(place), this.#word(place + 1))
    })
  }

  #copy(start: number, length: number): Uint8Array {
    const from = this.#word(REQUEST.raw) + start
    const copy = new Uint8Array(length)
    this.#chunk.bytes.copy(copy, 0, from, from + length)
    return copy
  }

  static {
    recordOf = (request) => ({ chunk: request.#chunk, at: request.#at })
    chunkOf = (request) => request.#chunk
    placeOf = (request) => request.#at
    moveRecord = (request) => {
      const { lane, bytes, words } = request.#chunk
      const size = words[request.#at + REQUEST.size] as number
      // A record without a size lies in memory of its own already.
      if (size === 0) return
      const start = request.#at * 4
      const own = new Uint8Array(size)
      bytes.copy(own, 0, start, start + size)
      const chunk = lane.wrap(own)
      chunk.words[REQUEST.raw] = (chunk.words[REQUEST.raw] as number) - start
      chunk.words[REQUEST.size] = 0
      request.#chunk = chunk
      request.#at = 0
    }
    isAborted = (request) => request.#lazy?.isAborted === true
    openIntake = (request) => {
      const generation = request.#word(REQUEST.generation)
      const sequence = request.#word(REQUEST.meta) & 0x3fffff
      const intake = new Intake(generation, sequence, () => request.#step(DOWN.pull, ''))
      request.#more.intake = intake
      request.#chunk.lane.addIntake(request.#word(REQUEST.index), intake)
    }
    whenEnded = (request, ended) => void (request.#more.ended = ended)
    noteResponse = (request, response) => {
      const more = request.#lazy
      if (more?.ended !== undefined) more.response = response
    }
    endRequest = (request, outcome) => {
      const more = request.#lazy
      const ended = more?.ended
      if (more === undefined || ended === undefined) return
      more.ended = undefined
      ended(outcome, more.response)
    }
    lostBody = (request) => request.#lazy?.intake?.lost
    isTaken = (request) => request.#lazy?.isTaken === true
    giveUp = (request, error) => {
      const raw = request.#lazy?.raw
      try {
        raw?.destroy(error as Error)
      } catch (cause) {
        // Node looks at it, and it may be anything.
        raw?.destroy(
          new Error('the handler failed with an error that cannot be looked at', { cause }),
        )
      }
    }
    takeConnection = (request, allowHalfOpen) => {
      if (request.#lazy?.raw !== undefined) {
        throw coded('ERR_INVALID_STATE', new Error('takeover: the request is answered by raw()'))
      }
      const taken = takeOver(recordOf(request), allowHalfOpen)
      request.#more.isTaken = true
      endRequest(request, 'taken')
      return taken
    }
    rawParams = (request) => {
      const route = request.#route
      return route === undefined ? NO_PARAMS : byName(route.names, request.#valuesOf(route))
    }
    routeOf = (request) => request.#word(REQUEST.route)
    setRoute = (request, route) => {
      request.#route = route
      // What an earlier router has found is forgotten.
      if (request.#lazy !== undefined) request.#lazy.params = undefined
    }
    matchedRoute = (request) =>
      typeof request === 'object' && request !== null && #route in request
        ? request.#route
        : undefined
    abortRequest = (request) => {
      const more = request.#more
      more.isAborted = true
      endRequest(request, 'aborted')
      const { controller } = more
      if (controller !== undefined) more.scope?.runInAsyncScope(() => controller.abort())
    }
  }
}

interface Lazy {
  searchParams?: URLSearchParams
  params?: Params | undefined
  headers?: HttpHeaders
  body?: Uint8Array
  buffer?: Uint8Array
  controller?: AbortController
  /** In which its listeners run. */
  scope?: AsyncResource
  ended?: ((outcome: Outcome, response: unknown) => void) | undefined
  response?: unknown
  isAborted?: boolean
  isTaken?: boolean
  raw?: Writable
  intake?: Intake
  stream?: ReadableStream<Uint8Array>
}
