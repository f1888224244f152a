import { type Bytes, bytesOver } from './bytes.ts'
import { ANSWER, PARCEL } from './layout.ts'
import { byteLength, keepHere } from './memory.ts'
import { mostOf, type Piece, type Pieces, writePiece } from './pieces.ts'

/** Bytes from which on a copy costs more than to wait for their release. */
const LARGE = 8 << 10
/**
 * The same where a thread sends them, which their author does not wait for: what the kernel would have taken at once
 * with node is his again at once.
 */
const LARGE_ACROSS = 4 << 20
/** Bytes of the small pieces, which are copied together. */
const ROOM = 16 << 10
const NONE: readonly Uint8Array[] = []

/**
 * Pieces that go past a ring together; see native/bridge/parcel.rs. Small ones are laid out in memory that
 * the thread shares, large ones are sent from where they are.
 */
export class Parcel {
  /** Where it is laid out. Like a chunk it never leaves the package. */
  readonly bytes: Bytes
  /** The words of its record, and the lengths of the pieces. */
  readonly words: Int32Array
  /** What it has of large pieces. */
  large: readonly Uint8Array[] = NONE
  /** Bytes of all pieces. */
  length = 0
  #large: Uint8Array[] | undefined
  /** Bytes of a piece from which on it is lent. */
  readonly #lendsFrom: number
  #lends = false
  #count = 0
  #to: number = PARCEL.bytesAt

  /** `isHere`: what is handed over is sent by this thread, before that returns, as far as there is room. */
  constructor(isHere: boolean) {
    this.#lendsFrom = isHere ? LARGE : LARGE_ACROSS
    const buffer = new ArrayBuffer(PARCEL.bytesAt + ROOM)
    keepHere(buffer)
    this.bytes = bytesOver(buffer, 0, buffer.byteLength)
    this.words = new Int32Array(buffer, 0, PARCEL.bytesAt >> 2)
  }

  /**
   * Begins a new one of these pieces, from the one with number `from` on. Returns the number of the first without
   * room. `lends`: large ones may be sent from where they are, without being looked at.
   */
  fill(pieces: Pieces, from: number, lends: boolean): number {
    if (from === 0) pieces.encode(ROOM)
    this.#lends = lends
    this.clear()
    return pieces.each(from, this)
  }

  /** Lets go of what is in it. */
  clear(): void {
    this.large = NONE
    this.#large = undefined
    this.length = 0
    this.#count = 0
    this.#to = PARCEL.bytesAt
  }

  /**
   * Adds a piece, of strings those that `Pieces.encode` leaves; says whether there was room for it, which an
   * empty one has for any.
   */
  add(piece: Piece, encoding: BufferEncoding | undefined): boolean {
    if (this.#count === PARCEL.most) return false
    if (typeof piece === 'string') {
      if (mostOf(piece, encoding) > this.#rest) return false
      this.#note(writePiece(this.bytes, this.#to, piece, encoding, this.#rest))
      return true
    }
    return this.#addBytes(piece)
  }

  #addBytes(piece: Uint8Array): boolean {
    const length = byteLength(piece)
    if (length >= LARGE) {
      this.large = this.#large ??= []
      const isLent = this.#lends && length >= this.#lendsFrom && !isResizable(piece)
      this.#large.push(isLent ? piece : new Uint8Array(piece))
      this.words[PARCEL.lengths + this.#count++] = PARCEL.large
      this.length += length
      return true
    }
    // Its memory was transferred since it was written.
    if (length === 0) return true
    if (length > this.#rest) return false
    this.bytes.set(piece, this.#to)
    this.#note(length)
    return true
  }

  get #rest(): number {
    return PARCEL.bytesAt + ROOM - this.#to
  }

  #note(length: number): void {
    this.words[PARCEL.lengths + this.#count++] = length
    this.#to += length
    this.length += length
  }

  /** Its record has this number of pieces. */
  seal(): void {
    this.words[ANSWER.size] = this.#count
  }
}

/** Whether its memory may be cut off while it is sent. */
function isResizable({ buffer }: Uint8Array): boolean {
  const { resizable, growable } = buffer as { resizable?: boolean; growable?: boolean }
  return resizable === true || growable === true
}
