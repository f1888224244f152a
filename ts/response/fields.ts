import { isFieldValue, isToken } from '../crossing/checks.ts'
import { DOWN } from '../crossing/layout.ts'
import { checkHeaders, type HeaderInput, show } from '../errors.ts'

/** Field lines in order. */
export type Lines = readonly (readonly [name: string, value: string])[]

/** Field lines as bytes for the wire, and what they say about the answer. */
export interface EncodedFields {
  /** `Name: value` lines with their CRLF, latin1. */
  text: string
  /** Flags for the ring. */
  flags: number
  /** There is a Content-Type. */
  hasType: boolean
  /** The value of Content-Length, which is checked against the body; -1 for none. */
  length: number
  /** The digits of Content-Length as they were given; '' for none. */
  digits: string
}

/** Field lines as pairs. Throws `TypeError` for what are none; names and values are not looked at. */
export function pairsOf(headers: HeaderInput | undefined): [string, string][] {
  if (headers === undefined) return []
  checkHeaders(headers)
  if (Symbol.iterator in headers) {
    return Array.from(headers as Iterable<[string, string]>, (pair) => checkedPair(pair))
  }
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as string[]) : [value as string]).map(
      (one): [string, string] => [name, one],
    ),
  )
}

/** The same lines for a stream that has no type unless they name one: else it would be octets. */
export function untyped(lines: Lines): HeaderInput {
  const fields: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  fields['content-type'] = []
  for (const [name, value] of lines) (fields[name] ??= []).push(value)
  return fields
}

/** Whether a field is the one that nobody has two of. */
export function isType(name: string): boolean {
  return name.length === 12 && name.toLowerCase() === 'content-type'
}

/** The Content-Type among field lines. */
export function typeAmong(lines: Lines): string | undefined {
  return lines.find(([name]) => isType(name))?.[1]
}

/** Field lines with more behind them; a Content-Type takes the place of another one. */
export function plus(headers: HeaderInput | undefined, added: Lines): HeaderInput {
  if (headers === undefined) return [...added]
  const isTyped = typeAmong(added) !== undefined
  if (Symbol.iterator in headers) {
    const lines = pairsOf(headers)
    return [...(isTyped ? lines.filter(([name]) => !isType(name)) : lines), ...added]
  }
  // Not pairs: those cannot say that there is to be no Content-Type.
  const lines = Object.assign(Object.create(null) as object, headers) as Record<string, string[]>
  if (isTyped) for (const name of Object.keys(lines).filter(isType)) delete lines[name]
  for (const [name, value] of added) lines[name] = [...[lines[name] ?? []].flat(), value]
  return lines
}

/**
 * Checks field lines and encodes them.
 *
 * Throws `TypeError` for a name that is no token, for a value with CR, LF, NUL, another control
 * character or a code unit above 0xff, for one that is neither text nor a finite number, and for
 * Transfer-Encoding, which is the server's.
 */
export function encodeFields(input: HeaderInput | undefined): EncodedFields {
  const out: EncodedFields = { text: '', flags: 0, hasType: false, length: -1, digits: '' }
  if (input === undefined) return out
  checkHeaders(input)
  if (Symbol.iterator in input) {
    for (const pair of input as Iterable<[string, string]>) {
      const line = checkedPair(pair)
      add(out, line[0], line[1])
    }
    return out
  }
  for (const name of Object.keys(input)) {
    const value = input[name]
    if (Array.isArray(value)) {
      // No value at all: not even the one that the body would bring.
      if (value.length === 0 && name.toLowerCase() === 'content-type') out.hasType = true
      for (const one of value as readonly string[]) add(out, name, one)
    } else add(out, name, value as string)
  }
  return out
}

function checkedPair(pair: [string, string]): [string, string] {
  if (pair === null || typeof pair !== 'object' || pair.length !== 2) {
    throw new TypeError(`headers must hold [name, value] pairs, got ${show(pair)}`)
  }
  return pair
}

function add(out: EncodedFields, name: string, value: string): void {
  if (typeof name !== 'string' || !isToken(name)) {
    throw new TypeError(`header name must be a token (RFC 9110 §5.1), got ${show(name)}`)
  }
  if (Number.isFinite(value)) value = String(value)
  if (typeof value !== 'string' || !isFieldValue(value)) {
    throw new TypeError(
      `value of header ${show(name)} must be a latin1 string without control characters, got ${show(value)}`,
    )
  }
  if (isKept(out, name, value)) out.text += `${name}: ${value}\r\n`
}

/** Notes what concerns the server; says whether the line goes out as it is. */
function isKept(out: EncodedFields, name: string, value: string): boolean {
  switch (name.length) {
    case 4:
      if (name.toLowerCase() === 'date') out.flags |= DOWN.hasDate
      return true
    case 10:
      return name.toLowerCase() !== 'connection' || isKeptConnection(out, value)
    case 12:
      if (name.toLowerCase() === 'content-type') out.hasType = true
      return true
    case 14:
      if (name.toLowerCase() !== 'content-length') return true
      noteLength(out, value)
      return false
    case 17:
      if (name.toLowerCase() === 'transfer-encoding') {
        throw new TypeError('Transfer-Encoding is set by the server (RFC 9112 §6.1)')
      }
      return true
    default:
      return true
  }
}

function isKeptConnection(out: EncodedFields, value: string): boolean {
  const tokens = value.split(',').map((token) => token.trim().toLowerCase())
  if (tokens.includes('close')) out.flags |= DOWN.close
  // Persistence is the server's to announce; anything else (`upgrade`) is the handler's.
  return !tokens.every((token) => token === 'close' || token === 'keep-alive' || token === '')
}

function noteLength(out: EncodedFields, value: string): void {
  const length = /^[0-9]{1,15}$/.test(value) ? Number(value) : -1
  if (length < 0 || (out.length >= 0 && out.length !== length)) {
    throw new TypeError(`Content-Length must be one number of bytes, got ${show(value)}`)
  }
  if (out.length < 0) out.digits = value
  out.length = length
}
