import { PassThrough, Readable } from 'node:stream'
import { types } from 'node:util'
import { coded, type HeaderInput, show } from '../errors.ts'
import type { HttpRequest } from '../request/request.ts'
import { EncodedResponse } from './encoded.ts'
import { pairsOf, untyped } from './fields.ts'
import { gathered, type GatheredHead } from './gathering.ts'
import type { HttpResponse } from './response.ts'
import { stream } from './stream.ts'
import { usedBody } from './used-body.ts'

/** The method of a `Response` that says what is to be sent. */
const PREPARE = '_toNodeResponse'

/** Marks what was taken already: with an answer without body, which may be sent again, or with nothing. */
const TAKEN: unique symbol = Symbol('fasthttp.taken')

/**
 * A `Response` that the platform has not made, of srvx 0.9 and later and so of h3: it says what is to be sent, and
 * keeps nothing of it.
 */
interface Light {
  readonly [PREPARE]?: unknown
  [TAKEN]?: HttpResponse | null
}

/** What it says: field lines are names and values by turns, or pairs in older releases of srvx. */
interface Prepared {
  readonly status: number
  readonly statusText: unknown
  readonly headers: object
  readonly body: unknown
}

/** Something that writes itself into a stream of Node, as what React renders does. */
interface Pipeable {
  pipe(to: PassThrough): unknown
  on?: unknown
  destroy?: unknown
  abort?: unknown
}

/**
 * What a `Response` that has its answer prepared for Node is as one of ours: its body is sent without a stream of
 * the platform if it is text or bytes. Nothing for any other `Response`.
 *
 * Throws `ERR_INVALID_STATE` for one with a body that was sent or read, `TypeError` for a body that nobody can
 * send, and as `reply` does. Characters that no reason phrase has are taken out of it.
 */
export function preparedResult(
  response: object,
  isHead: boolean,
  req: HttpRequest,
): HttpResponse | Promise<HttpResponse> | undefined {
  const light = response as Light
  if (typeof light[PREPARE] !== 'function') return undefined
  const taken = light[TAKEN]
  if (taken === null) throw usedBody()
  if (taken !== undefined) return taken
  // Without the mark it would be an empty 200 the second time.
  if (!Object.isExtensible(light)) return undefined
  const prepared: unknown = light[PREPARE]()
  if (!isPrepared(prepared)) return undefined
  light[TAKEN] = null
  const { status, body } = prepared
  const statusText = phraseOf(prepared.statusText)
  const head = { status, statusText, headers: linesOf(prepared.headers) }
  if (body !== null && body !== undefined) return bodied(head, body, isHead, req)
  return (light[TAKEN] = EncodedResponse.unsized(head))
}

/** Others may call something by that name. */
function isPrepared(value: unknown): value is Prepared {
  if (typeof value !== 'object' || value === null) return false
  const { status, headers } = value as Partial<Prepared>
  return typeof status === 'number' && typeof headers === 'object' && headers !== null
}

function bodied(
  head: GatheredHead,
  body: unknown,
  isHead: boolean,
  req: HttpRequest,
): HttpResponse | Promise<HttpResponse> {
  if (typeof body === 'string' || types.isUint8Array(body)) return encoded(head, body)
  if (types.isDataView(body)) {
    return encoded(head, new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
  }
  if (isWebStream(body)) {
    if (body.locked || Readable.isDisturbed(body as never)) throw usedBody()
    return gathered(head, body, isHead)
  }
  if (!isPipeable(body)) {
    throw new TypeError(`the body of a Response is nothing that can be sent: ${show(body)}`)
  }
  if (isHead) {
    stop(body)
    return EncodedResponse.unsized(head)
  }
  return streamed(head, body instanceof Readable ? unread(body) : piped(body), req.signal)
}

/** The head goes out with the first chunk, as from srvx: a stream of Node that fails before is answered 500. */
async function streamed(
  { headers, ...init }: GatheredHead,
  body: Readable,
  signal: AbortSignal,
): Promise<HttpResponse> {
  await begun(body, signal)
  return stream(body, { ...init, headers: untyped(headers) })
}

/** Waits for what a stream has first, or its end; rejects if it fails. It is destroyed if the client leaves. */
function begun(body: Readable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => void body.destroy()
    const begin = (): void => {
      for (const event of ['readable', 'end']) body.off(event, begin)
      body.off('close', close)
      signal.removeEventListener('abort', leave)
      resolve()
    }
    const hold = (): void => undefined
    const fail = (error: Error): void => {
      body.off('readable', hold)
      // Whoever has left is owed no answer, and what is ended for that has not failed.
      if (!signal.aborted) reject(error)
      begin()
    }
    const close = (): void => fail(unfinished())
    for (const event of ['readable', 'end']) body.on(event, begin)
    body.on('close', close)
    // It stays as long as there may be more: without one, a stream that has a listener of 'data' would flow
    // until it is read.
    body.on('readable', hold)
    // It stays: until somebody reads, an error would end the process.
    body.on('error', fail)
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
  })
}

