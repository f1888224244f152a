import { AsyncResource } from 'node:async_hooks'
import type { Lane } from '../crossing/lane.ts'
import { DOWN, REQUEST } from '../crossing/layout.ts'
import { Pieces } from '../crossing/pieces.ts'
import { type AnswerHead, headless, NOTHING } from '../crossing/ring.ts'
import { MANUAL } from '../crossing/scope.ts'
import { nextTick } from '../crossing/timers.ts'
import { answered } from './empty.ts'
import type { Exchange } from './exchange.ts'
import { isOld } from './message.ts'
import { type Callback, Waiters } from './waiters.ts'
import { destroyed } from './written.ts'

const RAW = headless(DOWN.raw)
const DATA = headless(DOWN.rawData)
const END: AnswerHead = headless(DOWN.rawEnd)
const ASIDE = headless(DOWN.aside)
const NONE = new Pieces()
/** What the addon acknowledges at a time; see native/net/connection/streams.rs. */
const PORTION = 16 << 10

/** Which connection it is. */
interface Connected {
  readonly lane: Lane
  readonly index: number
  readonly generation: number
}

/**
 * What is written to a connection, on its way to the I/O thread. Pieces are gathered as long as it is
 * corked; an answer that is complete by then is one record, any other goes in pieces, no more than the
 * client takes.
 */
export class Outgoing {
  #first: Exchange | undefined = undefined
  #last: Exchange | undefined = undefined
  readonly #pieces = new Pieces()
  /** Who is told of what is written now; with what node's `end` writes there are two. */
  #call: Callback | undefined = undefined
  #second: Callback | undefined = undefined
  readonly #calls: Callback[] = []
  readonly #waiters = new Waiters()
  readonly #lane: Lane
  readonly #index: number
  readonly #generation: number
  /** Bytes above which there is no room. */
  readonly highWater: number
  readonly #drained: () => void
  /** Something went past the ring without an answer, so what follows goes the same way. */
  #isPast = false
  /** Bytes of answers in pieces that were handed over, and those that the client has taken. */
  #handed = 0
  #taken = 0
  /** Bytes of what was handed over whole. */
  #whole = 0
  /** Where somebody was told last that there is no room: it may be the request behind the one that was told first. */
  #needsDrain: AsyncResource | undefined = undefined
  /** The connection is gone. */
  #isOver = false
  /** How often it is corked. */
  corked = 0

  /** `drained` is called when there is room again for who was told that there is none. */
  constructor({ lane, index, generation }: Connected, highWater: number, drained: () => void) {
    this.#lane = lane
    this.#index = index
    this.#generation = generation
    this.highWater = highWater
    this.#drained = drained
  }

  /** The request whose answer is written next. */
  get exchange(): Exchange | undefined {
    return this.#first
  }

  /** Bytes that were written; what is gathered and will not be handed over any more is none of them. */
  get written(): number {
    return this.#handed + this.#whole + (this.#isOver ? 0 : this.#pieces.bytes)
  }

