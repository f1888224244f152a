import { Readable } from 'node:stream'
import { types } from 'node:util'
import { EncodedResponse } from './encoded.ts'
import type { HttpResponse } from './response.ts'
import { stream, type StreamSource } from './stream.ts'
import { WebSource } from './web-source.ts'

/** Status, reason phrase and field lines, which are pairs. */
export interface GatheredHead {
  readonly status: number
  readonly statusText: string
  readonly headers: [string, string][]
}

/**
 * Microtasks in which the next chunk of a body has to come for it to be in memory. The platform's own
 * bodies need 2 on Node 20 to 26; the rest is for streams that others make of something at hand.
 */
const TURNS = 8
/** Bytes of several chunks from which on they are sent as they come: what may be under way anyway. */
const MOST = 64 << 10
/** Chunks from which on they are sent as they come: a source without end may have small ones at hand. */
const MOST_CHUNKS = 16

/**
 * An answer out of a head and a body: with that in it if it is in memory, else as a stream of what was read
 * and what follows. Nobody can be asked which it is: until Node 22 it stands in state of the platform, since
 * then in private fields. But a body that is there is read within a few microtasks, and that costs a
 * fraction of what the platform takes to make it. Rejects as the body does meanwhile.
 */
export async function gathered(
  head: GatheredHead,
  body: ReadableStream<unknown> | Readable,
  isHead: boolean,
): Promise<HttpResponse> {
  // Libraries older than the platform's `fetch` have streams of Node; some have both in one.
  const isWeb = typeof (body as ReadableStream<unknown>).getReader === 'function'
  const web = isWeb ? body : Readable.toWeb(body as Readable)
  const source = new WebSource(web as ReadableStream<unknown>)
  const chunks: Uint8Array[] = []
  // It is cancelled unread: to make it may be work, or have effects, that only a GET is to have.
  // So says an answer that nobody on its way is to collect, in the words that proxies understand.
  if (isHead || head.headers.some(isUnbuffered)) return streamed(head, source)
  let length = 0
  for (;;) {
    const next = await source.soon(TURNS)
    // One that fails before it has begun is an answer still: 500, and none that breaks off.
    if (next === undefined && chunks.length === 0) await source.inTurn()
    if (next?.done === true) return whole(head, chunks, length)
    // It may be anything: then it is the stream's to say what is wrong.
    if (next === undefined || !types.isUint8Array(next.value)) return streamed(head, source)
    chunks.push(next.value)
    length += next.value.byteLength
    // What comes in one piece is there, however large.
    if (chunks.length > MOST_CHUNKS || (length > MOST && chunks.length > 1))
      return streamed(head, source)
  }
}

function isUnbuffered([name, value]: [string, string]): boolean {
  return name === 'x-accel-buffering' && value === 'no'
}

function whole(head: GatheredHead, chunks: readonly Uint8Array[], length: number): HttpResponse {
  const { status, ...init } = head
  const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length)
  return new EncodedResponse(status, body, 0, init)
}

function streamed({ headers, ...init }: GatheredHead, source: WebSource): HttpResponse {
  const fields: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  // A body of unknown kind has no type, where a stream of ours is octets.
  fields['content-type'] = []
  for (const [name, value] of headers) (fields[name] ??= []).push(value)
  return stream(source as unknown as StreamSource, { ...init, headers: fields })
}
