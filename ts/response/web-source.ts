import { inspect } from 'node:util'
import { setImmediate } from '../crossing/timers.ts'
import type { Puller } from './stream.ts'

/** A chunk of a web stream, or its end. */
export type WebChunk = Awaited<ReturnType<ReadableStreamDefaultReader<unknown>['read']>>

const VERSION = Number(process.versions.node.split('.')[0])

/**
 * Node before 26 ends the process when a body that it has made of an async iterable, which is a stream of
 * bytes, is cancelled within its last read: it closes the stream a second time, in a microtask of its own.
 */
const CANCELS_BADLY = VERSION < 26

/**
 * Node before 24 ends the process when a stream that it has made of a `Readable` is cancelled in the turn of the
 * loop in which it has asked for more: what the `Readable` has at hand comes in a tick, destroyed or not.
 */
const CANCELS_EARLY = VERSION < 24

/** What somebody has read of a stream before it is pulled. */
export interface ReadAhead {
  readonly reader: ReadableStreamDefaultReader<unknown>
  /** Chunks that were read. */
  readonly chunks: readonly unknown[]
  /** A read that is under way. */
  readonly reading: Promise<WebChunk> | undefined
}

/** The reader of a web stream, some chunks of which may have been read before they are pulled. */
export class WebSource implements Puller {
  readonly #stream: ReadableStream<unknown>
  readonly #reader: ReadableStreamDefaultReader<unknown>
  /** Read before, and not pulled yet. */
  readonly #ahead: unknown[] = []
  /** The read that was under way behind those: the next one to pull gets it. */
  #late: Promise<WebChunk> | undefined = undefined
  /** Something was read. */
  #hasBegun = false
  /** The read that is under way. */
  #reading: Promise<WebChunk> | undefined = undefined

  /** Throws `TypeError` for a stream that is locked by somebody else than who has read of it before. */
  constructor(stream: ReadableStream<unknown>, before?: ReadAhead) {
    this.#stream = stream
    if (before === undefined) {
      this.#reader = stream.getReader() as ReadableStreamDefaultReader<unknown>
      return
    }
    this.#reader = before.reader
    this.#ahead.push(...before.chunks)
    this.#hasBegun = true
    if (before.reading !== undefined) this.#late = this.#follow(before.reading)
  }

  async next(): Promise<WebChunk> {
    if (this.#ahead.length > 0) return { done: false, value: this.#ahead.shift() }
    const reading = this.#late ?? this.#follow(this.#reader.read())
    this.#late = undefined
    return reading
  }

  /**
   * Says that no more is wanted. What the platform has made of an iterable is read once before, for a generator
   * that has not begun cannot end: that of a `Readable` would leave it open, and its file with it.
   */
  cancel(reason: Error): void {
    const now = (): void => void this.#reader.cancel(reason).catch(() => undefined)
    const cancel = CANCELS_EARLY ? (): void => void setImmediate(now) : now
    const isAtRest = this.#reading === undefined
    const waits = isAtRest ? !this.#hasBegun : CANCELS_BADLY
    if (!waits || !isOfBytes(this.#stream)) return cancel()
    const reading = this.#reading ?? this.#follow(this.#reader.read())
    reading.then(cancel, cancel)
  }

  #follow(reading: Promise<WebChunk>): Promise<WebChunk> {
    this.#hasBegun = true
    const over = (): void => void (this.#reading = undefined)
    this.#reading = reading
    reading.then(over, over)
    return reading
  }
}

/** Only an inspection tells without a second reader. */
function isOfBytes(stream: ReadableStream<unknown>): boolean {
  return inspect(stream).includes('supportsBYOB: true')
}
