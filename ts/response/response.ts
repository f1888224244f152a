import { types } from 'node:util'
import { DOWN, META, REQUEST } from '../crossing/layout.ts'
import { atRest, byteLength, giveUp, isDetached } from '../crossing/memory.ts'
import { type AnswerHead, headless, type Ring } from '../crossing/ring.ts'
import { coded, type HeaderInput, show } from '../errors.ts'
import type { HttpRequest } from '../request/request.ts'
import { isAppended, sendAppended } from './append.ts'
import { isAsset, sendAsset } from './asset.ts'
import { type Lines, pairsOf, plus } from './fields.ts'
import { isFile, sendFile } from './file.ts'
import { BINARY, checkHead, headOf, HTML, JSON_TYPE, type ResponseInit, TEXT } from './head.ts'
import { BRAND, brand, type Branded, type Made } from './made.ts'
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
 * A text body (200, text/plain; charset=utf-8), a response value, or a `Uint8Array` that is a complete
 * response from its status line on, as it goes over the wire. Bytes that are a body are `bytes(body)`:
 * a handler that returned `req.body` as it is would let its client write the answer.
 */
export type HttpResult = Uint8Array | string | HttpResponse

/** The head of a text answer without further ado. */
export const TEXT_200: AnswerHead = headOf(200, TEXT, '', '', 0)
const RAW: AnswerHead = headless(DOWN.raw)

/** A response that was checked and encoded when it was made. */
class EncodedResponse implements HttpResponse {
  readonly status: number
  readonly headers: HeaderInput | undefined
  readonly body: unknown
  readonly #head: AnswerHead
  readonly #length: number
  #owned: Uint8Array | undefined = undefined
  #isGiven = false

  constructor(
    status: number,
    body: unknown,
    type: number,
    init: ResponseInit | undefined,
    given = false,
  ) {
    const { head, headers, length } = checkHead(status, type, init)
    this.status = status
    this.headers = headers
    this.body = body
    this.#length = length
    this.#head = head
    if (given) {
      this.#isGiven = true
      this.#owned = giveUp(body as Uint8Array)
    }
  }

  /** The same response with more field lines; memory that was given up goes with it. */
  static withLines(response: EncodedResponse, added: Lines): EncodedResponse {
    const { type, reason: statusText } = response.#head
    const { status, body } = response
    const headers = plus(response.headers, added)
    const copy = new EncodedResponse(status, body, type, { statusText, headers })
    copy.#isGiven = response.#isGiven
    copy.#owned = response.#owned
    response.#owned = undefined
    return copy
  }

  /** The same response; bytes of its body are copied. */
  static copy(response: EncodedResponse): EncodedResponse {
    const { type, reason: statusText } = response.#head
    const { status, headers } = response
    const body = response.#isGiven ? response.#given : response.body
    if (!types.isUint8Array(body)) return response
    const init = headers === undefined ? { statusText } : { statusText, headers }
    return new EncodedResponse(status, new Uint8Array(body), type, init)
  }

  static isOne(value: object): value is EncodedResponse {
    return #head in value
  }

