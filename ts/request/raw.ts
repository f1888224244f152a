import { AsyncResource } from 'node:async_hooks'
import { Writable } from 'node:stream'
import { type Chunk, keep, type Kept, letGo, type Unanswered } from '../crossing/chunk.ts'
import type { Lane } from '../crossing/lane.ts'
import { DOWN, REQUEST } from '../crossing/layout.ts'
import { atRest, byteLength, isDetached } from '../crossing/memory.ts'
import { type AnswerHead, CUT, headless, NOTHING } from '../crossing/ring.ts'
import { guarded } from '../crossing/uncaught.ts'
import { coded, show } from '../errors.ts'
import { courseOf, moveRecord, recordOf } from './friends.ts'
import type { HttpRequest } from './request.ts'

/** A response that its handler writes by hand. */
interface RawSource {
  readonly req: HttpRequest
  /** Where the request's record is now. */
  place(): { chunk: Chunk; at: number }
  /** Moves it out of its chunk, which is let go. */
  move(): void
  /** The client is gone. */
  abort(): void
  /** Whether it was so before. */
  isAborted(): boolean
  /** The response is complete, or broken off. */
  end(isSent: boolean): void
}

const NOT_LATIN1 = /[^\0-\xff]/
const DATA = headless(DOWN.rawData)
const END = headless(DOWN.rawEnd)

type Done = (error?: Error | null) => void

/**
 * Hands what is written to the I/O thread, which checks it as it goes, no more than a window of
 * bytes ahead of what the client has taken (see native/net/connection/raw.rs).
 */
class RawFlow implements Kept {
  readonly generation: number
  readonly meta: number
  readonly req: HttpRequest
  next: Unanswered | undefined = undefined
  place = -1
  done = false
  readonly #source: RawSource
  readonly #lane: Lane
  readonly #slot: number
  readonly #writable: Writable
  /** Where the handler asked for it: its listeners run there. */
  readonly #scope = new AsyncResource('FASTHTTPRAW')
  #ahead = 0
  /** Who waits for room. */
  #writing: Done | undefined = undefined
  /** Who waits to hear that it is complete. */
  #ending: Done | undefined = undefined

  constructor(source: RawSource, writable: Writable) {
    const { chunk, at } = source.place()
    const { words } = chunk
    this.#source = source
    this.req = source.req
    this.#writable = writable
    this.#lane = chunk.lane
    this.#slot = words[at + REQUEST.index] as number
    this.generation = words[at + REQUEST.generation] as number
    this.meta = words[at + REQUEST.meta] as number
    keep(chunk, this)
    this.#lane.add(this.#slot, this)
  }

  write(bytes: Uint8Array, done: Done): void {
    if (this.done) return done(gone())
    const length = byteLength(bytes)
    this.#part(DATA, atRest(bytes, length))
    this.#ahead += length
    if (this.#ahead < this.#lane.window) done()
    else this.#writing = done
  }

  /** It is complete; `done` hears whether the thread agrees. */
  end(done: Done): void {
    if (this.done) return done(gone())
    this.#ending = done
    this.#part(END, NOTHING)
  }

  /** Nothing more is written. What is begun is cut, what is not becomes a 500. */
  cut(): void {
    if (this.done) return
    // Whatever was written: now the thread knows that the answer is of this kind.
    this.#part(DATA, NOTHING)
    this.#part(CUT, NOTHING)
    this.#finish(false)
  }

  drained(bytes: number): void {
    this.#ahead -= bytes
    if (this.#ahead >= this.#lane.window) return
    const writing = this.#writing
    this.#writing = undefined
    // It may call the user's callback and the listeners of `drain`.
    if (writing !== undefined) this.#scope.runInAsyncScope(guarded, undefined, writing)
  }

  /** The thread has found it complete, or refuses it. */
  settle(error: Error | null): void {
    if (this.done) return
    this.#finish(error === null)
    this.#tell(error)
  }

  move(): void {
    this.#source.move()
  }

  abort(): void {
    this.#source.abort()
    if (this.done) return
    this.cut()
    this.#tell(gone())
  }

  #part(step: AnswerHead, bytes: Uint8Array): void {
    const { chunk, at } = this.#source.place()
    this.#lane.ring.part(chunk.words, at, step, bytes)
  }

  #finish(isSent: boolean): void {
    this.done = true
    this.#lane.remove(this.#slot, this)
    letGo(this.#source.place().chunk, this)
    this.#source.end(isSent)
  }

  #tell(error: Error | null): void {
    this.#scope.runInAsyncScope(() => {
      if (error !== null) this.#writable.destroy(error)
      guarded(() => this.#writing?.(error))
      guarded(() => this.#ending?.(error))
    })
    this.#scope.emitDestroy()
  }
}

/** Has a request answered by hand. Throws `ERR_INVALID_STATE` if somebody answers it already. */
export function answerByHand(req: HttpRequest): Writable {
  const course = courseOf(req)
  if (course.isTaken) {
    throw coded('ERR_INVALID_STATE', new Error('raw: somebody has taken the answer over before'))
  }
  course.isTaken = true
  course.raw = openRaw({
    req,
    place: () => recordOf(req),
    move: () => moveRecord(req),
    abort: () => course.abort(),
    isAborted: () => course.isAborted,
    end: (isSent) => course.end(isSent ? 'sent' : 'failed'),
  })
  return course.raw
}

/** Opens a response that is written by hand. */
function openRaw(source: RawSource): Writable {
  const writable = new Writable({
    decodeStrings: false,
    defaultEncoding: 'latin1',
    write(chunk: unknown, encoding, done) {
      const bytes = bytesOf(chunk, encoding)
      if (bytes instanceof Error) done(bytes)
      else flow.write(bytes, done)
    },
    final: (done) => flow.end(done),
    destroy: (error, done) => {
      flow.cut()
      done(error)
    },
  })
  const flow = new RawFlow(source, writable)
  // A client that leaves must not end the process of a handler that does not listen.
  writable.on('error', () => undefined)
  // Nobody says it again of one that had left before.
  if (source.isAborted() || source.place().chunk.lane.isEnded) flow.abort()
  return writable
}

function bytesOf(chunk: unknown, encoding: BufferEncoding): Uint8Array | TypeError {
  if (typeof chunk !== 'string') {
    const bytes = chunk as Uint8Array
    if (!isDetached(bytes)) return bytes
    return new TypeError('what is written is detached: its memory was transferred')
  }
  if (encoding === 'latin1' && NOT_LATIN1.test(chunk)) {
    return new TypeError(`write takes latin1 strings unless told otherwise: ${show(chunk)}`)
  }
  return Buffer.from(chunk, encoding)
}

function gone(): Error {
  return coded('ECONNRESET', new Error('the client is gone'))
}