  /** Bytes that the client has not taken. */
  get length(): number {
    if (this.#first === undefined) return this.#pieces.length
    const ahead = this.#handed - this.#taken
    // The addon says what was taken in portions: less than one may be there no longer.
    return this.#pieces.length + (ahead < PORTION ? 0 : ahead)
  }

  /** Whether somebody was told that there is no room. */
  get needsDrain(): boolean {
    return this.#needsDrain !== undefined
  }

  /** A request has come, whose answer is the next one. */
  expect(exchange: Exchange): void {
    exchange.isPast = this.#isPast
    if (this.#first === undefined) this.#first = exchange
    else (this.#last as Exchange).behind = exchange
    this.#last = exchange
  }

  /** Adds a piece; `waits` says that what is gathered is not handed over before a tick. */
  add(
    chunk: string | Uint8Array,
    encoding: unknown,
    waits: boolean,
    call: Callback | undefined,
  ): void {
    const known = typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined
    if (chunk.length > 0) this.#pieces.add(chunk, known, waits)
    if (call === undefined) return
    if (this.#call === undefined) this.#call = call
    else if (this.#second === undefined) this.#second = call
    else this.#calls.push(call)
  }

  /** Copies what was gathered, which waits for a tick: that comes behind the requests of others. */
  own(): void {
    if (this.#pieces.count > 0) this.#pieces.own()
  }

  /** Whether something was gathered. */
  get hasPieces(): boolean {
    return this.#pieces.count > 0
  }

  /**
   * Whether there is room for more; whoever is told that there is none hears of it later. `isWaitedFor`: somebody
   * was told so by what he saw of this, and hears of it as well.
   */
  hasRoom(isWaitedFor: boolean): boolean {
    const hasRoom = this.length < this.highWater
    if (!hasRoom || (isWaitedFor && this.#needsDrain === undefined)) {
      this.#needsDrain?.emitDestroy()
      this.#needsDrain = new AsyncResource('FASTHTTPWRITE', MANUAL)
    }
    return hasRoom
  }

  /** Hands over what was gathered; `isComplete` says that the answer ends with it. */
  flush(isComplete: boolean): void {
    const exchange = this.#first
    if (exchange === undefined) {
      if (this.#isOver || this.#pieces.count === 0) this.#clear()
      else this.say()
      return
    }
    let whole: Exchange | undefined
    let taken: number | undefined
    // Without a head nothing is an answer: its socket was ended before it was begun.
    const isEnd = isComplete && exchange.begun
    try {
      if (isEnd || this.#pieces.count > 0) {
        if (isComplete && !exchange.begun && this.#handWhole(exchange)) whole = exchange
        else taken = this.#handPart(exchange, isComplete)
      }
    } catch (error) {
      // Some of it may be on its way, which must not be sent again.
      this.#pieces.clear()
      throw error
    }
    this.#clear(whole)
    // What is left of an answer is the addon's: of it nothing is told any more, and a request that comes is not
    // read while somebody waits for room.
    if (isComplete) return this.drained(0)
    if (exchange.begun !== true) return
    if (taken !== undefined) return this.drained(taken)
    // Of less than a portion nothing is told any more: who was told that there is no room may have been waiting.
    if (this.#handed - this.#taken < this.highWater) return this.drained(0)
    // Without threads the client may have taken it by now.
    const { chunk, at } = exchange
    this.drained(chunk.lane.ring.taken(chunk.words, at))
  }

  /** Hands over what was gathered as no answer: before a request, between two, or in place of answers. */
  say(): void {
    const words = new Int32Array(REQUEST.meta + 1)
    words[REQUEST.index] = this.#index
    words[REQUEST.generation] = this.#generation
    const isPast = this.#isPast || this.#first?.isPast === true
    if (isPast || !this.#gather(words, 0, ASIDE)) {
      this.#isPast = true
      this.#post(words, 0, ASIDE)
    }
    if (this.#first === undefined) this.#taken = this.#handed
    this.#clear()
    this.drained(0)
  }

  /** Tells who is to be told; `whole` is answered by what was handed over. */
  #clear(whole?: Exchange): void {
    if (this.#pieces.count > 0) this.#pieces.clear()
    const [call, second] = [this.#call, this.#second]
    if (call === undefined) return
    this.#call = undefined
    this.#second = undefined
    if (whole?.isEmpty === true && this.#calls.length === 0) {
      whole.isFinishing = true
      process.nextTick(answered, whole.req, call, second)
    } else if (second === undefined) this.#tell([call])
    else this.#tell([call, second, ...this.#calls.splice(0)])
  }

  /** One record. Says whether there is room for it. */
  #handWhole(exchange: Exchange): boolean {
    if (exchange.isPast) return false
    const { chunk, at } = exchange
    const bytes = chunk.lane.ring.gather(chunk.words, at, RAW, this.#pieces)
    if (bytes < 0) return false
    this.#whole += bytes
    this.#answered(exchange)
    return true
  }

  /** Returns how many bytes the client has taken since that was told last, if there is reason to ask. */
  #handPart(exchange: Exchange, isLast: boolean): number | undefined {
    const { chunk, at } = exchange
    const { ring } = chunk.lane
    const hasPieces = this.#pieces.count > 0
    exchange.begun = true
    let taken: number | undefined
    if (hasPieces && (exchange.isPast || !this.#gather(chunk.words, at, DATA))) {
      exchange.isPast = true
      taken = this.#post(chunk.words, at, DATA, exchange, isLast)
      // Then all that went past the ring has reached the addon's loop, and nothing can overtake it.
      if (taken !== undefined && taken > 0) exchange.isPast = false
    } else if (isLast && (exchange.isPast || ring.gather(chunk.words, at, END, NONE) < 0))
      ring.part(chunk.words, at, END, NOTHING)
    if (isLast) this.#answered(exchange)
    return taken
  }

  /** Hands the pieces over in the ring; says whether there is room for them. */
  #gather(words: Int32Array, at: number, head: AnswerHead): boolean {
    const bytes = this.#lane.ring.gather(words, at, head, this.#pieces)
    if (bytes < 0) return false
    this.#handed += bytes
    return true
  }

  /**
   * Hands over past the ring what has no room in it; large bytes are sent from where they are, as node does.
   * Of an answer they are sent now, without threads: then its author may have them back at once. What is taken apart
   * for an HTTP/1.0 client, or is no answer, is looked at later than its author may have changed it.
   */
  #post(
    words: Int32Array,
    at: number,
    head: AnswerHead,
    exchange?: Exchange,
    isLast = false,
  ): number | undefined {
    const { ring } = this.#lane
    let taken: number | undefined
    let next = 0
    const lends = exchange !== undefined && !isOld({ words }, at)
    do {
      next = ring.parcel.fill(this.#pieces, next, lends)
      this.#handed += ring.parcel.length
      const isBehind = next === this.#pieces.count
      const isFull = this.#handed - this.#taken >= this.highWater
      const hasLarge = ring.parcel.large.length > 0
      const asks = isBehind && exchange !== undefined && (hasLarge || (isFull && !isLast))
      const number = this.#waiters.next
      const back = (): void => this.#waiters.returned(number)
      const told = ring.post(words, at, head, isLast && isBehind, asks, back)
      if (hasLarge && told < 0) this.#waiters.lend()
      if (asks) taken = told < 0 ? ~told : told
    } while (next < this.#pieces.count)
    return taken
  }

  #answered(exchange: Exchange): void {
    this.#first = exchange.behind
    if (this.#first === undefined) this.#last = undefined
    exchange.finish()
    if (!exchange.begun) return
    // What is left of it is the addon's: the next answer is counted by itself.
    this.#taken = this.#handed
    this.#waiters.tell(this.#taken)
  }

  #tell(calls: readonly Callback[]): void {
    const isFull = this.#first !== undefined && this.length >= this.highWater
    // What was copied may be written over, but nobody is told before those who wrote before.
    if (isFull || this.#waiters.isHeld)
      for (const call of calls) this.#waiters.add(call, isFull ? this.#handed : 0)
    else for (const call of calls) process.nextTick(call, null)
  }

  /** The client has taken so many bytes of an answer in pieces. */
  drained(bytes: number): void {
    this.#taken += bytes
    this.#waiters.tell(this.#taken + PORTION - 1)
    const scope = this.#needsDrain
    if (scope === undefined || this.length > 0) return
    this.#needsDrain = undefined
    scope.runInAsyncScope(nextTick, undefined, this.#drained)
    scope.emitDestroy()
  }

  /**
   * Nothing of this will be handed over, nor will the answers be that are due. `cause` is told to those whose bytes
   * were gathered and are not sent, if there is another one than that the connection is gone.
   */
  end(error: Error, cause?: Error): void {
    if (this.#call !== undefined) this.#drop(cause ?? destroyed())
    for (let one = this.#first; one !== undefined; one = one.behind) one.finish()
    this.#first = undefined
    this.#last = undefined
    this.#isOver = true
    this.#waiters.end(error)
    this.#needsDrain?.emitDestroy()
    this.#needsDrain = undefined
  }

  /** Nothing of what was gathered is sent. */
  #drop(cause: Error): void {
    this.#pieces.clear()
    for (const call of [this.#call, this.#second, ...this.#calls.splice(0)])
      if (call !== undefined) process.nextTick(call, cause)
    this.#call = undefined
    this.#second = undefined
  }
}
