import type { ServerResponse } from 'node:http'
import type { Lane } from '../crossing/lane.ts'
import { REQUEST } from '../crossing/layout.ts'
import { Outgoing } from './outgoing.ts'
import { TimedSocket } from './timed.ts'
import type { Callback } from './waiters.ts'
import { destroyed, pieceOf } from './written.ts'

/**
 * What is written to a connection: what node writes between `cork` and `uncork` is gathered; an answer that is
 * complete by then is one record for the I/O thread.
 */
export abstract class WrittenSocket extends TimedSocket {
  _httpMessage: ServerResponse | null = null
  readonly lane: Lane
  readonly index: number
  readonly generation: number
  protected readonly out: Outgoing
  /** What is written is no answer to a request: what came last was refused. */
  protected isRefused = false
  #isEnding = false

  constructor(lane: Lane, words: Int32Array, at: number, highWaterMark: number) {
    super(words, at)
    this.lane = lane
    this.index = words[at + REQUEST.index] as number
    this.generation = words[at + REQUEST.generation] as number
    this.out = new Outgoing(this, highWaterMark, () => {
      this.emit('drain')
      this.handOver()
    })
  }

  /** Node's code is at the end of an answer: what it uncorks next is the last of it. */
  corkedByNode(): void {
    this.out.corked = 1
    this.#isEnding = true
  }

  write(
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | Callback | null,
    callback?: Callback,
  ): boolean {
    const call = typeof encoding === 'function' ? encoding : callback
    const piece = pieceOf(chunk, encoding)
    this.goOn()
    if (!this.writable) {
      if (typeof call === 'function') process.nextTick(call, destroyed())
      return false
    }
    this.windUp()
    const waits = this.out.corked > 0 && !this.#isEnding
    this.out.add(piece, encoding, waits, typeof call === 'function' ? call : undefined)
    // As it is before anybody has taken anything. Since Node 24 an answer adds what it gathers to what is unsent here;
    // of that some may have been taken when it hands over what it has.
    const hasRoom = this.out.hasRoom(this._httpMessage?.writableNeedDrain === true)
    if (this.out.corked === 0) this.#flush()
    return hasRoom
  }

  /**
   * Hands over what a listener has written, before that of another connection is called: node would send it between
   * the two, who may write into the same memory.
   */
  handOver(): void {
    if (!this.out.hasPieces) return
    // It is held back, and whoever holds it may write into that memory by then.
    if (this._httpMessage !== null && this._httpMessage.writableCorked > 0) this.out.own()
    else this.#flush()
  }

  /** Tells what was held back until something is written. */
  protected abstract goOn(): void

  /** Hands over what is gathered, held back or not. */
  protected release(): void {
    if (this.out.hasPieces) this.#flush()
  }

  /** What was written so far is as it is. */
  ownWritten(): void {
    this.out.own()
  }

  cork(): void {
    this.out.corked++
  }

  uncork(): void {
    if (this.out.corked > 0 && --this.out.corked === 0) this.#flush()
  }

  #flush(): void {
    const isComplete = this.#isEnding || this._httpMessage?.finished === true
    this.#isEnding = false
    if (this.isRefused) this.out.say()
    else this.out.flush(isComplete)
  }

  /** The client has taken so many bytes of an answer in pieces. */
  taken(bytes: number): void {
    this.windUp()
    this.out.drained(bytes)
  }

  get bytesWritten(): number {
    return this.out.written
  }

  get writableLength(): number {
    return this.out.length
  }

  get writableCorked(): number {
    return this.out.corked
  }

  get writableNeedDrain(): boolean {
    return this.out.needsDrain
  }

  get readableLength(): number {
    // What has come is the request's.
    return 0
  }

  get bufferSize(): number | undefined {
    return this.destroyed ? undefined : this.writableLength
  }

  get writableHighWaterMark(): number {
    return this.out.highWater
  }

  get readableHighWaterMark(): number {
    return this.out.highWater
  }
}
