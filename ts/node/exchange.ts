import type { AsyncResource } from 'node:async_hooks'
import { type Chunk, keep, type Kept, letGo, type Unanswered } from '../crossing/chunk.ts'
import { META, REQUEST } from '../crossing/layout.ts'
import { setImmediate } from '../crossing/timers.ts'
import { movedOf } from '../request/record.ts'
import type { OpenMessage } from './internals.ts'
import type { HttpSocket } from './socket.ts'

/** A request and its answer, as the I/O thread knows them. */
export class Exchange implements Kept {
  readonly generation: number
  readonly meta: number
  /** The next one that waits on the same slot. */
  next: Unanswered | undefined = undefined
  place = -1
  /** Nothing more is written. */
  done = false
  /** Something of the answer was handed over, so the rest goes the same way. */
  begun = false
  /** Some of it went past the ring: what is in the ring would be taken before that. */
  isPast = false
  /** The exchange behind this one on the same connection. */
  behind: Exchange | undefined = undefined
  /** Its answer is out, and node's code is about to be told. */
  isFinishing = false
  readonly req: OpenMessage
  /** In which all that belongs to it happens. */
  readonly scope: AsyncResource
  chunk: Chunk
  at: number
  readonly #socket: HttpSocket
  #isWaiting = false
  /** Its body is still read. */
  #isRead = false

  constructor(
    socket: HttpSocket,
    req: OpenMessage,
    chunk: Chunk,
    at: number,
    scope: AsyncResource,
  ) {
    const { words } = chunk
    this.req = req
    this.generation = words[at + REQUEST.generation] as number
    this.meta = words[at + REQUEST.meta] as number
    this.scope = scope
    this.chunk = chunk
    this.at = at
    this.#socket = socket
  }

  /** Whether the request has no body. */
  get isEmpty(): boolean {
    return (this.meta & (META.body | META.whole)) === 0
  }

  /**
   * Its reader has no room for more than has come, and it has no answer yet: node would not read on. Behind the
   * end of a body it does, for the next request.
   */
  get isUnread(): boolean {
    const { complete, readableLength, readableHighWaterMark } = this.req
    const isFull = readableLength > 0 && readableLength >= readableHighWaterMark
    return isFull && !complete && !this.begun
  }

  /** The handler has returned without an answer: who asks for it is told what happens. */
  wait(): void {
    this.#isWaiting = true
    keep(this.chunk, this)
    this.chunk.lane.add(this.#slot, this)
  }

  /** Its answer is complete, or there will be none. */
  finish(): void {
    if (this.done) return
    this.done = true
    if (!this.#isRead) this.scope.emitDestroy()
    if (this.#isWaiting) {
      this.#isWaiting = false
      this.chunk.lane.remove(this.#slot, this)
      letGo(this.chunk, this)
    }
    // More of its body may be asked for, when its chunk is filled again.
    if (this.#isRead) this.move()
  }

  /** Its body comes in pieces. */
  read(): void {
    this.#isRead = true
  }

  /** Nothing more of its body comes. */
  endRead(): void {
    this.#isRead = false
    if (this.done) this.scope.emitDestroy()
  }

  move(): void {
    // A record without a size lies in memory of its own already.
    if (this.chunk.words[this.at + REQUEST.size] === 0) return
    this.chunk = movedOf(this.chunk, this.at)
    this.at = 0
  }

  abort(): void {
    // Node hears of it a turn of the loop later than of the request itself.
    setImmediate(() => {
      if (this.done || this.#socket.defers(() => this.abort())) return
      this.scope.runInAsyncScope(() => this.#socket.aborted(false))
    })
  }

  drained(bytes: number): void {
    this.#socket.taken(bytes)
  }

  settle(error: Error | null): void {
    this.#socket.settled(error)
  }

  get #slot(): number {
    return this.chunk.words[this.at + REQUEST.index] as number
  }
}
