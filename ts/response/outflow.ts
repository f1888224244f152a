import { type Chunk, keep, type Kept, letGo, type Unanswered } from '../crossing/chunk.ts'
import type { Lane } from '../crossing/lane.ts'
import { DOWN, META, REQUEST } from '../crossing/layout.ts'
import { atRest, byteLength, isDetached } from '../crossing/memory.ts'
import { type AnswerHead, CUT, headless, NOTHING } from '../crossing/ring.ts'
import { clearInterval, setImmediate, setInterval } from '../crossing/timers.ts'
import { abortRequest, endRequest, isAborted } from '../request/ending.ts'
import { moveRecord, recordOf } from '../request/friends.ts'
import type { HttpRequest } from '../request/request.ts'
import type { OpenedStream } from './stream.ts'

/** What a streamed answer tells its server. */
export interface OutflowEvents {
  /** The source failed, or did not keep to its length. */
  failed(error: unknown, req: HttpRequest): void
}

const encoder = new TextEncoder()
/** Chunks after which everybody else gets a turn: a source may have all of its own at once. */
const TURN = 64
const DATA = headless(DOWN.data)
const END = headless(DOWN.end)

/** Whether the answer has no body whatever its source: it is never pulled. */
function isBodiless(meta: number, status: number): boolean {
  return (meta & META.head) !== 0 || status === 204 || status === 205 || status === 304
}

/**
 * A streamed answer on its way: pulls the source and hands its chunks to the I/O thread, no more
 * than a window of bytes ahead of what the client has taken (see native/net/connection/streams.rs).
 */
export class Outflow implements Kept {
  readonly generation: number
  readonly meta: number
  next: Unanswered | undefined = undefined
  place = -1
  done = false
  readonly #req: HttpRequest
  readonly #lane: Lane
  readonly #slot: number
  readonly #stream: OpenedStream
  readonly #events: OutflowEvents
  readonly #window: number
  /** Bytes sent that the client has not taken. */
  #ahead = 0
  #left: number
  #wake: () => void = () => undefined
  #timer: NodeJS.Timeout | undefined = undefined

  /** Sends the head and begins to pull. */
  static start(req: HttpRequest, stream: OpenedStream, events: OutflowEvents): void {
    const place = recordOf(req)
    const { lane, words } = place.chunk
    const meta = words[place.at + REQUEST.meta] as number
    const { head, status, source } = stream
    lane.ring.part(words, place.at, head, NOTHING)
    if (isBodiless(meta, status)) {
      endRequest(req, 'sent')
      cancel(source, new Error('the answer has no body'))
      return
    }
    if (isAborted(req) || lane.isEnded) {
      lane.ring.part(words, place.at, CUT, NOTHING)
      endRequest(req, 'aborted')
      cancel(source, new Error('the client is gone'))
      return
    }
    void new Outflow(req, place.chunk, place.at, stream, events).#run()
  }

  private constructor(
    req: HttpRequest,
    chunk: Chunk,
    at: number,
    stream: OpenedStream,
    events: OutflowEvents,
  ) {
    const { lane, words } = chunk
    this.#req = req
    this.#lane = lane
    this.#slot = words[at + REQUEST.index] as number
    this.generation = words[at + REQUEST.generation] as number
    this.meta = words[at + REQUEST.meta] as number
    this.#stream = stream
    this.#events = events
    this.#window = lane.window
    this.#left = stream.length
    keep(chunk, this)
    lane.add(this.#slot, this)
    const { interval } = stream.manner
    // A declared length has no room for comments.
    if (interval > 0 && stream.length < 0)
      this.#timer = setInterval(() => this.#keepAlive(), interval)
  }

  async #run(): Promise<void> {
    const { source, manner } = this.#stream
    let chunks = 0
    try {
      for (;;) {
        const { value, done } = await source.next()
        if (this.done) return
        if (done === true) break
        this.#send(manner.encode(value))
        this.#timer?.refresh()
        if (this.#ahead >= this.#window) await this.#room()
        else if (++chunks % TURN === 0) await turn()
        if (this.done) return
      }
      if (this.#left > 0) throw new TypeError(`the source ended ${this.#left} bytes short`)
      this.#finish(END)
    } catch (error) {
      if (this.done) return
      this.#finish(CUT)
      cancel(source, error as Error)
      this.#events.failed(error, this.#req)
    }
  }

  #send(chunk: string | Uint8Array): void {
    const bytes = typeof chunk === 'string' ? encoder.encode(chunk) : chunk
    const length = byteLength(bytes)
    if (length === 0) {
      if (isDetached(bytes))
        throw new TypeError('a chunk of a stream is detached: its memory was transferred')
      // An empty chunk would be the last one.
      return
    }
    if (this.#left >= 0) {
      this.#left -= length
      if (this.#left < 0) {
        const declared = this.#stream.length
        throw new TypeError(`the source gave more than its Content-Length of ${declared} bytes`)
      }
    }
    this.#ahead += length
    this.#part(DATA, atRest(bytes, length))
  }

  #part(step: AnswerHead, bytes: Uint8Array): void {
    const { chunk, at } = recordOf(this.#req)
    this.#lane.ring.part(chunk.words, at, step, bytes)
  }

  #keepAlive(): void {
    if (!this.done && this.#ahead < this.#window) this.#send(this.#stream.manner.alive)
  }

  #room(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve))
  }

  #finish(last: AnswerHead): void {
    this.done = true
    clearInterval(this.#timer)
    this.#lane.remove(this.#slot, this)
    letGo(recordOf(this.#req).chunk, this)
    this.#part(last, NOTHING)
    endRequest(this.#req, last === END ? 'sent' : 'failed')
    this.#wake()
    this.#stream.scope.emitDestroy()
  }

  /** The client has taken so many bytes. */
  drained(bytes: number): void {
    this.#ahead -= bytes
    if (this.#ahead < this.#window) this.#wake()
  }

  move(): void {
    moveRecord(this.#req)
  }

  /** The client is gone: whoever makes the body stops. */
  abort(): void {
    abortRequest(this.#req)
    if (this.done) return
    const { scope, source } = this.#stream
    scope.runInAsyncScope(cancel, undefined, source, new Error('the client is gone'))
    this.#finish(CUT)
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

/** A source that fails to be cancelled has nobody left to tell. */
function cancel(source: OpenedStream['source'], reason: Error): void {
  try {
    source.cancel(reason)
  } catch {
    // It was to stop, and has.
  }
}
