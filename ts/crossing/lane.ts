import { coded, type CodedError } from '../errors.ts'
import { type Chunk, type Unanswered, viewsOf } from './chunk.ts'
import { BODY, type Incoming } from './incoming.ts'
import { CLAIM, CONTROL, REQUEST } from './layout.ts'
import { keepHere } from './memory.ts'
import type { NativeServer, NativeTaken } from './native.ts'
import { Numbered } from './numbered.ts'
import { Ring } from './ring.ts'

/** Bytes of a request chunk. Smaller ones are let go too often, larger ones pin too much. */
const CHUNK_BYTES = 64 << 10
/** Chunks that an I/O thread has in hand: one being filled, the others ready. */
const CHUNKS = 4
/** Claims: a power of two, more than there can be unread records of 12 bytes in the chunks. */
const CLAIMS = 1 << 15
/** Bytes of a record before those of its body. */
const NOTICE_BYTES = 24

/** Hears that a connection that was taken is free, or lost. */
type Free = (isLost: boolean) => void

/** One I/O thread as seen from JavaScript: its chunks, its ring and its control words. */
export class Lane {
  /** The thread's number. */
  readonly id: number
  /** Control words. */
  readonly words: Int32Array = new Int32Array(CONTROL.count)
  /** Which unread records may still be begun. */
  readonly claims: Int32Array = new Int32Array(CLAIMS)
  /** Where answers go. */
  readonly ring: Ring
  /** Records read so far, wrapping. */
  read = 0
  /** Records that were there when JavaScript was called. */
  known = 0
  /** The chunk being read. */
  chunk: Chunk
  /** The word of the next record in it. */
  at = 0
  /** The thread has ended. */
  isEnded = false
  /** Bytes of a streamed answer that may be under way. */
  readonly window: number
  /** What the server keeps for each connection that it accepted on demand, by generation. */
  handlers: Numbered<object> | undefined = undefined
  /** Bytes of records in the current chunk to which no view refers. */
  noted = 0
  /** Unanswered requests by slot of their connection. */
  readonly bySlot: (Unanswered | undefined)[] = []
  #native: NativeServer | undefined
  readonly #trust: unknown
  /** The last record that is ours to begin with, and whether some up to it may be withdrawn. */
  #claimed = 0
  #looks = false
  #pulse = 0
  readonly #lent: Chunk[] = []
  /** Chunks that were read to their end in this batch, with requests that were not answered at once. */
  readonly #left: Chunk[] = []
  readonly #intakes = new Numbered<Incoming>()
  readonly #taken = new Numbered<Free>()

  constructor(id: number, window: number = 64 << 10, trust?: unknown, isHere = false) {
    this.id = id
    this.window = window
    this.#trust = trust
    this.ring = new Ring(id, this.words, isHere)
    for (let i = 0; i < CHUNKS; i++) this.#lent.push(this.#allocate())
    this.chunk = this.#lent[0] as Chunk
  }

