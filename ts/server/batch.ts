import type { Chunk } from '../crossing/chunk.ts'
import type { Lane } from '../crossing/lane.ts'
import { CLAIM, CONTROL, REQUEST, UP } from '../crossing/layout.ts'
import type { NativeServer } from '../crossing/native.ts'
import { Nursery } from '../crossing/nursery.ts'
import { elapsed, setImmediate } from '../crossing/timers.ts'
import { uncaught } from '../crossing/uncaught.ts'
import { coded } from '../errors.ts'

/** What is said of a record that cannot be taken before ticks have run: it is given once more behind them. */
export const LATER = true

/** Who is given the requests of a batch. */
export interface Receiver {
  /**
   * A request has come. `isLate`: while this batch is handled, so that it may be asked for by who has read an answer
   * of it, of which nobody was told in a tick yet.
   */
  request(chunk: Chunk, at: number, isLate: boolean): void | typeof LATER
  /** One that may become something else, or whose body is to come. */
  extended(chunk: Chunk, at: number, isLate: boolean): void | typeof LATER
  /** The bytes of an answer were refused. */
  rawRefused(lane: Lane, words: Int32Array, at: number): void
  /** A file could not be opened, or sent to its end. */
  fileFailed(lane: Lane, id: number, errno: number): void
  /** Whether requests of one connection that were read together are handled in one turn, however long that takes. */
  readonly keepsTogether?: boolean
  /** Whether it copies what it needs of a request at once, except for what it keeps as unanswered. */
  readonly copies?: boolean
}

/** A record that was not taken. */
interface Held {
  readonly lane: Lane
  readonly kind: number
  readonly chunk: Chunk
  readonly at: number
}

/** What a batch brings besides requests. */
export interface BatchEvents {
  /** An I/O thread has ended, or failed. */
  ended(lane: Lane, failed: boolean): void
  /** A client was accepted for this ticket, as this connection of the thread. */
  accepted(lane: Lane, ticket: number, generation: number): void
  /** None will be. */
  notAccepted(ticket: number): void
  /** Requests have waited for so many milliseconds; further ones are answered 503. */
  overload(delay: number): void
  /** A client was accepted; its addresses are at the places of a request's. */
  connected?(lane: Lane, chunk: Chunk, at: number): void
  /** A client was turned away; its addresses are at the same places. */
  dropped?(lane: Lane, chunk: Chunk, at: number): void
  /**
   * A request is refused, and its answer waited for: behind kind and size the index and generation,
   * the status, the number of its fault or -1, the bytes that were read without one, the length
   * of what was read of it, and that.
   */
  refused?(lane: Lane, chunk: Chunk, at: number): void
  /** The trailer section of a body has come: the words of a piece, and its field lines. */
  trailers?(lane: Lane, chunk: Chunk, at: number): void
  /**
   * A connection is gone: behind kind and size its generation, its index, and 1 if its socket failed. `isLate` as
   * with requests.
   */
  left?(lane: Lane, chunk: Chunk, at: number, isLate: boolean): void | typeof LATER
  /** The server closes, and nobody is served on this thread any more; what is left of it is not to be waited for. */
  quiet?(lane: Lane): void
}

function isRequest(kind: number): boolean {
  return kind === UP.request || kind === UP.extended || kind === UP.large
}

function lateAnswer(): Error {
  const message = 'the request was answered before, or its client is gone'
  return coded('ERR_INVALID_STATE', new Error(message))
}

/** Requests handled before the event loop gets a turn. */
const BATCH = 256
/** Milliseconds of handlers before it does. */
const BATCH_MS = 1
/** Handlers between two looks at the clock, while they are fast. */
const LOOK_EVERY = 16
/** Requests that were withdrawn are passed over so many at a time. */
const SKIPS = 4096
/** Up to so many answers of a batch are sent before JavaScript does anything else. */
const FEW = 4
/** Milliseconds per handler from which on nothing is claimed ahead, and the clock is looked at behind each. */
const SLOW_MS = 0.05
/**
 * Milliseconds per handler from which on each answer is sent as soon as it is there. Faster ones wait
 * for the end of the batch, which is a millisecond away: a wake-up for each costs more than they do.
 */
const HURRY_MS = 0.25

/**
 * Drains what the I/O threads publish: reads records and gives requests to their handler.
 *
 * At most one call from native code is pending per server; who clears the `scheduled` word looks
 * once more before it goes idle (see native/bridge/handshake.rs).
 */
