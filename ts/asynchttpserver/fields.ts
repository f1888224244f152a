import type { HeaderInput } from '../index.ts'
import { HttpHeaders } from './headers.ts'

/** Field lines to send: headers, pairs, or a record. */
export type HeadersInput = HttpHeaders | HeaderInput

/** Without a type of the caller's none is sent: whether it is text or a page only the caller knows. */
const NO_TYPE: HeaderInput = { 'content-type': [] }
const LAST: HeaderInput = { 'content-type': [], connection: 'close' }

// RFC 9110 §5.6.2 and §5.5.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** The field lines of an answer; `isLast`: the connection ends behind it. */
export function responseFields(
  headers: HeadersInput | null | undefined,
  isLast: boolean,
): HeaderInput {
  if (headers === undefined || headers === null) return isLast ? LAST : NO_TYPE
  const pairs = pairsOf(headers)
  if (isLast) pairs.push(['connection', 'close'])
  if (pairs.some(([name]) => String(name).toLowerCase() === 'content-type')) return pairs
  const fields = Object.create(null) as Record<string, string[]>
  for (const [name, value] of pairs) (fields[name] ??= []).push(value)
  fields['content-type'] = []
  return fields
}

/** Field lines as they go on the wire, checked. Throws `TypeError` for what is none. */
export function fieldLines(headers: HeadersInput): Uint8Array {
  const lines = pairsOf(headers).map(([name, value]) => {
    if (typeof name !== 'string' || !TOKEN.test(name)) {
      throw new TypeError(`a header name must be a token (RFC 9110 §5.1), got ${shown(name)}`)
    }
    if (typeof value !== 'string' || !VALUE.test(value)) {
      throw new TypeError(
        `header ${name} must be latin1 without control characters, got ${shown(value)}`,
      )
    }
    return `${name}: ${value}\r\n`
  })
  return Buffer.from(lines.join(''), 'latin1')
}

function pairsOf(headers: HeadersInput): [string, string][] {
  if (headers === null || typeof headers !== 'object') {
    throw new TypeError(`headers must be HttpHeaders, pairs or a record, got ${shown(headers)}`)
  }
  if (Symbol.iterator in headers) {
    return Array.from(headers as Iterable<readonly [string, string]>, (pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new TypeError(`headers must hold [name, value] pairs, got ${shown(pair)}`)
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

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value
}
