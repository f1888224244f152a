import { show } from '../errors.ts'
import type { HeaderInput } from '../index.ts'
import type { HttpHeaders } from './headers.ts'

/** Field lines to send: headers, pairs, or a record. */
export type HeadersInput = HttpHeaders | HeaderInput

/** Without a type of the caller's none is sent: whether it is text or a page only the caller knows. */
export const NO_TYPE: HeaderInput = { 'content-type': [] }
const LAST: HeaderInput = { 'content-type': [], connection: 'close' }

// RFC 9110 §5.6.2 and §5.5.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** What an answer is, for its field lines. */
export interface Answered {
  readonly content: string | Uint8Array
  /** The connection ends behind it. */
  readonly isLast: boolean
  /** It has no body, and Content-Length says how long one would be: HEAD, 304 (RFC 9110 §8.6). */
  readonly isBodiless: boolean
}

/** The field lines of an answer. Throws `TypeError` for a Content-Length that is not its body's. */
export function responseFields(
  headers: HeadersInput | null | undefined,
  answer: Answered,
): HeaderInput {
  const { isLast } = answer
  if (headers === undefined || headers === null) return isLast ? LAST : NO_TYPE
  const pairs = pairsOf(headers)
  if (isLast) pairs.push(['connection', 'close'])
  let hasType = false
  for (const [name, value] of pairs) {
    const key = String(name).toLowerCase()
    hasType ||= key === 'content-type'
    if (key === 'content-length') checkLength(value, answer)
  }
  if (hasType) return pairs
  const fields = Object.create(null) as Record<string, string[]>
  for (const [name, value] of pairs) (fields[name] ??= []).push(value)
  fields['content-type'] = []
  return fields
}

function checkLength(declared: string, { content, isBodiless }: Answered): void {
  const length = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength
  if (declared === String(length)) return
  if (isBodiless && content === '' && /^[0-9]{1,15}$/.test(declared)) return
  throw new TypeError(`Content-Length ${show(declared)} is not the ${length} bytes of the body`)
}

/** Field lines as they go on the wire, checked. Throws `TypeError` for what is none. */
export function fieldLines(headers: HeadersInput): Uint8Array {
  const lines = pairsOf(headers).map(([name, value]) => {
    if (typeof name !== 'string' || !TOKEN.test(name)) {
      throw new TypeError(`a header name must be a token (RFC 9110 §5.1), got ${show(name)}`)
    }
    if (typeof value !== 'string' || !VALUE.test(value)) {
      throw new TypeError(
        `value of header ${show(name)} must be latin1 without control characters, got ${show(value)}`,
      )
    }
    return `${name}: ${value}\r\n`
  })
  return Buffer.from(lines.join(''), 'latin1')
}

function pairsOf(headers: HeadersInput): [string, string][] {
  if (headers === null || typeof headers !== 'object') {
    throw new TypeError(`headers must be HttpHeaders, pairs or a record, got ${show(headers)}`)
  }
  if (Symbol.iterator in headers) {
    return Array.from(headers as Iterable<readonly [string, string]>, (pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new TypeError(`headers must hold [name, value] pairs, got ${show(pair)}`)
      }
      return [pair[0] as string, pair[1] as string]
    })
  }
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as string[]) : [value as string]).map(
      (one): [string, string] => [name, one],
    ),
  )
}