export class Batch {
  /** The word that says that a call is due or under way. */
  readonly scheduled: Int32Array = new Int32Array(1)
  /** Entered by the threadsafe function. */
  readonly drain: () => void
  readonly #lanes: readonly Lane[]
  readonly #receiver: Receiver
  readonly #events: BatchEvents
  readonly #live: Set<Lane>
  readonly #nursery = new Nursery()
  /** What is given once more. */
  #held: Held | undefined
  #native: NativeServer | undefined

  constructor(lanes: readonly Lane[], receiver: Receiver, events: BatchEvents) {
    this.#lanes = lanes
    this.#live = new Set(lanes)
    this.#receiver = receiver
    this.#events = events
    this.drain = () => {
      try {
        this.#drain()
      } catch (error) {
        // A fault of ours, or no memory; whoever waits behind it must not wait for ever.
        setImmediate(this.drain)
        uncaught(error)
      }
    }
  }

  /** Connects the addon. */
  attach(server: NativeServer): void {
    this.#native = server
    for (const lane of this.#lanes) lane.attach(server)
  }

  #drain(): void {
    for (const lane of this.#lanes) lane.known = Atomics.load(lane.words, CONTROL.published)
    if (this.#held !== undefined) this.#giveAgain(this.#held)
    do {
      let left = BATCH
      for (const lane of this.#lanes) {
        lane.pulse()
        left = this.#drainLane(lane, left)
        if (left <= 0) {
          // The word stays set: the rest comes after the event loop had its turn.
          setImmediate(this.drain)
          return
        }
      }
      for (const lane of this.#live) this.#lookForEnd(lane)
      Atomics.store(this.scheduled, 0, 0)
    } while (this.#hasMore() && Atomics.exchange(this.scheduled, 0, 1) === 0)
  }

  #hasMore(): boolean {
    for (const lane of this.#live) {
      if (Atomics.load(lane.words, CONTROL.published) !== lane.read) return true
      if (Atomics.load(lane.words, CONTROL.ended) !== 0) return true
    }
    return false
  }

  #lookForEnd(lane: Lane): void {
    const state = Atomics.load(lane.words, CONTROL.ended)
    // What it published last is read first.
    if (state === 0 || Atomics.load(lane.words, CONTROL.published) !== lane.read) return
    this.#live.delete(lane)
    lane.end()
    this.#events.ended(lane, state === 2)
  }

  /** Handles what a thread published, at most `left` requests; returns how many may follow. */
  #drainLane(lane: Lane, left: number): number {
    if (lane.read === Atomics.load(lane.words, CONTROL.published)) return left
    lane.begin()
    lane.ring.begin()
    try {
      return this.#readLane(lane, left)
    } finally {
      // Whatever happened: an answer that waits for this waits for the next request else.
      lane.ring.end()
    }
  }

  #giveAgain({ lane, kind, chunk, at }: Held): void {
    this.#held = undefined
    lane.begin()
    lane.ring.begin()
    try {
      if (isRequest(kind)) this.#give(lane, kind, chunk, at, false)
      else this.#note(lane, kind, chunk, at, false)
    } finally {
      lane.ring.end()
    }
  }

