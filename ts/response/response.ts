import { flag } from '../crossing/checks.ts'
import { type HeaderInput, show } from '../errors.ts'
import { checkBytes, EncodedResponse } from './encoded.ts'
import { pairsOf } from './fields.ts'
import { BINARY, checkInit, HTML, INIT, JSON_TYPE, type ResponseInit, TEXT } from './head.ts'
import { percentEncode } from './percent.ts'

/** A response as a value. Bodies are copied when it is handed over, unless given up by `transfer`. */
export interface HttpResponse {
  /** 200 to 999. */
  readonly status: number
  /** Field lines as given. */
  readonly headers: HeaderInput | undefined
  /** A string, bytes, or nothing; the source of a stream, the place of a file. */
  readonly body: unknown
}

/**
 * A text body (200, text/plain; charset=utf-8), a response value, a `Response` of the Fetch API, which can
 * be thrown as well, or a `Uint8Array` that is a complete response from its status line on, as it goes
 * over the wire. Bytes that are a body are `bytes(body)`: a handler that returned `req.body` as it is would
 * let its client write the answer.
 */
export type HttpResult = Uint8Array | string | HttpResponse | Response

/**
 * A response out of its parts. The body is text (text/plain; charset=utf-8 unless `headers` say
 * otherwise), bytes (application/octet-stream), or nothing.
 *
 * Throws `RangeError` for a status outside 200 to 999 and `TypeError` for an invalid field or body.
 *
 * @example
 * ```ts
 * import { createServer, reply } from 'fasthttp'
 *
 * createServer(() => reply(418, 'short and stout', { 'X-Pot': 'tea' }))
 * ```
 */
export function reply(
  status: number,
  body?: string | Uint8Array | null,
  headers?: HeaderInput,
): HttpResponse {
  const type = typeof body === 'string' ? TEXT : body === undefined || body === null ? 0 : BINARY
  if (type === BINARY) checkBytes(body)
  return new EncodedResponse(
    status,
    body ?? null,
    type,
    headers === undefined ? undefined : { headers },
  )
}

/**
 * A text/plain response in UTF-8; 200 by default. Throws as `reply` does.
 *
 * @example
 * ```ts
 * import { createServer, text } from 'fasthttp'
 *
 * createServer((req) => text(`no ${req.path} here`, { status: 404 }))
 * ```
 */
export function text(body: string, init?: ResponseInit): HttpResponse {
  checkString('text', body)
  return new EncodedResponse(statusOf(init), body, TEXT, init)
}

/**
 * A text/html response in UTF-8; 200 by default. Throws as `reply` does.
 *
 * @example
 * ```ts
 * import { createServer, html } from 'fasthttp'
 *
 * createServer(() => html('<!doctype html><title>Hello</title><h1>Hello</h1>'))
 * ```
 */
export function html(body: string, init?: ResponseInit): HttpResponse {
  checkString('html', body)
  return new EncodedResponse(statusOf(init), body, HTML, init)
}

/**
 * An application/json response; 200 by default. Throws as `reply` does, and `TypeError` for a
 * value that JSON cannot express (`undefined`, a function, a cycle, a BigInt).
 *
 * @example
 * ```ts
 * import { createServer, json } from 'fasthttp'
 *
 * createServer(() => json({ id: 1 }, { status: 201, headers: { Location: '/items/1' } }))
 * ```
 */
export function json(value: unknown, init?: ResponseInit): HttpResponse {
  const body = JSON.stringify(value) as string | undefined
  if (body === undefined) throw new TypeError(`json cannot express ${show(value)}`)
  return new EncodedResponse(statusOf(init), body, JSON_TYPE, init)
}

/**
 * An application/octet-stream response; 200 by default. The bytes are copied when the response is
 * handed over. With `transfer` (default false) they are sent from where they are and `body` is
 * detached at once; memory that cannot be detached (a pooled Buffer) is copied instead, and a
 * SharedArrayBuffer is sent from where it is on your word that it does not change. Throws as `reply`
 * does.
 *
 * @example
 * ```ts
 * import { bytes, createServer } from 'fasthttp'
 *
 * const icon = Buffer.from('89504e470d0a1a0a', 'hex')
 * createServer(() => bytes(icon, { headers: { 'Content-Type': 'image/png' } }))
 * ```
 */
export function bytes(
  body: Uint8Array,
  init?: ResponseInit & { transfer?: boolean },
): HttpResponse {
  checkBytes(body)
  const isGiven = flag('transfer', init?.transfer, false)
  return new EncodedResponse(statusOf(init), body, BINARY, init, isGiven)
}

/**
 * A redirect to `location`, a URI or a path; 302 by default. What no URI may contain (RFC 3986 §2), such
 * as a space or a letter that is not ASCII, is percent-encoded; everything else is sent as it is. Throws
 * as `reply` does, also for control characters, and `TypeError` for another status or a `Location` in `init`.
 *
 * @example
 * ```ts
 * import { createServer, redirect } from 'fasthttp'
 *
 * createServer((req) => redirect(`/new${req.path}`, 308))
 * ```
 */
export function redirect(
  location: string,
  status: 301 | 302 | 303 | 307 | 308 = 302,
  init?: ResponseInit,
): HttpResponse {
  if (![301, 302, 303, 307, 308].includes(status)) {
    throw new RangeError(`redirect status must be 301, 302, 303, 307 or 308, got ${show(status)}`)
  }
  checkString('redirect location', location)
  if (init !== undefined) checkInit(init, INIT)
  checkStatusOnce('redirect', status, init)
  const given = pairsOf(init?.headers)
  if (given.some(([name]) => String(name).toLowerCase() === 'location')) {
    throw new TypeError('Location is given twice: by redirect and by headers')
  }
  const headers: [string, string][] = [['Location', percentEncode(location, NO_URI)], ...given]
  return new EncodedResponse(status, null, 0, { ...init, headers })
}

/** What may not stand in a URI, but for control characters, which are an error. */
const NO_URI = /[ "<>\\^`{|}]|[^\0-\x7f]+/g

/**
 * A response without a body; 204 by default. Throws as `reply` does, and `TypeError` for another status in `init`.
 *
 * @example
 * ```ts
 * import { createServer, empty } from 'fasthttp'
 *
 * createServer(() => empty(204, { headers: { 'Set-Cookie': ['a=1', 'b=2; HttpOnly'] } }))
 * ```
 */
export function empty(status = 204, init?: ResponseInit): HttpResponse {
  checkStatusOnce('empty', status, init)
  return new EncodedResponse(status, null, 0, init)
}

/** What is not `undefined` is checked, not taken for the default. */
function statusOf(init: ResponseInit | undefined): number {
  const status = init?.status
  return status === undefined ? 200 : status
}

/** The one of an init must not contradict the argument. */
function checkStatusOnce(of: string, status: number, init: ResponseInit | undefined): void {
  const other = init?.status
  if (other === undefined || other === status) return
  throw new TypeError(`${of} has status ${show(status)}, got another one in init, ${show(other)}`)
}

function checkString(what: string, value: unknown): void {
  if (typeof value !== 'string') throw new TypeError(`${what} must be a string, got ${show(value)}`)
}
