/**
 * A `Buffer` with the methods that write and decode without looking at an encoding name: they take
 * a third of the time of `write` and `toString`. Node, Bun and Deno have them.
 */
export interface Bytes extends Buffer {
  latin1Slice(start: number, end: number): string
  latin1Write(text: string, offset: number, length: number): number
  utf8Write(text: string, offset: number, length: number): number
}

/** Views memory as `Bytes`. */
export function bytesOver(buffer: ArrayBufferLike, offset: number, length: number): Bytes {
  return Buffer.from(buffer as ArrayBuffer, offset, length) as Bytes
}
