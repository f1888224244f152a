import { AsyncResource } from 'node:async_hooks'
import { Readable } from 'node:stream'
import { types } from 'node:util'
import { DOWN } from '../crossing/layout.ts'
import type { AnswerHead } from '../crossing/ring.ts'
import { coded, type HeaderInput, show } from '../errors.ts'
import { type Lines, plus } from './fields.ts'
import { BINARY, checkHead, type ResponseInit, withLength } from './head.ts'
import { brand } from './made.ts'
import type { HttpResponse } from './response.ts'
import { WebSource } from './web-source.ts'

/** Where the body of a streamed response comes from; its chunks are strings (UTF-8) or bytes. */
export type StreamSource =
  | AsyncIterable<string | Uint8Array>
  | Iterable<string | Uint8Array>
  | ReadableStream<string | Uint8Array>
  | Readable

/** A body that is pulled: the next chunk, and a way to say that no more is wanted. */
export interface Puller {
  next(): Promise<IteratorResult<unknown>>
  cancel(reason: Error): void
}

/** How chunks become bytes, and what is sent when none came for a while. */
export interface Manner {
  encode(chunk: unknown): string | Uint8Array
  /** Milliseconds of silence after which `alive` is sent; 0 for never. */
  readonly interval: number
  readonly alive: string
}

const PLAIN: Manner = { encode: checkChunk, interval: 0, alive: '' }

/** @internal Opens the source of a streamed response; throws if that was done before. */
export let openStream: (response: StreamResponse) => OpenedStream

/** @internal The same response with more field lines, to be sent in place of it. */
export let streamWithLines: (response: StreamResponse, added: Lines) => HttpResponse

/** A response that is being sent. */
export interface OpenedStream {
  readonly head: AnswerHead
  readonly status: number
  /** The declared length in bytes; -1 for none. */
  readonly length: number
  readonly manner: Manner
  readonly source: Puller
  /** Where the response was made: its source is pulled there. */
  readonly scope: AsyncResource
}

/** A response whose body is a stream. */
export class StreamResponse implements HttpResponse {
  readonly status: number
  readonly headers: HeaderInput | undefined
  readonly body: unknown
  readonly #head: AnswerHead
  readonly #length: number
  readonly #manner: Manner
  readonly #scope: AsyncResource
  #isOpen = false

  /** @internal Made by `stream` and `sse`. */
  constructor(
    source: unknown,
    init: ResponseInit,
    manner: Manner,
    scope: AsyncResource = new AsyncResource('FASTHTTPSTREAM'),
  ) {
    checkSource(source)
    this.#scope = scope
    const { status = 200 } = Object(init) as ResponseInit
    const { head, headers, length, digits } = checkHead(status, BINARY, init)
    this.status = status
    this.headers = headers
    this.body = source
    this.#length = length
    this.#manner = manner
    const declares = length >= 0 && status !== 204 && status !== 205
    const told = declares ? withLength(head, digits) : head
    this.#head = { ...told, kind: (told.kind & ~0xff) | DOWN.open }
  }

  /** @internal */
  static isOne(value: unknown): value is StreamResponse {
    return typeof value === 'object' && value !== null && #head in value
  }

  #checkUnopened(): void {
    if (this.#isOpen) {
      throw coded('ERR_INVALID_STATE', new Error('a stream can be sent once only'))
    }
  }

  static {
    streamWithLines = (response, added) => {
      response.#checkUnopened()
      const { status, body, headers } = response
      const init = {
        status,
        statusText: response.#head.reason,
        headers: plus(headers, added),
      }
      const copy = new StreamResponse(body, init, response.#manner, response.#scope)
      response.#isOpen = true
      return copy
    }
    openStream = (response) => {
      response.#checkUnopened()
      // A generator runs where it is pulled, and any other source where it is opened.
      const source = response.#scope.runInAsyncScope(pullerOf, undefined, response.body)
      response.#isOpen = true
      const { status } = response
      return {
        head: response.#head,
        status,
        length: response.#length,
        manner: response.#manner,
        source,
        scope: response.#scope,
      }
    }
  }

  static {
    brand(StreamResponse.prototype, () => ({ kind: 'stream' }))
  }
}

/**
 * A response whose body is pulled from `source`: an async iterable, a web `ReadableStream`, a Node
 * `Readable`, or an iterable. 200 and application/octet-stream by default.
 *
 * It goes out in chunks; with a `Content-Length` in `init.headers` it goes out as it is, and a
 * source that gives more or fewer bytes is an error; an HTTP/1.0 client gets it up to the close.
 * The source is pulled no faster than the client reads: at most `maxUnsentBytes` are under way.
 * When the source fails, or gives what is neither text nor bytes, the connection is cut, so that the
 * client sees that something is missing, and `onError` hears of it. When the client leaves, the
 * source is cancelled (`return()`, `cancel()`, `destroy()`). A HEAD never pulls it.
 *
 * Throws `TypeError` for what is no source, or a locked one, and otherwise as `reply` does.
 *
 * @example
 * ```ts
 * import { createReadStream } from 'node:fs'
 * import { createGzip } from 'node:zlib'
 * import { createServer, stream } from 'fasthttp'
 *
 * createServer(() =>
 *   stream(createReadStream('big.csv').pipe(createGzip()), {
 *     headers: { 'Content-Type': 'text/csv', 'Content-Encoding': 'gzip' },
 *   }),
 * )
 * ```
 */
export function stream(source: StreamSource, init: ResponseInit = {}): HttpResponse {
  return new StreamResponse(source, init, PLAIN)
}

function checkSource(source: unknown): void {
  if (source instanceof WebSource) return
  if (source instanceof ReadableStream) {
    if (source.locked) throw new TypeError('the source of a stream is locked: someone reads it')
    return
  }
  const isObject = (typeof source === 'object' && source !== null) || typeof source === 'function'
  const isIterable = isObject && (Symbol.asyncIterator in source || Symbol.iterator in source)
  if (!isIterable || ArrayBuffer.isView(source)) {
    throw new TypeError(
      `the source of a stream must be an async iterable, a ReadableStream or a Readable, got ${show(source)}`,
    )
  }
}

function checkChunk(chunk: unknown): string | Uint8Array {
  if (typeof chunk === 'string' || types.isUint8Array(chunk)) return chunk
  throw new TypeError(`a chunk of a stream must be a string or a Uint8Array, got ${show(chunk)}`)
}

function pullerOf(source: unknown): Puller {
  if (source instanceof WebSource) return source
  if (source instanceof ReadableStream) return new WebSource(source)
  const isAsync = Symbol.asyncIterator in (source as object)
  const iterator: AsyncIterator<unknown> | Iterator<unknown> = isAsync
    ? (source as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    : (source as Iterable<unknown>)[Symbol.iterator]()
  if (source instanceof Readable) {
    // Its iterator would wait for a chunk before it gives up.
    const cancel = (): void => void source.on('error', () => undefined).destroy()
    return { next: async () => iterator.next(), cancel }
  }
  return {
    next: async () => iterator.next(),
    cancel: () => {
      const ended: unknown = iterator.return?.()
      if (ended instanceof Promise) ended.catch(() => undefined)
    },
  }
}