  static send(ring: Ring, words: Int32Array, at: number, response: EncodedResponse): void {
    const head = response.#head
    if (!response.#isGiven) return sendBody(ring, words, at, head, response.#length, response.body)
    const given = response.#given
    response.#owned = undefined
    checkLength(response.#length, byteLength(given))
    ring.lend(words, at, head, given)
  }

  /** The memory that was given up. */
  get #given(): Uint8Array {
    if (this.#owned !== undefined) return this.#owned
    const message = 'a response made with transfer can be sent once only'
    throw coded('ERR_INVALID_STATE', new Error(message))
  }

  static {
    brand(EncodedResponse.prototype, (own) => {
      const { type, reason: statusText } = own.#head
      const { status, headers } = own
      const body = own.#isGiven ? own.#given : own.body
      return { kind: 'encoded', type, status, statusText, headers, body }
    })
  }
}

/**
 * A response out of its parts. The body is text (text/plain; charset=utf-8 unless `headers` say
 * otherwise), bytes (application/octet-stream), or nothing.
 *
 * Throws `RangeError` for a status outside 200 to 999 and `TypeError` for an invalid field or body.
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

/** A text/plain response in UTF-8; 200 by default. Throws as `reply` does. */
export function text(body: string, init?: ResponseInit): HttpResponse {
  checkString('text', body)
  return new EncodedResponse(init?.status ?? 200, body, TEXT, init)
}

/** A text/html response in UTF-8; 200 by default. Throws as `reply` does. */
export function html(body: string, init?: ResponseInit): HttpResponse {
  checkString('html', body)
  return new EncodedResponse(init?.status ?? 200, body, HTML, init)
}

/**
 * An application/json response; 200 by default. Throws as `reply` does, and `TypeError` for a
 * value that JSON cannot express (`undefined`, a function, a cycle, a BigInt).
 */
export function json(value: unknown, init?: ResponseInit): HttpResponse {
  const body = JSON.stringify(value) as string | undefined
  if (body === undefined) throw new TypeError(`json cannot express ${show(value)}`)
  return new EncodedResponse(init?.status ?? 200, body, JSON_TYPE, init)
}

/**
 * An application/octet-stream response; 200 by default. The bytes are copied when the response is
 * handed over. With `transfer` they are sent from where they are and `body` is detached at once;
 * memory that cannot be detached (a pooled Buffer) is copied instead, and a SharedArrayBuffer is
 * sent from where it is on your word that it does not change. Throws as `reply` does.
 */
export function bytes(
  body: Uint8Array,
  init?: ResponseInit & { transfer?: boolean },
): HttpResponse {
  checkBytes(body)
  return new EncodedResponse(init?.status ?? 200, body, BINARY, init, init?.transfer === true)
}

/**
 * A redirect to `location`, a URI or a path; 302 by default. What no URI may contain (RFC 3986 §2), such
 * as a space or a letter that is not ASCII, is percent-encoded; everything else is sent as it is. Throws
 * as `reply` does, also for control characters.
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
  const headers: [string, string][] = [
    ['Location', percentEncode(location, NO_URI)],
    ...pairsOf(init?.headers),
  ]
  return new EncodedResponse(status, null, 0, { ...init, headers })
}

/** What may not stand in a URI, but for control characters, which are an error. */
const NO_URI = /[ "<>\\^`{|}]|[^\0-\x7f]+/g

/** A response without a body; 204 by default. Throws as `reply` does. */
export function empty(status = 204, init?: ResponseInit): HttpResponse {
  return new EncodedResponse(status, null, 0, init)
}

/**
 * Hands a handler's result to the ring; says whether its end is told later. Throws, with nothing
 * written, for what is no result.
 *
 * @internal
 */
export function send(
  ring: Ring,
  words: Int32Array,
  at: number,
  result: unknown,
  req: HttpRequest,
): boolean {
  if (typeof result === 'string') {
    ring.text(words, at, TEXT_200, result)
    return false
  }
  if (typeof result !== 'object' || result === null) throw notAResult(result)
  if (types.isUint8Array(result)) {
    const length = byteLength(result)
    ring.binary(words, at, RAW, atRest(result, length), length)
    ring.noteRaw(req)
    return false
  }
  if (EncodedResponse.isOne(result)) {
    EncodedResponse.send(ring, words, at, result)
    return false
  }
  if (isFile(result)) return sendFile(ring, words, at, result, req)
  if (isAsset(result)) return sendAsset(ring, words, at, result, req)
  if (isAppended(result)) {
    sendAppended(ring, words, at, result)
    ring.noteRaw(req)
  } else EncodedResponse.send(ring, words, at, encoded(result))
  return false
}

/** @internal A response of text, bytes or nothing with more field lines. */
export function withLines(response: HttpResponse, added: Lines): HttpResponse {
  return EncodedResponse.withLines(encoded(response), added)
}

/** @internal The same result with bytes of its own. Throws `TypeError` for what is no result. */
export function copyOf(result: HttpResult): HttpResult {
  if (typeof result === 'string') return result
  if (types.isUint8Array(result)) return new Uint8Array(atRest(result, byteLength(result)))
  return EncodedResponse.copy(encoded(result))
}

/** @internal A response of text, bytes or nothing. Throws `TypeError` for what is no result. */
export function encoded(result: unknown): EncodedResponse {
  if (typeof result !== 'object' || result === null) throw notAResult(result)
  if (EncodedResponse.isOne(result)) return result
  if (Object.prototype.toString.call(result) === '[object Response]') throw aFetchResponse()
  const made = (result as Partial<Branded>)[BRAND]
  if (made !== undefined) return remade(made)
  const { status, headers, body } = result as Partial<HttpResponse>
  if (typeof status !== 'number') throw notAResult(result)
  const type = typeof body === 'string' ? TEXT : types.isUint8Array(body) ? BINARY : 0
  return new EncodedResponse(status, body, type, headers === undefined ? undefined : { headers })
}

function sendBody(
  ring: Ring,
  words: Int32Array,
  at: number,
  head: AnswerHead,
  declared: number,
  body: unknown,
): void {
  if (typeof body === 'string') {
    if (declared >= 0) checkLength(declared, Buffer.byteLength(body))
    return ring.text(words, at, head, body)
  }
  if (body === null || body === undefined) {
    return ring.text(words, at, declared < 0 ? head : bodiless(head, declared, words, at), '')
  }
  checkBytes(body)
  const length = byteLength(body)
  checkLength(declared, length)
  ring.binary(words, at, head, atRest(body, length), length)
}

/** RFC 9110 §8.6: an answer to HEAD, and a 304, may say how long the body of a GET would be. */
function bodiless(head: AnswerHead, declared: number, words: Int32Array, at: number): AnswerHead {
  const isHead = ((words[at + REQUEST.meta] as number) & META.head) !== 0
  const status = head.kind >>> 16
  // A 204 has no length whatever the method, and the body of a 205 is empty.
  if (status === 204 || status === 205 || (!isHead && status !== 304)) {
    checkLength(declared, 0)
    return head
  }
  const fields = `${head.fields}Content-Length: ${declared}\r\n`
  return { ...head, kind: head.kind | DOWN.hasLength, fields }
}

function checkLength(declared: number, length: number): void {
  if (declared >= 0 && declared !== length) {
    throw new TypeError(`Content-Length ${declared} is not the ${length} bytes of the body`)
  }
}

function checkString(what: string, value: unknown): void {
  if (typeof value !== 'string') throw new TypeError(`${what} must be a string, got ${show(value)}`)
}

function checkBytes(body: unknown): asserts body is Uint8Array {
  if (!types.isUint8Array(body)) {
    throw new TypeError(`body must be a string, a Uint8Array or null, got ${show(body)}`)
  }
  if (isDetached(body)) throw new TypeError('body is detached: its memory was transferred')
}

function aFetchResponse(): TypeError {
  const message =
    'a handler must not return a Response of fetch: take text(...), json(...), bytes(...) or stream(...)'
  return coded(NO_RESULT, new TypeError(message))
}

/** A response that another copy of the package has made, as it says itself. */
function remade(made: Made): EncodedResponse {
  if (made.kind !== 'encoded') {
    const message = `a ${made.kind} of another copy of fasthttp cannot be sent: have one (npm ls fasthttp)`
    throw coded(NO_RESULT, new TypeError(message))
  }
  const { type, status, statusText, headers, body } = made
  const init = headers === undefined ? { statusText } : { statusText, headers }
  return new EncodedResponse(status, body, type, init)
}

/** The code of the error for what is no result. */
export const NO_RESULT = 'ERR_INVALID_RETURN_VALUE'

function notAResult(value: unknown): TypeError {
  const message = `a handler must return a string, a Uint8Array or a response such as text(...), got ${show(value)}`
  return coded(NO_RESULT, new TypeError(message))
}
