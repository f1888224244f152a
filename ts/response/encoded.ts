import { types } from 'node:util'
import { META, REQUEST } from '../crossing/layout.ts'
import { atRest, byteLength, giveUp, isDetached } from '../crossing/memory.ts'
import type { AnswerHead, Ring } from '../crossing/ring.ts'
import { coded, type HeaderInput, show } from '../errors.ts'
import { type Lines, plus } from './fields.ts'
import {
  BINARY,
  checkHead,
  INIT,
  type ResponseInit,
  TEXT,
  withLength,
  withoutLength,
} from './head.ts'
import { BRAND, brand, type Branded, type Made } from './made.ts'
import { Parts } from './parts.ts'
import type { HttpResponse, HttpResult } from './response.ts'

/** The names in the init of `bytes`. */
const OF_BYTES = [...INIT, 'transfer']

/** A response that was checked and encoded when it was made. */
export class EncodedResponse implements HttpResponse {
  readonly status: number
  readonly headers: HeaderInput | undefined
  readonly body: unknown
  readonly #head: AnswerHead
  readonly #digits: string
  #owned: Uint8Array | undefined = undefined
  #isGiven = false
  #isUnsized = false

  constructor(
    status: number,
    body: unknown,
    type: number,
    init: ResponseInit | undefined,
    given = false,
  ) {
    const names = type === BINARY ? OF_BYTES : INIT
    const { head, headers, digits } = checkHead(status, type, init, names)
    this.status = status
    this.headers = headers
    this.body = body
    this.#digits = digits
    this.#head = head
    if (given) {
      this.#isGiven = true
      this.#owned = giveUp(body as Uint8Array)
    }
  }

  /**
   * A response without a body, which may not be that of a GET: an answer to HEAD says its length only if `init`
   * does (RFC 9110 §8.6).
   */
  static unsized(init: ResponseInit & { status: number }): EncodedResponse {
    const response = new EncodedResponse(init.status, null, 0, init)
    response.#isUnsized = true
    return response
  }

  /** The same response with more field lines; memory that was given up goes with it. */
  static withLines(response: EncodedResponse, added: Lines): EncodedResponse {
    const { type, reason: statusText } = response.#head
    const { status, body } = response
    const headers = plus(response.headers, added)
    const copy = new EncodedResponse(status, body, type, { statusText, headers })
    copy.#isGiven = response.#isGiven
    copy.#owned = response.#owned
    copy.#isUnsized = response.#isUnsized
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

  static isOne(value: unknown): value is EncodedResponse {
    return typeof value === 'object' && value !== null && #head in value
  }

  static send(ring: Ring, words: Int32Array, at: number, response: EncodedResponse): void {
    const { body } = response
    const head =
      response.#isUnsized && isHead(words, at) ? withoutLength(response.#head) : response.#head
    if (!response.#isGiven) return sendBody(ring, words, at, head, response.#digits, body)
    const given = response.#given
    response.#owned = undefined
    ring.lend(words, at, declaring(head, response.#digits, byteLength(given)), given)
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
      const given = own.#isGiven ? own.#given : own.body
      // It goes with the copy: what is sent from where it is has one owner.
      own.#owned = undefined
      // Another copy has another class of them.
      const body = given instanceof Parts ? given.joined() : given
      return { kind: 'encoded', type, status, statusText, headers, body }
    })
  }
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
  const made = (result as Partial<Branded>)[BRAND]
  if (made !== undefined) return remade(made)
  const { status, headers, body } = result as Partial<HttpResponse>
  // What has a status may be an error, or data.
  if (typeof status !== 'number' || !('body' in result)) throw notAResult(result)
  const type = typeof body === 'string' ? TEXT : types.isUint8Array(body) ? BINARY : 0
  return new EncodedResponse(status, body, type, headers === undefined ? undefined : { headers })
}

/** `declared` is the Content-Length that the answer itself names; '' for none. */
function sendBody(
  ring: Ring,
  words: Int32Array,
  at: number,
  head: AnswerHead,
  declared: string,
  body: unknown,
): void {
  if (typeof body === 'string') {
    const told = declared === '' ? head : declaring(head, declared, Buffer.byteLength(body))
    return ring.text(words, at, told, body)
  }
  if (body === null || body === undefined) {
    return ring.text(words, at, declared === '' ? head : bodiless(head, declared, words, at), '')
  }
  if (body instanceof Parts) {
    body.chunks.forEach(checkBytes)
    const length = body.chunks.reduce((sum, chunk) => sum + byteLength(chunk), 0)
    const whole = body.chunks.map((chunk) => atRest(chunk, byteLength(chunk)))
    return ring.parts(words, at, declaring(head, declared, length), whole, length)
  }
  checkBytes(body)
  const length = byteLength(body)
  ring.binary(words, at, declaring(head, declared, length), atRest(body, length), length)
}

function isHead(words: Int32Array, at: number): boolean {
  return ((words[at + REQUEST.meta] as number) & META.head) !== 0
}

/** RFC 9110 §8.6: an answer to HEAD, and a 304, may say how long the body of a GET would be. */
function bodiless(head: AnswerHead, declared: string, words: Int32Array, at: number): AnswerHead {
  const status = head.kind >>> 16
  // A 204 has no length whatever the method, and the body of a 205 is empty.
  if (status === 204 || status === 205 || (!isHead(words, at) && status !== 304))
    return declaring(head, declared, 0)
  return withLength(head, declared)
}

/**
 * The head for a body of this length, which one that is declared has to be. The server writes it; with zeros in
 * front it goes out as it was given, unless the status has no body. Throws `TypeError`.
 */
function declaring(head: AnswerHead, declared: string, length: number): AnswerHead {
  if (declared === '') return head
  if (Number(declared) !== length)
    throw new TypeError(`Content-Length ${declared} is not the ${length} bytes of the body`)
  const status = head.kind >>> 16
  const isPlain = declared === String(length) || status === 204 || status === 205 || status === 304
  return isPlain ? head : withLength(head, declared)
}

/** Throws `TypeError` for what is no bytes, or detached. */
export function checkBytes(body: unknown): asserts body is Uint8Array {
  if (!types.isUint8Array(body)) {
    throw new TypeError(`body must be a string, a Uint8Array or null, got ${show(body)}`)
  }
  if (isDetached(body)) throw new TypeError('body is detached: its memory was transferred')
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

/** The error for a value that is no result. */
export function notAResult(value: unknown): TypeError {
  const message = `a handler must return a string, a Uint8Array or a response such as text(...), got ${show(value)}`
  return coded(NO_RESULT, new TypeError(message))
}
