import { META, REQUEST } from '../crossing/layout.ts'
import type { HttpRequest } from '../index.ts'
import { chunkOf, placeOf } from '../request/friends.ts'
import { bodyOf, textOf } from '../request/record.ts'

const decode = TextDecoder.prototype.decode.bind(new TextDecoder())

/** Whether the body lies in the request; else it comes in pieces. */
export function isWhole(req: HttpRequest): boolean {
  const flags =
    (chunkOf(req).words[placeOf(req) + REQUEST.meta] as number) & (META.body | META.whole)
  return flags !== META.body
}

/**
 * Whether the Fetch API knows a body: one was sent, be it empty, by a method that may have one there. What
 * is sent with GET and HEAD means nothing (RFC 9110 §9.3.1).
 */
export function hasBody(req: HttpRequest): boolean {
  const { method } = req
  if (method === 'GET' || method === 'HEAD') return false
  if (!isWhole(req) || (chunkOf(req).words[placeOf(req) + REQUEST.bodyLen] as number) > 0)
    return true
  return req.header('content-length') !== undefined || req.header('transfer-encoding') !== undefined
}

/** The body as UTF-8, without a byte order mark. */
export function textOfBody(req: HttpRequest): string | Promise<string> {
  if (!hasBody(req)) return ''
  if (isWhole(req)) return textOf(chunkOf(req), placeOf(req))
  return collected(req).then((bytes) => decode(bytes))
}

/** The body, with memory of its own. */
export function bytesOf(
  req: HttpRequest,
): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> {
  if (!hasBody(req)) return new Uint8Array(0)
  if (isWhole(req)) return bodyOf(chunkOf(req), placeOf(req))
  return collected(req)
}

async function collected(req: HttpRequest): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of req) {
    pieces.push(piece)
    length += piece.byteLength
  }
  // Not of the pool, which others use too: its buffer is given away.
  const bytes = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.byteLength
  }
  return bytes
}
