import { type Bytes, bytesOver, writeText } from './bytes.ts'
import { ANSWER, CONTROL, DOWN, REQUEST } from './layout.ts'
import { Leases, Lent } from './leases.ts'
import { byteLength, keepHere } from './memory.ts'
import type { NativeServer } from './native.ts'
import { Parcel } from './parcel.ts'
import type { Pieces } from './pieces.ts'
import { nextTick } from './timers.ts'

/** Bytes of a thread's ring; a power of two. */
const RING_BYTES = 1 << 20
/** Bodies above this size go to native memory instead. */
const RING_BODY = 16 << 10
/** Bytes that are gathered in the ring at a time; a string may take three for each unit. */
const MOST_GATHERED = 64 << 10
/** Bytes of a raw response that `borrow` has room for. */
export const RAW_ROOM: number = RING_BODY
const HEADER = ANSWER.count * 4
const encode = TextEncoder.prototype.encode.bind(new TextEncoder())
const { byteLength: utf8Length } = Buffer
/** Requests that are remembered in case that the bytes of their answer are refused; a power of two. */
const RECENT = 64
/** Answers within one batch after which a sleeping thread is woken. */
const WAKE_AFTER = 32

/** What is said of an answer besides its body. */
export interface AnswerHead {
  /** Kind and flags, with the status in the high half. */
  readonly kind: number
  /** A number out of `CONTENT_TYPES`. */
  readonly type: number
  /** The reason phrase; '' for the standard one. */
  readonly reason: string
  /** Encoded field lines, latin1. */
  readonly fields: string
}

/** A step of an answer that has no head of its own. */
export function headless(kind: number): AnswerHead {
  return { kind, type: 0, reason: '', fields: '' }
}

/** Ends an answer short of its end, or a request that gets none. */
export const CUT: AnswerHead = headless(DOWN.cut)
/** What a step without a body brings. */
export const NOTHING: Uint8Array = new Uint8Array(0)

const NOWHERE: Bytes = bytesOver(new ArrayBuffer(0), 0, 0)

/** The JavaScript end of a thread's response ring; see native/bridge/ring.rs. */
export class Ring {
  /** The ring's memory. Like a chunk it never leaves the package. */
  readonly bytes: Bytes
  /** The ring, and behind it the memory that is borrowed first. */
  readonly #all: Bytes
  readonly #behind: Bytes
  readonly #words: Int32Array
  readonly #control: Int32Array
  /** What goes past the ring, for the time of a call: a new one each time would have a buffer made for it. */
  readonly #record = new Int32Array(new ArrayBuffer(ANSWER.count * 4))
  /** What goes past the ring in pieces. */
  readonly parcel: Parcel
  readonly #id: number
  /** What the thread needs of JavaScript's memory, and whom it is to tell of. */
  readonly leases: Leases = new Leases()
  readonly #flushSoon: () => void
  #spare: Bytes | undefined
  /** Where parts are put together that the ring has no room for. */
  #joint: Bytes = NOWHERE
  #tail = 0
  #head = 0
  /** Answers published since the thread was told. */
  #count = 0
  #wakeAfter = WAKE_AFTER
  #draining = false
  #isReserved = false
  readonly #raw: (object | undefined)[] = Array.from({ length: RECENT })
  #nextRaw = 0
  #flushIsDue = false
  #native: NativeServer | undefined

