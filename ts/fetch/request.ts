import { Readable } from 'node:stream'
import type { HttpRequest } from '../index.ts'
import { bytesOf, hasBody, isWhole, textOfBody } from './body.ts'
import { LazyHeaders } from './headers.ts'
import { inherit } from './inherit.ts'
import { urlOf } from './url.ts'

/** The request that a fetch handler gets: one of the Fetch API, made of what is asked for. */
export interface FetchRequest extends Request {
  /**
   * The platform's own `Request`, made once; body and signal are those of this one. For what reads private
   * state of the platform: `new Request(req.native())`, `fetch(req.native())`.
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp/fetch'
   *
   * // Sends the request on to another server.
   * createServer((req) => {
   *   const { pathname } = new URL(req.url)
   *   return fetch(new Request(`http://127.0.0.1:8080${pathname}`, req.native()))
   * })
   * ```
   */
  native(): Request
}

/** What is made when it is asked for. */
interface Made {
  url?: string
  headers?: LazyHeaders
  body?: ReadableStream<Uint8Array> | null
  native?: Request
  /** Somebody has read the body by a method. */
  isUsed?: boolean
}

// Taken here: others put their own in its place, and `fasthttp/fetch/global` ours.
const [PlatformRequest, PlatformResponse]: [typeof Request, typeof Response] = [Request, Response]

/** Methods by which the platform's `Request` is not made. */
const FORBIDDEN = /^(?:CONNECT|TRACE|TRACK)$/i
/** Methods that the Fetch API knows in any case, and writes in upper case. */
const NORMALISED = /^(?:DELETE|GET|HEAD|OPTIONS|POST|PUT)$/i

/**
 * A request of the Fetch API over one of ours. Its prototype is the platform's, its members are its own as
 * long as that costs less; what is left is done by the platform's request (`native`).
 */
export class LazyRequest {
  readonly #req: HttpRequest
  #made: Made | undefined = undefined

  constructor(req: HttpRequest) {
    this.#req = req
  }

  /** Whether it is a lazy one. */
  static isOne(value: unknown): value is LazyRequest {
    return typeof value === 'object' && value !== null && #req in value
  }

  get method(): string {
    const { method } = this.#req
    return NORMALISED.test(method) ? method.toUpperCase() : method
  }

  get url(): string {
    return (this.#all.url ??= urlOf(this.#req))
  }

  get headers(): LazyHeaders {
    const made = this.#all
    if (made.headers === undefined) {
      made.headers = new LazyHeaders(this.#req)
      if (made.native !== undefined) LazyHeaders.adopt(made.headers, made.native.headers)
    }
    return made.headers
  }

  get signal(): AbortSignal {
    return this.#req.signal
  }

  get body(): ReadableStream<Uint8Array> | null {
    const made = this.#all
    if (made.native !== undefined) return made.native.body as ReadableStream<Uint8Array> | null
    made.body ??= made.isUsed === true ? spentBody() : this.#opened()
    return made.body
  }

  get bodyUsed(): boolean {
    const made = this.#made
    if (made === undefined) return false
    if (made.native !== undefined) return made.native.bodyUsed
    return made.isUsed === true || (made.body != null && isDisturbed(made.body))
  }

  text(): Promise<string> {
    return this.#read(
      (req) => textOfBody(req),
      (other) => other.text(),
    )
  }

  json(): Promise<unknown> {
    return this.#read(
      (req) => {
        const text = textOfBody(req)
        return typeof text === 'string' ? (JSON.parse(text) as unknown) : text.then(JSON.parse)
      },
      (other) => other.json(),
    )
  }

  bytes(): Promise<Uint8Array> {
    return this.#read(
      (req) => bytesOf(req),
      async (other) => new Uint8Array(await other.arrayBuffer()),
    )
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read(
      (req) => {
        const bytes = bytesOf(req)
        return bytes instanceof Uint8Array ? bytes.buffer : bytes.then(({ buffer }) => buffer)
      },
      (other) => other.arrayBuffer(),
    )
  }

  clone(): Request {
    const made = this.#made
    const isTouched = made?.native !== undefined || made?.body != null || made?.isUsed === true
    // A body that comes in pieces has one reader.
    if (isTouched || !isWhole(this.#req)) return this.native().clone()
    const copy = new LazyRequest(this.#req)
    if (made?.headers !== undefined) copy.#all.headers = LazyHeaders.copy(made.headers)
    return copy as unknown as Request
  }

  native(): Request {
    const made = this.#all
    if (made.native !== undefined) return made.native
    const { method, signal } = this
    const isForbidden = FORBIDDEN.test(method)
    const body = this.#given()
    const init = { method: isForbidden ? 'POST' : method, signal, body, duplex: 'half' }
    const headers = made.headers ?? [...this.#req.headers]
    const native = new PlatformRequest(this.url, { ...init, headers } as RequestInit)
    if (isForbidden) Object.defineProperty(native, 'method', { value: method, configurable: true })
    this.#spend(native)
    made.native = native
    if (made.headers !== undefined) LazyHeaders.adopt(made.headers, native.headers)
    return native
  }

  /** The body for the platform's request. */
  #given(): ReadableStream<Uint8Array> | Uint8Array | null {
    const { body, isUsed } = this.#all
    if (!hasBody(this.#req)) return null
    if (isUsed === true || (body != null && (body.locked || isDisturbed(body)))) return closed()
    if (body != null) return body
    return isWhole(this.#req) ? (bytesOf(this.#req) as Uint8Array) : this.#req.stream()
  }

  /** Leaves the platform's request with a body that is as used as this one. */
  #spend(native: Request): void {
    const { body, isUsed } = this.#all
    if (isUsed === true) {
      void native.text()
      return
    }
    if (body == null || native.body === body) return
    if (isDisturbed(body)) native.body?.cancel().catch(() => undefined)
    if (body.locked) native.body?.getReader()
  }

  /** A stream of the body that nobody has asked for yet. */
  #opened(): ReadableStream<Uint8Array> | null {
    const req = this.#req
    if (!hasBody(req)) return null
    if (!isWhole(req)) return req.stream()
    return new PlatformResponse(bytesOf(req) as Uint8Array<ArrayBuffer>).body
  }

  /** Reads the whole body: straight, or by the platform if somebody else has begun with it. */
  #read<T>(
    straight: (req: HttpRequest) => T | Promise<T>,
    platform: (other: Request | Response) => Promise<unknown>,
  ): Promise<T> {
    const made = this.#all
    try {
      if (made.native !== undefined) return platform(made.native) as Promise<T>
      if (this.bodyUsed || made.body?.locked === true) {
        throw new TypeError('Body is unusable: it was read before, or is being read')
      }
      if (made.body != null) return platform(new PlatformResponse(made.body)) as Promise<T>
      if (hasBody(this.#req)) made.isUsed = true
      return Promise.resolve(straight(this.#req))
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  get #all(): Made {
    return (this.#made ??= {})
  }

  static {
    const blank = new PlatformRequest('http://localhost/')
    inherit(this.prototype, blank, (lazy) => lazy.native())
  }
}

/** A stream that holds nothing. */
function closed(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() })
}

/** What the platform leaves of a body that was read. */
function spentBody(): ReadableStream<Uint8Array> | null {
  const spent = new PlatformResponse(closed())
  void spent.text()
  return spent.body
}

/** Whether somebody has read of a stream, or given it up. */
function isDisturbed(stream: ReadableStream<Uint8Array>): boolean {
  // The types tell of node's streams only.
  return Readable.isDisturbed(stream as unknown as Readable)
}
