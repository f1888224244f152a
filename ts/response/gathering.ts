import { Readable } from 'node:stream'
import { types } from 'node:util'
import { byteLength } from '../crossing/memory.ts'
import { EncodedResponse } from './encoded.ts'
import { untyped } from './fields.ts'
import { Parts } from './parts.ts'
import type { HttpResponse } from './response.ts'
import { stream, type StreamSource } from './stream.ts'
import { awaitTurn, leaveTurn, type TurnEnd } from './turn.ts'
import { type WebChunk, WebSource } from './web-source.ts'

/** Status, reason phrase and field lines, which are pairs. */
export interface GatheredHead {
  readonly status: number
  readonly statusText: string
  readonly headers: [string, string][]
}

/** Bytes of several chunks from which on they are sent as they come: what may be under way anyway. */
const MOST = 64 << 10
/** Chunks from which on they are sent as they come: a source without end may have small ones at hand. */
const MOST_CHUNKS = 16

/**
 * An answer out of a head and a body: with that in it if it is in memory, else as a stream of what was read
 * and what follows. Nobody can be asked which it is: until Node 22 it stands in state of the platform, since
 * then in private fields. But a body that is there is read before the turn of the loop is over. Rejects as the
 * body does meanwhile: one that fails before it has begun is an answer still, 500, and none that breaks off.
 */
export async function gathered(
  head: GatheredHead,
  body: ReadableStream<unknown> | Readable,
  isHead: boolean,
): Promise<HttpResponse> {
  // Libraries older than the platform's `fetch` have streams of Node; some have both in one.
  const isWeb = typeof (body as ReadableStream<unknown>).getReader === 'function'
  const web = (isWeb ? body : Readable.toWeb(body as Readable)) as ReadableStream<unknown>
  if (isHead) {
    // Unread: to make it may be work, or have effects, that only a GET is to have.
    new WebSource(web).cancel(new Error('the answer has no body'))
    return EncodedResponse.unsized(head)
  }
  // So says an answer that nobody on its way is to collect, in the words that proxies understand.
  if (head.headers.some(isUnbuffered)) return streamed(head, new WebSource(web))
  const gathering = new Gathering(web)
  const isWhole = await gathering.isWhole
  return isWhole ? gathering.answer(head) : streamed(head, gathering.source())
}

/** A body that is read until its end, or that of this turn of the loop. */
class Gathering implements TurnEnd {
  /** Whether the body has ended within the turn. Rejects as it does. */
  readonly isWhole: Promise<boolean>
  readonly #stream: ReadableStream<unknown>
  readonly #reader: ReadableStreamDefaultReader<unknown>
  readonly #chunks: unknown[] = []
  #length = 0
  #reading: Promise<WebChunk> | undefined = undefined
  #isOver = false
  /** The next turn that ends is the last one. */
  #isLate = false
  #resolve!: (isWhole: boolean) => void
  #reject!: (error: unknown) => void

  constructor(body: ReadableStream<unknown>) {
    this.#stream = body
    this.#reader = body.getReader() as ReadableStreamDefaultReader<unknown>
    this.isWhole = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    awaitTurn(this)
    this.#read()
  }

  /** The answer of a body that has ended. */
  answer({ status, ...init }: GatheredHead): HttpResponse {
    const chunks = this.#chunks as Uint8Array[]
    const body = chunks.length === 1 ? chunks[0] : new Parts(chunks)
    return new EncodedResponse(status, body, 0, init)
  }

  /** What was read, and what follows. */
  source(): WebSource {
    return new WebSource(this.#stream, {
      reader: this.#reader,
      chunks: this.#chunks,
      reading: this.#reading,
    })
  }

  turnOver(): void {
    if (this.#isOver) return
    // Immediates of a body that has not begun are behind this one.
    if (!this.#isLate && this.#chunks.length === 0) {
      this.#isLate = true
      awaitTurn(this)
      return
    }
    this.#isOver = true
    this.#resolve(false)
  }

  #read(): void {
    this.#reading = this.#reader.read()
    this.#reading.then(this.#got, this.#failed)
  }

  readonly #got = (chunk: WebChunk): void => {
    if (this.#isOver) return
    this.#reading = undefined
    // A reader that is not the platform's may give anything, or throw: nobody would hear of it.
    try {
      this.#take(chunk)
    } catch (error) {
      this.#failed(error)
    }
  }

  #take({ done, value }: WebChunk): void {
    if (done) return this.#end(true)
    this.#chunks.push(value)
    // It may be anything: then it is the stream's to say what is wrong.
    if (!types.isUint8Array(value)) return this.#end(false)
    this.#length += byteLength(value)
    const { length } = this.#chunks
    // What comes in one piece is there, however large.
    if (length > MOST_CHUNKS || (this.#length > MOST && length > 1)) this.#end(false)
    else this.#read()
  }

  readonly #failed = (error: unknown): void => {
    if (this.#isOver) return
    this.#isOver = true
    leaveTurn()
    this.#reject(error)
  }

  /** Before the turn is over. */
  #end(isWhole: boolean): void {
    this.#isOver = true
    leaveTurn()
    this.#resolve(isWhole)
  }
}

function isUnbuffered([name, value]: [string, string]): boolean {
  return name === 'x-accel-buffering' && value === 'no'
}

function streamed({ headers, ...init }: GatheredHead, source: WebSource): HttpResponse {
  return stream(source as unknown as StreamSource, { ...init, headers: untyped(headers) })
}
