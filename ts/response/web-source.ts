import { inspect } from 'node:util'
import { setImmediate } from '../crossing/timers.ts'
import type { Puller } from './stream.ts'

/** A chunk of a web stream, or its end. */
export type WebChunk = Awaited<ReturnType<ReadableStreamDefaultReader<unknown>['read']>>

/**
 * Node before 26 ends the process when a body that it has made of an async iterable, which is a stream of
 * bytes, is cancelled within its last read: it closes the stream a second time, in a microtask of its own.
 */
const CANCELS_BADLY = Number(process.versions.node.split('.')[0]) < 26

/** The reader of a web stream, whose chunks can be looked at before they are pulled. */
export class WebSource implements Puller {
  readonly #stream: ReadableStream<unknown>
  readonly #reader: ReadableStreamDefaultReader<unknown>
  /** Read before, and not pulled yet. */
  readonly #ahead: WebChunk[] = []
  /** A read that did not come soon: the next one to pull gets it. */
  #late: Promise<WebChunk> | undefined = undefined
  /** Something was read. */
  #hasBegun = false
  /** The read that is under way. */
  #reading: Promise<WebChunk> | undefined = undefined

  /** Throws `TypeError` for a stream that is locked. */
  constructor(stream: ReadableStream<unknown>) {
    this.#stream = stream
    this.#reader = stream.getReader() as ReadableStreamDefaultReader<unknown>
  }

  async next(): Promise<WebChunk> {
    const chunk = this.#ahead.shift()
    if (chunk !== undefined) return chunk
    const reading = this.#late ?? this.#read()
    this.#late = undefined
    return reading
  }

  /**
   * The next chunk if it is there within so many microtasks, else nothing; it is pulled all the same.
   * Rejects as the stream does.
   */
  async soon(turns: number): Promise<WebChunk | undefined> {
    const reading = this.#read()
    for (let turn = 0; turn < turns && this.#reading !== undefined; turn++) await undefined
    if (this.#reading !== undefined) {
      this.#late = reading
      return undefined
    }
    const chunk = await reading
    this.#ahead.push(chunk)
    return chunk
  }

  /**
   * Waits for a chunk that did not come soon, at most until this turn of the loop is over; it is pulled all the
   * same. Rejects as the stream does.
   */
  async inTurn(): Promise<void> {
    const over = new Promise<void>((resolve) => void setImmediate(resolve))
    await Promise.race([this.#late, over])
  }

  /**
   * Says that no more is wanted. What the platform has made of an iterable is read once before, for a generator
   * that has not begun cannot end: that of a `Readable` would leave it open, and its file with it.
   */
  cancel(reason: Error): void {
    const cancel = (): void => void this.#reader.cancel(reason).catch(() => undefined)
    const isAtRest = this.#reading === undefined
    const waits = isAtRest ? !this.#hasBegun : CANCELS_BADLY
    if (!waits || !isOfBytes(this.#stream)) return cancel()
    const reading = this.#reading ?? this.#read()
    reading.then(cancel, cancel)
  }

  #read(): Promise<WebChunk> {
    this.#hasBegun = true
    const reading = this.#reader.read()
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
