import { type Bytes, writeText } from './bytes.ts'

/** A piece of what is written. */
export type Piece = string | Uint8Array

/** Bytes up to which a copy costs next to nothing. */
const SMALL = 4 << 10

/** Who takes pieces. */
interface Take {
  /** Says whether it took this one. */
  add(piece: Piece, encoding: BufferEncoding | undefined): boolean
}

/**
 * Pieces that go out together: bytes, and strings in their encodings. The places of those that are gone
 * are used again: to shorten an array and to let it grow costs more than to write what was in it.
 */
export class Pieces {
  readonly #pieces: (Piece | undefined)[] = [undefined, undefined]
  readonly #encodings: (BufferEncoding | undefined)[] = [undefined, undefined]
  /** How many there are. */
  count = 0
  /** What their lengths sum up to: bytes, and units of strings. */
  length = 0

  /**
   * Adds one that is not empty. `waits`: its author may write into it before it goes out, so a small one is copied;
   * what is larger is by `own`.
   */
  add(piece: Piece, encoding: BufferEncoding | undefined, waits: boolean): void {
    const copies = waits && typeof piece !== 'string' && piece.length <= SMALL
    this.#pieces[this.count] = copies ? Buffer.from(piece) : piece
    this.#encodings[this.count++] = encoding
    this.length += piece.length
  }

  /** Copies those that are bytes, and were not copied when they were added. */
  own(): void {
    for (let i = 0; i < this.count; i++) {
      const piece = this.#pieces[i] as Piece
      // Of memory that was transferred nothing can be had.
      if (typeof piece !== 'string' && piece.length > SMALL) this.#pieces[i] = new Uint8Array(piece)
    }
  }

  /** Forgets them. */
  clear(): void {
    for (let i = 0; i < this.count; i++) this.#pieces[i] = undefined
    this.count = 0
    this.length = 0
  }

  /** Bytes that they are. */
  get bytes(): number {
    let bytes = 0
    for (let i = 0; i < this.count; i++)
      bytes += Buffer.byteLength(this.#pieces[i] as Piece, this.#encodings[i])
    return bytes
  }

  /** Bytes that they are at most. */
  most(): number {
    let most = 0
    for (let i = 0; i < this.count; i++)
      most += mostOf(this.#pieces[i] as Piece, this.#encodings[i])
    return most
  }

  /**
   * Makes bytes of strings that may be more than `room`, and of those in other encodings than `writePiece`
   * knows by itself: what it calls for them may be patched, and write something.
   */
  encode(room: number): void {
    for (let i = 0; i < this.count; i++) {
      const [piece, encoding] = [this.#pieces[i] as Piece, this.#encodings[i]]
      const isOther = encoding !== 'latin1' && !isUtf8(encoding)
      if (typeof piece === 'string' && (isOther || mostOf(piece, encoding) > room))
        this.#pieces[i] = Buffer.from(piece, encoding)
    }
  }

  /**
   * Writes them to where there is room for so many bytes as they were at most. Returns the place behind them; throws
   * `RangeError`, with nothing written behind that room, if they are more by now.
   */
  write(bytes: Bytes, at: number, room: number): number {
    let to = at
    for (let i = 0; i < this.count; i++)
      to += writePiece(bytes, to, this.#pieces[i] as Piece, this.#encodings[i], at + room - to)
    return to
  }

  /** Has each taken in turn, from the one with number `from` on, up to one that is not. Returns its number. */
  each(from: number, take: Take): number {
    let next = from
    while (next < this.count && take.add(this.#pieces[next] as Piece, this.#encodings[next])) next++
    return next
  }
}

/** Bytes that a piece is at most. */
export function mostOf(piece: Piece, encoding: BufferEncoding | undefined): number {
  return typeof piece === 'string' && encoding !== 'latin1' ? piece.length * 3 : piece.length
}

/** Writes a piece to where there is this room for it, three bytes for each unit of a string. Returns how many it took. */
export function writePiece(
  bytes: Bytes,
  at: number,
  piece: Piece,
  encoding: BufferEncoding | undefined,
  room: number,
): number {
  if (typeof piece !== 'string') return setBytes(bytes, at, piece, room)
  if (encoding === 'latin1') return bytes.latin1Write(piece, at, piece.length)
  if (isUtf8(encoding)) return writeText(bytes, at, piece)
  return setBytes(bytes, at, Buffer.from(piece, encoding), room)
}

/** Memory that can grow may have done so since it was measured, and behind the room lies what is of others. */
function setBytes(bytes: Bytes, at: number, piece: Uint8Array, room: number): number {
  const { length } = piece
  if (length > room) throw new RangeError('what is written has grown since it was handed over')
  // Of memory that was transferred since nothing can be had.
  if (length > 0) bytes.set(piece, at)
  return length
}

function isUtf8(encoding: BufferEncoding | undefined): boolean {
  return encoding === undefined || encoding === 'utf8' || encoding === 'utf-8'
}