  /** Lends the first chunks. */
  attach(native: NativeServer): void {
    this.#native = native
    this.ring.attach(native)
    for (const chunk of this.#lent) native.lend(this.id, chunk.bytes)
  }

  /**
   * Goes on to the next record; says whether it is a request that was withdrawn: answered without
   * its handler, or its client is gone. Else nobody will withdraw it any more. `ahead`, 1 to
   * `CLAIM.atOnce`, are claimed together if so many are there up to `published`.
   */
  readNext(published: number, ahead: number): boolean {
    this.read = (this.read + 1) | 0
    if (((this.#claimed - this.read) | 0) < 0) this.#claim(published, ahead)
    return this.#looks && this.#isWithdrawn()
  }

  #claim(published: number, ahead: number): void {
    const { words } = this
    const there = (published - this.read) | 0
    this.#claimed = (this.read + Math.min(there, ahead - 1)) | 0
    // First this, then the look: whoever withdraws does it the other way round.
    Atomics.store(words, CONTROL.read, this.#claimed)
    this.#looks = Atomics.load(words, CONTROL.withdrawn) !== 0
  }

  #isWithdrawn(): boolean {
    const place = this.read & (CLAIMS - 1)
    return Atomics.compareExchange(this.claims, place, CLAIM.open, CLAIM.started) !== CLAIM.open
  }

  /**
   * A batch begins: requests of the one before that are not answered yet leave its chunks, for a long poll must
   * not pin a whole one. Most are answered before, behind a promise or two, and are not copied.
   */
  begin(): void {
    const left = this.#left
    for (let chunk = left.at(-1); chunk !== undefined; chunk = left.at(-1)) {
      // This may fail for want of memory: then those that have moved are passed over.
      for (const request of chunk.unanswered) request.move()
      chunk.unanswered.length = 0
      left.pop()
    }
  }

  /** Whether a chunk has more requests than one. */
  shares(chunk: Chunk): boolean {
    return chunk === this.chunk || this.#left.includes(chunk)
  }

  /** Shows the thread that JavaScript is alive, so that its clients' clocks go on. */
  pulse(): void {
    this.#pulse = (this.#pulse + 1) | 0
    Atomics.store(this.words, CONTROL.pulse, this.#pulse)
  }

  /**
   * The record at word `end` is the chunk's last: goes on to the next chunk and lends a fresh one in place
   * of the full one. `isCopied` says that only those that are unanswered refer to it.
   */
  nextChunk(end: number, isCopied: boolean): void {
    const full = this.#lent[0] as Chunk
    // Bodies and notices are copied out, so a chunk of nothing else can be filled again.
    const fresh = isCopied || this.noted === end * 4 ? full : this.#allocate()
    if (fresh === full) for (const request of full.unanswered) request.move()
    this.#native?.lend(this.id, fresh.bytes)
    // Whatever needs memory, and may fail, is done: until here nothing has changed.
    this.noted = 0
    if (fresh === full) full.unanswered.length = 0
    else if (full.unanswered.length > 0) this.#left.push(full)
    this.#lent.shift()
    this.#lent.push(fresh)
    this.chunk = this.#lent[0] as Chunk
    this.at = 0
  }

  /** A chunk for a request that needs one of its own. */
  wrap(bytes: Uint8Array): Chunk {
    return { lane: this, trust: this.#trust, ...viewsOf(bytes), unanswered: [] }
  }

  /** Notes that a request is unanswered. */
  add(slot: number, request: Unanswered): void {
    const { bySlot } = this
    while (bySlot.length <= slot) bySlot.push(undefined)
    request.next = bySlot[slot]
    bySlot[slot] = request
  }

  /** Notes that it is answered. */
  remove(slot: number, request: Unanswered): void {
    let at = this.bySlot[slot]
    if (at === request) {
      this.bySlot[slot] = request.next
      return
    }
    while (at !== undefined && at.next !== request) at = at.next
    if (at !== undefined) at.next = request.next
  }

  /** The client has taken so many bytes of a streamed answer. */
  drained(words: Int32Array, place: number): void {
    this.#answerAt(words, place, (one) => one.drained?.(words[place + 5] as number))
  }

  /** What became of a response that was written by hand; returns its request. */
  settle(words: Int32Array, place: number, error: Error | null): object | undefined {
    let req: object | undefined
    this.#answerAt(words, place, (one) => {
      req ??= one.req
      one.settle?.(error)
    })
    return req
  }

  /** A body is to come in pieces. One before it on the same connection ended with the answer to its request. */
  addIntake(slot: number, intake: Incoming): void {
    this.#intakes.get(slot)?.end(BODY.answered)
    this.#intakes.set(slot, intake)
  }

  /** A piece of a body has come, or its end; says how many bytes were copied out. */
  body({ bytes, words }: Chunk, at: number): number {
    const slot = words[at + 2] as number
    const intake = this.#intakes.get(slot)
    if (intake === undefined || intake.generation !== words[at + 3]) return 0
    const length = words[at + 5] as number
    const code = (words[at + 4] as number) & 0x3ff
    if ((words[at + 4] as number) >>> 10 !== intake.sequence) return 0
    if (code === 0) {
      try {
        const own = Buffer.allocUnsafeSlow(length)
        bytes.copy(own, 0, at * 4 + NOTICE_BYTES, at * 4 + NOTICE_BYTES + length)
        intake.push(own)
      } catch (error) {
        // No memory for it: what follows would be taken for what is missing.
        this.#intakes.delete(slot)
        intake.fail(error as Error)
      }
    } else {
      this.#intakes.delete(slot)
      intake.end(code)
    }
    return length
  }

  /** The client of these requests is gone. */
  abort(slot: number, generation: number): void {
    for (let at = this.bySlot[slot]; at !== undefined; at = at.next) {
      if (at.generation === generation) at.abort()
    }
  }

  /** Takes the connection of a request from the thread. Throws `ERR_INVALID_STATE` or `EMFILE` if it cannot be had. */
  takeOver(words: Int32Array, at: number): NativeTaken {
    const index = words[at + REQUEST.index] as number
    const generation = words[at + REQUEST.generation] as number
    try {
      if (this.#native === undefined) throw new Error('the server does not run')
      const meta = words[at + REQUEST.meta] as number
      return this.#native.takeOver(this.id, index, generation, meta)
    } catch (cause) {
      const { message, code } = cause as CodedError
      const isOwn = code === 'EMFILE' || code === 'ERR_UNSUPPORTED'
      const error = new Error(`takeover: ${message}`, { cause })
      throw coded(isOwn ? code : 'ERR_INVALID_STATE', error)
    }
  }

  /** Ends the connection of a request behind its answer. */
  finish(words: Int32Array, at: number): void {
    const [index, generation] = [words[at + REQUEST.index], words[at + REQUEST.generation]]
    const meta = words[at + REQUEST.meta] as number
    this.#native?.finish(this.id, index as number, generation as number, meta)
  }

  /** There is a socket for the descriptor of a taken connection; fills `head` with what came behind. */
  claim(fd: number, head: Buffer): void {
    this.#native?.claim(fd, head)
  }

  /** There will be no socket for it: it is closed. */
  abandon(fd: number): void {
    this.#native?.abandon(fd)
  }

  /** Calls `free` when a connection that was taken is free, or lost. */
  whenFree(generation: number, free: (isLost: boolean) => void): void {
    this.#taken.set(generation, free)
  }

  /** A connection that was taken is free, or lost. */
  free(generation: number, isLost: boolean): void {
    this.#taken.delete(generation)?.(isLost)
  }

  /** The thread has ended: nothing that waits for it will come. */
  end(): void {
    this.isEnded = true
    this.handlers = undefined
    for (const intake of this.#intakes.values()) intake.end(BODY.lost)
    for (let at of this.bySlot) {
      for (; at !== undefined; at = at.next) at.abort()
    }
    for (const free of this.#taken.values()) free(true)
    this.ring.leases.releaseAll()
  }

  /** Tells those who answer the request of a notice. */
  #answerAt(words: Int32Array, at: number, tell: (one: Unanswered) => void): void {
    const [generation, meta] = [words[at + 3], words[at + 4]]
    let one = this.bySlot[words[at + 2] as number]
    while (one !== undefined) {
      const { next } = one
      if (one.generation === generation && one.meta === meta) tell(one)
      one = next
    }
  }

  #allocate(): Chunk {
    // Nobody reads what the thread has not written, so nothing has to be cleared.
    const bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    keepHere(bytes.buffer)
    return this.wrap(bytes)
  }
}