  /** `isHere`: what reads it runs on this thread. */
  constructor(id: number, control: Int32Array, isHere: boolean) {
    this.#id = id
    this.#control = control
    this.parcel = new Parcel(isHere)
    const buffer = new ArrayBuffer(RING_BYTES + RAW_ROOM)
    keepHere(buffer)
    this.bytes = bytesOver(buffer, 0, RING_BYTES)
    this.#all = bytesOver(buffer, 0, RING_BYTES + RAW_ROOM)
    this.#behind = bytesOver(buffer, RING_BYTES, RAW_ROOM)
    this.#spare = this.#behind
    this.#words = new Int32Array(buffer, 0, RING_BYTES >> 2)
    this.#flushSoon = () => {
      this.#flushIsDue = false
      this.flush()
    }
  }

  /** Notes that a request was answered by bytes that the thread has yet to look at. */
  noteRaw(req: object): void {
    this.#raw[this.#nextRaw++ & (RECENT - 1)] = req
  }

  /** The requests that were answered so lately. */
  recentRaw(): readonly (object | undefined)[] {
    return this.#raw
  }

  /** Connects the addon. */
  attach(native: NativeServer): void {
    this.#native = native
  }

  /** A batch begins: its answers are flushed at its end. */
  begin(): void {
    this.#wakeAfter = WAKE_AFTER
    this.#draining = true
    // A stack that overflows within an answer leaves it set.
    this.#isReserved = false
  }

  /** Handlers are slow, or not: an answer must not wait for the handlers behind it. */
  hurry(isSlow: boolean): void {
    this.#wakeAfter = isSlow ? 1 : WAKE_AFTER
    if (isSlow) this.flush()
  }

  /** The batch is over. */
  end(): void {
    this.#draining = false
    this.flush()
  }

  /**
   * Wakes the thread if it sleeps and has not been told of all answers; whoever takes the word away owes
   * the wake-up. One that sleeps again behind the last answer has nothing to do.
   */
  flush(): void {
    if (this.#count === 0) return
    this.#count = 0
    if (
      Atomics.load(this.#control, CONTROL.sleeping) === 1 &&
      Atomics.exchange(this.#control, CONTROL.sleeping, 0) === 1
    ) {
      this.#native?.wake(this.#id, this.#wakeAfter === 1)
    }
  }

  /** Answers with a text in UTF-8. */
  text(words: Int32Array, at: number, head: AnswerHead, body: string): void {
    const { length } = body
    const extra = head.reason.length + head.fields.length
    // A long one is rarely three bytes for each unit; to look takes less than to make memory for it.
    const isLong = length * 3 + extra > RING_BODY && length + extra <= RING_BODY
    const most = isLong ? utf8Length(body) : length * 3
    const start = most + extra > RING_BODY ? -1 : this.#reserve(HEADER + extra + most)
    if (start < 0) {
      // Nobody else can reach what the encoder returns, so it need not be copied again.
      const bytes = encode(body)
      this.#send(words, at, head, bytes, new Lent(bytes))
      return
    }
    const bodyAt = this.#writeHead(start, head)
    this.#publish(start, bodyAt, writeText(this.bytes, bodyAt, body, most), words, at, head)
  }

  /** Answers with bytes, which are copied. */
  binary(words: Int32Array, at: number, head: AnswerHead, body: Uint8Array, length: number): void {
    const extra = head.reason.length + head.fields.length
    const start = length + extra > RING_BODY ? -1 : this.#reserve(HEADER + extra + length)
    if (start < 0) {
      this.#send(words, at, head, body)
      return
    }
    const bodyAt = this.#writeHead(start, head)
    this.bytes.set(body, bodyAt)
    this.#publish(start, bodyAt, length, words, at, head)
  }

  /** Answers with bytes that lie in several places, `length` in all, which are copied. */
  parts(
    words: Int32Array,
    at: number,
    head: AnswerHead,
    parts: readonly Uint8Array[],
    length: number,
  ): void {
    const extra = head.reason.length + head.fields.length
    const start = length + extra > RING_BODY ? -1 : this.#reserve(HEADER + extra + length)
    if (start >= 0) {
      const bodyAt = this.#writeHead(start, head)
      copyAll(parts, this.bytes, bodyAt)
      this.#publish(start, bodyAt, length, words, at, head)
      return
    }
    // The addon copies them again: memory for each answer would have the collector run all the time.
    if (length > this.#joint.length) this.#joint = bytesOver(new ArrayBuffer(length), 0, length)
    copyAll(parts, this.#joint, 0)
    this.#send(words, at, head, this.#joint.subarray(0, length))
    if (length > MOST_GATHERED) this.#joint = NOWHERE
  }

  /** Hands over these pieces as one. Returns how many bytes they are; -1, with nothing written, without room. */
  gather(words: Int32Array, at: number, head: AnswerHead, pieces: Pieces): number {
    const most = pieces.most()
    const start = most > MOST_GATHERED ? -1 : this.#reserve(HEADER + most)
    if (start < 0) return -1
    const from = start + HEADER
    const length = pieces.write(this.bytes, from, most) - from
    this.#publish(start, from, length, words, at, head)
    return length
  }

  /** Memory of `RAW_ROOM` bytes for what is written piece by piece, the borrower's alone. */
  borrow(): Bytes {
    const bytes = this.#spare ?? bytesOver(new ArrayBuffer(RAW_ROOM), 0, RAW_ROOM)
    this.#spare = undefined
    return bytes
  }

  /** What `borrow` gave is no longer needed. */
  giveBack(bytes: Bytes): void {
    if (this.#spare !== this.#behind) this.#spare = bytes
  }

  /** Answers with the first `length` of `bytes`, which are copied. */
  raw(words: Int32Array, at: number, head: AnswerHead, bytes: Bytes, length: number): void {
    const start = length > RING_BODY ? -1 : this.#reserve(HEADER + length)
    if (start < 0) {
      this.#send(words, at, head, bytes.subarray(0, length))
      return
    }
    const to = start + HEADER
    // Within one buffer no view has to be made, which takes twice as long as the copy.
    if (bytes === this.#behind) this.#all.copyWithin(to, RING_BYTES, RING_BYTES + length)
    else bytes.copy(this.bytes, to, 0, length)
    this.#publish(start, to, length, words, at, head)
  }

  /** Answers with bytes that nobody can change any more: they are sent from where they are. */
  lend(words: Int32Array, at: number, head: AnswerHead, body: Uint8Array): void {
    this.#send(words, at, head, body, new Lent(body))
  }

  /** A step of an answer that comes bit by bit. Steps keep their order among themselves. */
  part(words: Int32Array, at: number, head: AnswerHead, body: Uint8Array): void {
    this.#send(words, at, head, body)
  }

  /**
   * A step that is a parcel, and the end of its answer behind it if it is the last one. Returns what `taken`
   * tells, if that `asks` and there are no threads. With its bits turned over the large pieces are in use
   * still: who gave them leaves them alone until `finish` is called, which is in their order on a connection.
   */
  post(
    words: Int32Array,
    at: number,
    head: AnswerHead,
    isLast: boolean,
    asks: boolean,
    finish: () => void,
  ): number {
    const { parcel } = this
    const { large } = parcel
    const id = large.length === 0 ? 0 : this.leases.vacant()
    writeWords(parcel.words, 0, 0, 0, words, at, head)
    parcel.seal()
    const told = this.#native?.post(this.#id, large, id, isLast, asks) ?? 0
    if (id !== 0 && told < 0) this.leases.occupy(id, new Lent(large, finish))
    parcel.clear()
    return told
  }

  /**
   * Without threads: has what is published written now. How many bytes the client has taken of the answer
   * to this request since that was told last; 0 with threads, which tell it by a record.
   */
  taken(words: Int32Array, at: number): number {
    const index = words[at + REQUEST.index] as number
    return this.#native?.taken(index, words[at + REQUEST.generation] as number) ?? 0
  }

  #writeHead(start: number, head: AnswerHead): number {
    let at = start + HEADER
    if (head.reason !== '') at += this.bytes.latin1Write(head.reason, at, head.reason.length)
    if (head.fields !== '') at += this.bytes.latin1Write(head.fields, at, head.fields.length)
    return at
  }

  #publish(
    start: number,
    bodyAt: number,
    bodyLen: number,
    words: Int32Array,
    at: number,
    head: AnswerHead,
  ): void {
    const size = align(bodyAt + bodyLen - start)
    writeWords(this.#words, start >> 2, size, bodyLen, words, at, head)
    this.#tail = (this.#tail + size) | 0
    this.#isReserved = false
    Atomics.store(this.#control, CONTROL.tail, this.#tail)
    this.#count++
    if (!this.#draining) this.#flushLater()
    else if (this.#count >= this.#wakeAfter) this.flush()
  }

  #flushLater(): void {
    if (this.#flushIsDue) return
    // What the tasks that wait already have to say goes out with it.
    nextTick(this.#flushSoon)
    this.#flushIsDue = true
  }

  /** `kept` is what is kept until the bytes are sent from where they are; without it they are copied. */
  #send(words: Int32Array, at: number, head: AnswerHead, body: Uint8Array, kept?: Lent): void {
    const text = head.reason + head.fields
    const lines = text === '' ? NOTHING : Buffer.from(text, 'latin1')
    const id = kept === undefined ? 0 : this.leases.keep(kept)
    writeWords(this.#record, 0, 0, byteLength(body), words, at, head)
    this.#native?.answer(this.#id, this.#record, lines, body, id)
  }

  /**
   * Room for `size` bytes in one piece, to be published before anything else is. -1 if the thread has
   * not taken enough yet, or if it is asked for within another answer: a method of strings or buffers
   * that somebody has patched may well send something.
   */
  #reserve(bytes: number): number {
    if (this.#isReserved) return -1
    const size = align(bytes)
    const at = this.#tail & (RING_BYTES - 1)
    const rest = RING_BYTES - at
    const needed = size > rest ? rest + size : size
    if (RING_BYTES - ((this.#tail - this.#head) | 0) < needed) {
      this.#head = Atomics.load(this.#control, CONTROL.head)
      if (RING_BYTES - ((this.#tail - this.#head) | 0) < needed) return -1
    }
    this.#isReserved = true
    if (size <= rest) return at
    this.#words[at >> 2] = rest
    this.#words[(at >> 2) + 1] = DOWN.skip
    this.#tail = (this.#tail + rest) | 0
    return 0
  }
}

function copyAll(parts: readonly Uint8Array[], to: Bytes, at: number): void {
  for (const part of parts) {
    to.set(part, at)
    at += byteLength(part)
  }
}

/** Records are multiples of 8 bytes, so that the rest of the ring always holds a skip record. */
function align(bytes: number): number {
  return (bytes + 7) & ~7
}

function writeWords(
  record: Int32Array,
  to: number,
  size: number,
  bodyLen: number,
  words: Int32Array,
  at: number,
  head: AnswerHead,
): void {
  record[to + ANSWER.size] = size
  record[to + ANSWER.kind] = head.kind
  record[to + ANSWER.index] = words[at + REQUEST.index] as number
  record[to + ANSWER.generation] = words[at + REQUEST.generation] as number
  record[to + ANSWER.meta] = words[at + REQUEST.meta] as number
  record[to + ANSWER.type] = head.type | (head.reason.length << 8)
  record[to + ANSWER.fieldsLen] = head.fields.length
  record[to + ANSWER.bodyLen] = bodyLen
}
