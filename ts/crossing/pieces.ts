import { type Bytes, writeText } from './bytes.ts'

/** A piece of what is written. */
export type Piece = string | Uint8Array

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

  /** Adds one that is not empty. */
  add(piece: Piece, encoding: BufferEncoding | undefined): void {
    this.#pieces[this.count] = piece
    this.#encodings[this.count++] = encoding
    this.length += piece.length
  }

  /** Forgets them. */
  clear(): void {
    for (let i = 0; i < this.count; i++) this.#pieces[i] = undefined
    this.count = 0
    this.length = 0
  }

  /** Bytes that they are at most. */
  most(): number {
    let most = 0
    for (let i = 0; i < this.count; i++) {
      const piece = this.#pieces[i] as Piece
      most +=
        typeof piece === 'string' && this.#encodings[i] !== 'latin1'
          ? piece.length * 3
          : piece.length
    }
    return most
  }

  /** Writes them to where there is room for `most`. Returns the place behind them. */
  write(bytes: Bytes, at: number): number {
    let to = at
    for (let i = 0; i < this.count; i++)
      to += writePiece(bytes, to, this.#pieces[i] as Piece, this.#encodings[i])
    return to
  }

  /** Each as bytes, which for those that were bytes are the same. */
  each(): Uint8Array[] {
    return this.#pieces
      .slice(0, this.count)
      .map((piece, i) =>
        typeof piece === 'string' ? Buffer.from(piece, this.#encodings[i]) : (piece as Uint8Array),
      )
  }
}

function writePiece(
  bytes: Bytes,
  at: number,
  piece: Piece,
  encoding: BufferEncoding | undefined,
): number {
  if (typeof piece !== 'string') {
    bytes.set(piece, at)
    return piece.length
  }
  if (encoding === 'latin1') return bytes.latin1Write(piece, at, piece.length)
  if (isUtf8(encoding)) return writeText(bytes, at, piece)
  const encoded = Buffer.from(piece, encoding)
  bytes.set(encoded, at)
  return encoded.length
}

function isUtf8(encoding: BufferEncoding | undefined): boolean {
  return encoding === undefined || encoding === 'utf8' || encoding === 'utf-8'
}
