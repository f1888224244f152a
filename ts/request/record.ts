import type { Chunk } from '../crossing/chunk.ts'
import { META, METHODS, REQUEST } from '../crossing/layout.ts'
import { textAt } from '../crossing/texts.ts'
import { coded } from '../errors.ts'
import { formatAddress } from './address.ts'

const decode = TextDecoder.prototype.decode.bind(new TextDecoder())

// The record of a request as the I/O thread wrote it: at word `at` of its chunk.

/** The method as sent. */
export function methodOf(chunk: Chunk, at: number): string {
  const code = ((chunk.words[at] as number) >> 8) & 0xff
  return METHODS[code] || sliceOf(chunk, at, 0, chunk.words[at + REQUEST.methodLen] as number)
}

/** The request-target as sent. */
export function targetOf(chunk: Chunk, at: number): string {
  const start = (chunk.words[at + REQUEST.methodLen] as number) + 1
  return sliceOf(chunk, at, start, chunk.words[at + REQUEST.targetLen] as number)
}

/** Bytes of the request as latin1. */
export function sliceOf(
  { bytes, words }: Chunk,
  at: number,
  start: number,
  length: number,
): string {
  const from = (words[at + REQUEST.raw] as number) + start
  return textAt(bytes, from, from + length)
}

/** A copy of bytes of the request, with memory of its own. */
export function copyOf(
  chunk: Chunk,
  at: number,
  start: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  return filled(new Uint8Array(length), chunk, at, start)
}

function filled<T extends Uint8Array>(
  copy: T,
  { bytes, words }: Chunk,
  at: number,
  start: number,
): T {
  const from = (words[at + REQUEST.raw] as number) + start
  bytes.copy(copy, 0, from, from + copy.length)
  return copy
}

/** The same for whoever may be given memory that others have parts of, as node's parser gives it. */
export function pooledBodyOf(chunk: Chunk, at: number): Buffer {
  const { words } = chunk
  const copy = Buffer.allocUnsafe(words[at + REQUEST.bodyLen] as number)
  return filled(copy, chunk, at, words[at + REQUEST.headLen] as number)
}

/** A copy of the body. */
export function bodyOf(chunk: Chunk, at: number): Uint8Array<ArrayBuffer> {
  const { words } = chunk
  return copyOf(
    chunk,
    at,
    words[at + REQUEST.headLen] as number,
    words[at + REQUEST.bodyLen] as number,
  )
}

/** The body as UTF-8. */
export function textOf({ bytes, words }: Chunk, at: number): string {
  const start = (words[at + REQUEST.raw] as number) + (words[at + REQUEST.headLen] as number)
  return decode(bytes.subarray(start, start + (words[at + REQUEST.bodyLen] as number)))
}

/** The client's address. */
export function remoteOf({ words }: Pick<Chunk, 'words'>, at: number): string {
  const family = words[at + REQUEST.family] as number
  return formatAddress(words, at + REQUEST.remote, family & 0xff, family >>> 16)
}

/** The server's address. */
export function localOf({ words }: Pick<Chunk, 'words'>, at: number): string {
  const family = words[at + REQUEST.family] as number
  // Both ends are on one link.
  return formatAddress(words, at + REQUEST.local, (family >> 8) & 0xff, family >>> 16)
}

/** The values that the addon found for a route's wildcards. */
export function valuesOf(chunk: Chunk, at: number): string[] {
  const { words } = chunk
  const first = REQUEST.count + (words[at + REQUEST.fields] as number) * REQUEST.fieldWords
  return Array.from({ length: words[at + REQUEST.params] as number }, (_, i) => {
    const place = at + first + i * REQUEST.paramWords
    return sliceOf(chunk, at, words[place] as number, words[place + 1] as number)
  })
}

/** Throws `ERR_BODY_STREAMED` for a body that comes in pieces. */
export function demandWhole({ words }: Chunk, at: number): void {
  if (((words[at + REQUEST.meta] as number) & META.body) === 0) return
  const message =
    "the body is streamed (bodyMode: 'stream'): read it with req.stream() or for await"
  throw coded('ERR_BODY_STREAMED', new Error(message))
}

/** A chunk of its own for the record, at its word 0. */
export function movedOf(chunk: Chunk, at: number): Chunk {
  const { lane, bytes, words } = chunk
  const size = words[at + REQUEST.size] as number
  const start = at * 4
  const own = new Uint8Array(size)
  bytes.copy(own, 0, start, start + size)
  const moved = lane.wrap(own)
  moved.words[REQUEST.raw] = (moved.words[REQUEST.raw] as number) - start
  moved.words[REQUEST.size] = 0
  return moved
}