  /** Says whether the request was taken. */
  #give(lane: Lane, kind: number, chunk: Chunk, at: number, isLate: boolean): boolean {
    const said =
      kind === UP.request
        ? this.#receiver.request(chunk, at, isLate)
        : this.#receiver.extended(chunk, at, isLate)
    return said !== LATER || this.#hold({ lane, kind, chunk, at })
  }

  #hold(held: Held): false {
    this.#held = held
    return false
  }

  #readLane(lane: Lane, left: number): number {
    let published = Atomics.load(lane.words, CONTROL.published)
    // The thread does not look by itself while there is one: the handler may answer others, and go on for long.
    if (published === ((lane.read + 1) | 0)) lane.ring.hurry(true)
    const begun = elapsed()
    let [handled, nextLook, skipped, ahead] = [0, 1, 0, 1]
    while (lane.read !== published) {
      const { chunk, at } = lane
      const kind = (chunk.words[at] as number) & 0xff
      const isLate = ((lane.read - lane.known) | 0) >= 0
      // This may fail for want of memory: then the record is unread, and it is tried again.
      if (kind === UP.end) lane.nextChunk(at, this.#receiver.copies === true)
      else lane.at = at + ((chunk.words[at + REQUEST.size] as number) >> 2)
      const isWithdrawn = lane.readNext(published, ahead)
      if (isWithdrawn && isRequest(kind)) {
        if (kind === UP.large) this.#native?.dropLarge(lane.id, chunk.words[at + 2] as number)
        lane.noted += chunk.words[at + REQUEST.size] as number
        skipped++
      } else if (kind === UP.request || kind === UP.extended) {
        if (!this.#give(lane, kind, chunk, at, isLate)) return 0
        handled++
      } else if (kind === UP.large) {
        if (!this.#giveLarge(lane, chunk.words[at + 2] as number, isLate)) return 0
        handled++
      } else if (!this.#note(lane, kind, chunk, at, isLate)) return 0
      if (lane.read === published) published = Atomics.load(lane.words, CONTROL.published)
      // Reading the clock after each answer would cost as much as a small answer; behind the last one
      // there is nothing to decide.
      if (handled >= nextLook && lane.read !== published) {
        const spent = elapsed() - begun
        const isSlow = spent > SLOW_MS * handled
        lane.ring.hurry(spent > HURRY_MS * handled)
        nextLook = handled + (isSlow ? 1 : LOOK_EVERY)
        // Behind a handler that is slow nothing may be claimed that could still be withdrawn.
        ahead = isSlow ? 1 : CLAIM.atOnce
        const isEnough = spent >= BATCH_MS || handled >= left
        if (isEnough && !this.#goesOn(lane, published, chunk, at)) break
      }
      if (skipped >= SKIPS) break
    }
    // Few clients wait for the time of each hop, many for that of all of them.
    if (handled <= FEW) lane.ring.hurry(true)
    return lane.read === published ? left - handled : 0
  }

  /** Whether the next record belongs together with this one. */
  #goesOn(lane: Lane, published: number, { words }: Chunk, at: number): boolean {
    if (this.#receiver.keepsTogether !== true || lane.read === published) return false
    const { chunk, at: next } = lane
    const kind = (chunk.words[next] as number) & 0xff
    const isOf = (place: number): boolean => chunk.words[next + place] === words[at + place]
    // One that no chunk holds has other words.
    return kind !== UP.large && isRequest(kind) && isOf(REQUEST.index) && isOf(REQUEST.generation)
  }

  /** Says whether it was taken. */
  #note(lane: Lane, kind: number, chunk: Chunk, at: number, isLate: boolean): boolean {
    const { words } = chunk
    switch (kind) {
      case UP.end:
        return true
      case UP.body:
        this.#nursery.add(lane.body(chunk, at))
        break
      case UP.drained:
        lane.drained(words, at)
        break
      case UP.abort:
        lane.abort(words[at + 2] as number, words[at + 3] as number)
        break
      case UP.rawRefused:
        this.#receiver.rawRefused(lane, words, at)
        break
      case UP.rawDone:
        lane.settle(words, at, words[at + 5] === 0 ? null : lateAnswer())
        break
      case UP.taken:
        lane.free(words[at + 3] as number, words[at + 4] !== 0)
        break
      case UP.overload:
        this.#events.overload(words[at + 2] as number)
        break
      case UP.accepted:
        this.#events.accepted(lane, words[at + 2] as number, words[at + 3] as number)
        break
      case UP.notAccepted:
        this.#events.notAccepted(words[at + 2] as number)
        break
      case UP.left:
        lane.handlers?.delete(words[at + 2] as number)
        if (this.#events.left?.(lane, chunk, at, isLate) === LATER)
          return this.#hold({ lane, kind, chunk, at })
        break
      case UP.quiet:
        this.#events.quiet?.(lane)
        break
      case UP.trailers:
        this.#events.trailers?.(lane, chunk, at)
        break
      case UP.refused:
        this.#events.refused?.(lane, chunk, at)
        break
      case UP.connected:
        this.#events.connected?.(lane, chunk, at)
        break
      case UP.dropped:
        this.#events.dropped?.(lane, chunk, at)
        break
      case UP.fileFailed:
        this.#receiver.fileFailed(lane, words[at + 2] as number, words[at + 3] as number)
        break
      case UP.released:
        lane.ring.leases.release(words[at + 2] as number)
        break
    }
    lane.noted += words[at + REQUEST.size] as number
    return true
  }

  #giveLarge(lane: Lane, id: number, isLate: boolean): boolean {
    if (this.#native === undefined) return true
    const chunk = lane.wrap(this.#native.takeLarge(lane.id, id))
    const at = (chunk.words[chunk.words.length - 1] as number) >> 2
    return this.#give(lane, (chunk.words[at] as number) & 0xff, chunk, at, isLate)
  }
}
