import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import type { Chunk } from '../crossing/chunk.ts'
import { REQUEST } from '../crossing/layout.ts'
import { HttpError, show } from '../errors.ts'
import { type Client, clientOf } from './client.ts'
import { Course } from './course.ts'
import { befriend } from './friends.ts'
import { type HttpHeaders, lookup, RequestHeaders } from './headers.ts'
import { sendHints } from './hints.ts'
import { Intake } from './intake.ts'
import { byName, decodeValue, type MatchedRoute, NO_PARAMS, type Params } from './params.ts'
import type { OwnBytes } from './own-bytes.ts'
import { answerByHand } from './raw.ts'
import {
  bodyOf,
  copyOf,
  demandWhole,
  localOf,
  methodOf,
  movedOf,
  remoteOf,
  sliceOf,
  targetOf,
  textOf,
  valuesOf,
} from './record.ts'
import { type RequestSlices, slicesOf } from './slices.ts'
import { takeConnection } from './takeover.ts'

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
  #known: Course | undefined = undefined

  /** @internal */
  constructor(chunk: Chunk, at: number) {
    this.#chunk = chunk
    this.#at = at
  }

  /** The method as sent; any token (RFC 9110 §9.1), case kept. */
  get method(): string {
    return methodOf(this.#chunk, this.#at)
  }

  /** The request-target as sent (RFC 9112 §3.2). */
  get url(): string {
    return targetOf(this.#chunk, this.#at)
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

  /**
   * The query, decoded.
   *
   * @example
   * ```ts
   * import { createServer, json } from 'fasthttp'
   *
   * createServer((req) => json({ page: Number(req.searchParams.get('page') ?? 1) }))
   * ```
   */
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
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp'
   *
   * createServer((req) => (req.header('accept-language')?.startsWith('de') ? 'Hallo' : 'Hello'))
   * ```
   */
  header(name: string): string | undefined {
    return lookup(this.#chunk, this.#at, String(name))
  }

  /** The decoded body, a copy with memory of its own; length 0 if there is none. */
  get body(): OwnBytes {
    demandWhole(this.#chunk, this.#at)
    return (this.#more.body ??= bodyOf(this.#chunk, this.#at))
  }

  /** The body as UTF-8; malformed bytes become U+FFFD, a byte order mark is dropped. */
  text(): string {
    demandWhole(this.#chunk, this.#at)
    return textOf(this.#chunk, this.#at)
  }

  /**
   * The body as JSON. Throws `HttpError` 400 if it is none.
   *
   * @example
   * ```ts
   * import { createServer, HttpError, json } from 'fasthttp'
   *
   * createServer((req) => {
   *   const { name } = req.json<{ name?: unknown }>()
   *   if (typeof name !== 'string') throw new HttpError(422, 'name must be a string')
   *   return json({ hello: name })
   * })
   * ```
   */
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
   * Reading rejects with the reason of `signal` as soon as the client leaves, with `HttpError` when its body
   * breaks a rule or a limit (413, 408, 400: the client gets that status, whatever the handler answers),
   * and with `ERR_INVALID_STATE` behind the answer.
   *
   * @example
   * ```ts
   * import { createWriteStream } from 'node:fs'
   * import { pipeline } from 'node:stream/promises'
   * import { createServer, empty } from 'fasthttp'
   *
   * const options = { bodyMode: 'stream', maxBodySize: Infinity } as const
   * createServer(async (req) => {
   *   await pipeline(req.stream(), createWriteStream('upload.bin'))
   *   return empty(201)
   * }, options)
   * ```
   */
  stream(): ReadableStream<Uint8Array> {
    return (this.#more.stream ??= this.#intake().web())
  }

  /**
   * The same for `for await`; leaving the loop gives up the rest. When the client leaves, what has arrived is
   * read first.
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp'
   *
   * createServer(async (req) => {
   *   let size = 0
   *   for await (const chunk of req) size += chunk.length
   *   return `${size} bytes`
   * }, { bodyMode: 'stream' })
   * ```
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    return this.#intake()
  }

  /**
   * Sends 103 with these values of `Link` (RFC 8297), such as `</style.css>; rel=preload; as=style`,
   * ahead of the answer. Does nothing for an HTTP/1.0 client and behind the answer. Throws
   * `TypeError` for what is no link.
   *
   * @example
   * ```ts
   * import { createServer, html } from 'fasthttp'
   *
   * createServer((req) => {
   *   req.earlyHints('</style.css>; rel=preload; as=style')
   *   return html('<link rel="stylesheet" href="/style.css">')
   * })
   * ```
   */
  earlyHints(links: string | readonly string[]): void {
    sendHints(this, links)
  }

  /** The head as sent and the decoded body behind it: a copy with memory of its own. */
  get buffer(): OwnBytes {
    demandWhole(this.#chunk, this.#at)
    const length = this.#word(REQUEST.headLen) + this.#word(REQUEST.bodyLen)
    return (this.#more.buffer ??= copyOf(this.#chunk, this.#at, 0, length))
  }

  /** Where the parts are in `buffer`. `path` is the request-target; `headerFields` has no blank line. */
  get slices(): RequestSlices {
    return slicesOf(this.#chunk.words, this.#at)
  }

  /**
   * Route parameters with the escapes of `path` decoded, malformed ones left as they are; empty
   * without a route. The prototype is null. The same object each time.
   *
   * @example
   * ```ts
   * import { Router } from 'fasthttp'
   *
   * new Router().get('/user/:id', (req) => `user ${req.params.id}`)
   * ```
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
    return remoteOf(this.#chunk, this.#at)
  }

  /** The client's port; 0 for a Unix socket. */
  get remotePort(): number {
    return this.#word(REQUEST.ports) & 0xffff
  }

  /** The server's address on this connection; '' for a Unix socket. */
  get localAddress(): string {
    return localOf(this.#chunk, this.#at)
  }

  /** The server's port; 0 for a Unix socket. */
  get localPort(): number {
    return this.#word(REQUEST.ports) >>> 16
  }

  /**
   * The client's address, as far as the proxies before it are believed (`trustProxy`): without that option
   * `remoteAddress`. The peer first, each hop that is believed tells the one before it, and the first one that is
   * not is the client, or the last one that has a valid address.
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp'
   *
   * createServer((req) => `hello, ${req.ip}`, { trustProxy: ['loopback', '10.0.0.0/8'] })
   * ```
   */
  get ip(): string {
    return this.#client.ip
  }

  /** The same with the proxies behind it, the client first and the peer left out; empty without any. */
  get ips(): readonly string[] {
    return this.#client.ips
  }

  /** How the client speaks with the first of these proxies; what a peer says that is not believed is ignored. */
  get protocol(): 'http' | 'https' {
    return this.#client.protocol
  }

  /**
   * The host that the client has asked for, with its port, as the first of these proxies tells it; else
   * that of the request itself; '' if there is none.
   */
  get host(): string {
    return this.#client.host
  }

  /**
   * Aborts when the client sends FIN or RST before the answer is complete. The reason is an `AbortError` with the
   * code `ECONNRESET`, the same object that readers of the body get.
   *
   * @example
   * ```ts
   * import { createServer, text } from 'fasthttp'
   *
   * // Nobody waits for an answer that nobody wants.
   * createServer(async (req) => {
   *   const answer = await fetch('http://127.0.0.1:8080/', { signal: req.signal })
   *   return text(await answer.text())
   * })
   * ```
   */
  get signal(): AbortSignal {
    return this.#course.signal
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
   * Throws `ERR_INVALID_STATE` if the client is gone, the request is answered, its body comes in pieces
   * (`bodyMode: 'stream'`) and is not read to its end, or requests that were pipelined behind it are being
   * handled (not behind an unsafe method or Upgrade), `EMFILE` if no descriptor is left, then the request can
   * still be answered, and `ERR_UNSUPPORTED` on Windows.
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp'
   *
   * createServer((req) => {
   *   const socket = req.takeover()
   *   socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end')
   *   return ''
   * })
   * ```
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
   * reads: wait for `drain` when `write` returns `false`. `destroy()` gives up: the client gets 500, or is cut
   * off, and only the stream tells its error, not `onError`.
   *
   * Throws `ERR_INVALID_STATE` if the connection was taken or this was called before. If the request
   * is answered already, or the client gone, the stream emits `error`.
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp'
   *
   * createServer((req) => {
   *   const out = req.raw()
   *   out.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')
   *   out.end('hello')
   *   return ''
   * })
   * ```
   */
  raw(): Writable {
    return answerByHand(this)
  }

  #intake(): Intake {
    return (this.#course.intake ??= Intake.whole(Buffer.from(bodyOf(this.#chunk, this.#at).buffer)))
  }

  get #client(): Client {
    return (this.#more.client ??= clientOf(this.#chunk, this.#at))
  }

  get #more(): Lazy {
    return (this.#lazy ??= {})
  }

  get #course(): Course {
    return (this.#known ??= new Course())
  }

  #word(place: number): number {
    return this.#chunk.words[this.#at + place] as number
  }

  #slice(start: number, length: number): string {
    return sliceOf(this.#chunk, this.#at, start, length)
  }

  /** The values of a route's wildcards. */
  #valuesOf({ values }: MatchedRoute): readonly string[] {
    return values ?? valuesOf(this.#chunk, this.#at)
  }

  static {
    const isOne = (value: unknown): value is HttpRequest =>
      typeof value === 'object' && value !== null && #route in value
    befriend({
      recordOf: (request) => ({ chunk: request.#chunk, at: request.#at }),
      chunkOf: (request) => request.#chunk,
      placeOf: (request) => request.#at,
      moveRecord: (request) => {
        const { words } = request.#chunk
        // A record without a size lies in memory of its own already.
        if (words[request.#at + REQUEST.size] === 0) return
        request.#chunk = movedOf(request.#chunk, request.#at)
        request.#at = 0
      },
      courseOf: (request) => request.#course,
      knownCourse: (request) => request.#known,
      rawParams: (request) => {
        if (!isOne(request)) {
          throw new TypeError(`rawParams takes a request, got ${show(request)}`)
        }
        const route = request.#route
        return route === undefined ? NO_PARAMS : byName(route.names, request.#valuesOf(route))
      },
      routeOf: (request) => request.#word(REQUEST.route),
      setRoute: (request, route) => {
        request.#route = route
        // What an earlier router has found is forgotten.
        if (request.#lazy !== undefined) request.#lazy.params = undefined
      },
      matchedRoute: (request) => (isOne(request) ? request.#route : undefined),
    })
  }
}

/** What is made when it is asked for. */
interface Lazy {
  searchParams?: URLSearchParams
  client?: Client
  params?: Params | undefined
  headers?: HttpHeaders
  body?: OwnBytes
  buffer?: OwnBytes
  stream?: ReadableStream<Uint8Array>
}
