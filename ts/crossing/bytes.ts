/**
 * Bytes that native code reads or writes as well, with the methods that write and decode without looking
 * at an encoding name: they take a third of the time of `write` and `toString`. Node, Bun and Deno have them.
 */
export interface Bytes extends Uint8Array {
  latin1Slice(start: number, end: number): string
  latin1Write(text: string, offset: number, length: number): number
  utf8Write(text: string, offset: number, length: number): number
  /** Copies what is from `start` up to `end`. */
  copy(target: Uint8Array, at: number, start: number, end: number): number
}

/** Of a prototype of their own: what somebody does to those that everybody has must not see this memory. */
class OwnBytes extends Uint8Array {}

const { latin1Slice, latin1Write, utf8Write, copy } = Buffer.prototype as unknown as Bytes
const { copyWithin, set, subarray } = Uint8Array.prototype
for (const [name, value] of Object.entries({
  latin1Slice,
  latin1Write,
  utf8Write,
  copy,
  copyWithin,
  set,
  subarray,
})) {
  // Not frozen as a whole: V8 would look elements up in the prototype of each array.
  Object.defineProperty(OwnBytes.prototype, name, { value })
}

/** Views memory as `Bytes`. */
export function bytesOver(buffer: ArrayBufferLike, offset: number, length: number): Bytes {
  return new OwnBytes(buffer as ArrayBuffer, offset, length) as unknown as Bytes
}

/** Up to here writing characters one by one is faster than a call. */
const SHORT = 32

/**
 * Writes a text in UTF-8 to where there is room for all of it, three bytes for each unit unless it is known to
 * be less. Returns how many it took.
 */
export function writeText(
  bytes: Bytes,
  at: number,
  text: string,
  room: number = text.length * 3,
): number {
  const { length } = text
  if (length > SHORT) return bytes.utf8Write(text, at, room)
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) return bytes.utf8Write(text, at, length * 3)
    bytes[at + i] = unit
  }
  return length
}
