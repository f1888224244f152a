import type { Socket } from 'node:net'
import type { Chunk } from '../crossing/chunk.ts'
import { META, REQUEST } from '../crossing/layout.ts'
import { type HttpHeaders, lookup } from './headers.ts'
import { HttpRequest } from './request.ts'

/** The fields of a request by their lower-case names, as in node:http, and the methods of `HttpHeaders`. */
// oxlint-disable-next-line typescript/no-explicit-any
export type UpgradeHeaders = HttpHeaders & Readonly<Record<string, any>>

/** @internal Says which socket an upgrade has got. */
export let giveSocket: (request: UpgradeRequest, socket: Socket) => void

/**
 * What the listeners of `upgrade` and `connect` get: a request with what libraries for node:http look at.
 *
 * @example
 * ```ts
 * import type { Socket } from 'node:net'
 * import { createServer, type UpgradeRequest } from 'fasthttp'
 *
 * const server = createServer(() => 'Hello, World!')
 * server.on('upgrade', (req: UpgradeRequest, socket: Socket, head: Buffer) => {
 *   console.log(req.url, req.headers['sec-websocket-version'], head.length)
 *   socket.destroy()
 * })
 * ```
 */
export class UpgradeRequest extends HttpRequest {
  #fields: UpgradeHeaders | undefined = undefined
  #socket: Socket | undefined = undefined

  /**
   * The fields as properties in lower case, as in node:http, with a null prototype; several field
   * lines are joined by ', ' (those of Cookie by '; '). The methods of `HttpHeaders` are there too,
   * not enumerable; fields that are named like one (`get`, `has`, `size`) are had by `get` alone.
   */
  override get headers(): UpgradeHeaders {
    return (this.#fields ??= fieldsOf(super.headers))
  }

  /** Names and values in turn, as sent, as in node:http. */
  get rawHeaders(): string[] {
    return [...super.headers].flat()
  }

  /** The connection. */
  get socket(): Socket {
    return this.#socket as Socket
  }

  /** The same, by its older name. */
  get connection(): Socket {
    return this.#socket as Socket
  }

  /** As in node: the number before the dot of the version. */
  get httpVersionMajor(): number {
    return 1
  }

  /** As in node: the number behind it. */
  get httpVersionMinor(): number {
    return this.httpVersion === '1.1' ? 1 : 0
  }

  /** As in node: the request was received whole. */
  get complete(): boolean {
    return true
  }

  /** As in node: trailers are dropped. */
  get trailers(): Record<string, never> {
    return {}
  }

  static {
    giveSocket = (request, socket) => void (request.#socket = socket)
  }
}

function fieldsOf(headers: HttpHeaders): UpgradeHeaders {
  const fields = Object.create(null) as object
  // Once through: to look each up would cost the square of their number.
  const values = new Map<string, string>()
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    const before = values.get(key)
    values.set(
      key,
      before === undefined ? value : `${before}${key === 'cookie' ? '; ' : ', '}${value}`,
    )
  }
  for (const [key, value] of values) {
    Object.defineProperty(fields, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  // Behind the fields, so that a client cannot put a text in the place of a method.
  const methods = {
    get: (name: string) => headers.get(name),
    getAll: (name: string) => headers.getAll(name),
    has: (name: string) => headers.has(name),
    size: headers.size,
    [Symbol.iterator]: () => headers[Symbol.iterator](),
  }
  for (const key of Reflect.ownKeys(methods)) {
    const value = methods[key as keyof typeof methods]
    Object.defineProperty(fields, key, { value, enumerable: false })
  }
  return fields as UpgradeHeaders
}

/** Whether `websocket` is among what a request offers to become (RFC 9110 §7.8). */
export function offersWebSocket(chunk: Chunk, at: number): boolean {
  const offers = lookup(chunk, at, 'upgrade') ?? ''
  return offers.split(',').some((offer) => /^\s*websocket\s*(?:\/.*)?$/i.test(offer))
}

/** Which event a request is; undefined if it is an ordinary one. */
export function eventOf(words: Int32Array, at: number): 'upgrade' | 'connect' | undefined {
  const meta = words[at + REQUEST.meta] as number
  if ((meta & META.connect) !== 0) return 'connect'
  return (meta & META.upgrade) !== 0 ? 'upgrade' : undefined
}