/** The error for a stream that was destroyed before it had anything, with no error of its own. */
function unfinished(): Error {
  return coded('ERR_STREAM_PREMATURE_CLOSE', new Error('the body of the Response was destroyed'))
}

function encoded({ status, statusText, headers }: GatheredHead, body: unknown): HttpResponse {
  return new EncodedResponse(status, body, 0, { statusText, headers })
}

function isWebStream(body: unknown): body is ReadableStream<unknown> {
  return typeof (body as Partial<ReadableStream>).getReader === 'function'
}

function isPipeable(body: unknown): body is Pipeable {
  return typeof (body as Partial<Pipeable>).pipe === 'function'
}

/** A stream of which nothing was taken; throws what has ended it. */
function unread(body: Readable): Readable {
  if (body.errored) throw body.errored
  if (Readable.isDisturbed(body)) throw usedBody()
  return body
}

/** What it writes, as a stream; it is told to stop when nobody takes that any longer. */
function piped(body: Pipeable): Readable {
  const through = new PassThrough()
  through.once('close', () => {
    if (!through.readableEnded) stop(body)
  })
  // Streams of Node's kind that are no `Readable` of this one.
  if (typeof body.on === 'function') body.on('error', (error: Error) => through.destroy(error))
  body.pipe(through)
  return through
}

/** Ends what makes a body that nobody wants; what that fails with has nobody left to tell. */
function stop(body: Pipeable): void {
  try {
    if (typeof body.on === 'function') body.on('error', () => undefined)
    if (typeof body.destroy === 'function') body.destroy()
    else if (typeof body.abort === 'function') body.abort()
  } catch {
    // It was to stop, and has.
  }
}

/** The platform would have thrown when it was made; srvx sends what is left. */
function phraseOf(statusText: unknown): string {
  if (typeof statusText !== 'string') return ''
  return statusText.replace(/[^\t -~\x80-\xff]/g, '')
}

/** As the platform keeps them: names in lower case, values as text without white space around. */
function linesOf(headers: object): [string, string][] {
  const lines: [string, string][] = []
  const add = (name: unknown, value: unknown): void => {
    const lower = typeof name === 'string' ? name.toLowerCase() : (name as string)
    // The server sets it.
    if (lower !== 'transfer-encoding') lines.push([lower, valueOf(value)])
  }
  if (Array.isArray(headers) && !Array.isArray(headers[0])) {
    if (headers.length % 2 > 0) throw new TypeError('a field of a Response has no value')
    for (let at = 0; at < headers.length; at += 2) add(headers[at], headers[at + 1])
  } else {
    for (const pair of pairsOf(headers as HeaderInput)) add(pair[0], pair[1])
  }
  return lines
}

function valueOf(value: unknown): string {
  // Not String: the platform takes no symbols.
  const text = typeof value === 'string' ? value : `${value as string}`
  if (text.charCodeAt(0) > 0x20 && text.charCodeAt(text.length - 1) > 0x20) return text
  return text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')
}
