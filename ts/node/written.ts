import { byteLength } from '../crossing/memory.ts'
import type { Piece } from '../crossing/pieces.ts'
import { coded } from '../errors.ts'

/** What `write` is given as a piece. Throws what node's streams throw: of what is refused nothing is kept. */
export function pieceOf(chunk: unknown, encoding: unknown): Piece {
  if (typeof chunk === 'string') {
    if (!isKnown(encoding))
      throw coded('ERR_UNKNOWN_ENCODING', new TypeError(`Unknown encoding: ${String(encoding)}`))
    return chunk
  }
  // A subclass may say anything about its length.
  if (chunk instanceof Uint8Array && chunk.length === byteLength(chunk)) return chunk
  if (ArrayBuffer.isView(chunk))
    return chunk instanceof Uint8Array
      ? new Uint8Array(chunk)
      : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (chunk === null)
    throw coded('ERR_STREAM_NULL_VALUES', new TypeError('May not write null values to stream'))
  const wanted = 'The "chunk" argument must be of type string or an instance of Buffer, '
  throw coded(
    'ERR_INVALID_ARG_TYPE',
    new TypeError(`${wanted}TypedArray, or DataView. Received ${typeof chunk}`),
  )
}

/** Why nothing is written to a connection that is over. */
export function destroyed(): Error {
  const message = 'Cannot call write after a stream was destroyed'
  return coded('ERR_STREAM_DESTROYED', new Error(message))
}

function isKnown(encoding: unknown): boolean {
  if (encoding === undefined || encoding === 'latin1' || encoding === 'utf8') return true
  if (typeof encoding === 'function' || encoding === null || encoding === '') return true
  return encoding === 'buffer' || Buffer.isEncoding(encoding as string)
}
