import type { Bytes } from '../crossing/bytes.ts'
import type { Chunk } from '../crossing/chunk.ts'
import { REQUEST } from '../crossing/layout.ts'

/**
 * Field lines in the order received, names as sent, duplicates kept.
 *
 * Lookups ignore case. Values are latin1, without the white space around them (RFC 9110 §5.5).
 */
export interface HttpHeaders extends Iterable<[name: string, value: string]> {
  /** The value of a field; several field lines are joined as RFC 9110 §5.3 says. */
  get(name: string): string | undefined
  /** The values of all field lines with this name. */
  getAll(name: string): string[]
  /** Whether there is a field line with this name. */
  has(name: string): boolean
  /** Number of field lines. */
  readonly size: number
}

/** The first word of a field line's spans, at or behind field number `from`; -1 if none. */
function find({ words, bytes }: Chunk, at: number, name: string, from: number): number {
  const count = words[at + REQUEST.fields] as number
  const raw = words[at + REQUEST.raw] as number
  const { length } = name
  for (let i = from; i < count; i++) {
    const field = at + REQUEST.count + i * REQUEST.fieldWords
    if (words[field + 1] === length && isName(bytes, raw + (words[field] as number), name)) return i
  }
  return -1
}

function isName(bytes: Bytes, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const sent = bytes[start + i] as number
    const asked = name.charCodeAt(i)
    if (sent !== asked) {
      const lower = sent | 0x20
      if (lower !== (asked | 0x20) || lower < 0x61 || lower > 0x7a) return false
    }
  }
  return true
}

function valueOf({ words, bytes }: Chunk, at: number, index: number): string {
  const field = at + REQUEST.count + index * REQUEST.fieldWords
  const start = (words[at + REQUEST.raw] as number) + (words[field + 2] as number)
  return bytes.latin1Slice(start, start + (words[field + 3] as number))
}

function nameOf({ words, bytes }: Chunk, at: number, index: number): string {
  const field = at + REQUEST.count + index * REQUEST.fieldWords
  const start = (words[at + REQUEST.raw] as number) + (words[field] as number)
  return bytes.latin1Slice(start, start + (words[field + 1] as number))
}

/** Looks a field up in a request record. */
export function lookup(chunk: Chunk, at: number, name: string): string | undefined {
  const first = find(chunk, at, name, 0)
  if (first < 0) return undefined
  let value = valueOf(chunk, at, first)
  for (let i = find(chunk, at, name, first + 1); i >= 0; i = find(chunk, at, name, i + 1)) {
    // RFC 9110 §5.3 joins with a comma; a cookie list is joined as RFC 6265 §5.4 writes it.
    value +=
      (name.length === 6 && name.toLowerCase() === 'cookie' ? '; ' : ', ') + valueOf(chunk, at, i)
  }
  return value
}

/** The values of all field lines with this name, in the order received. */
export function linesOf(chunk: Chunk, at: number, name: string): string[] {
  const values: string[] = []
  for (let i = find(chunk, at, name, 0); i >= 0; i = find(chunk, at, name, i + 1)) {
    values.push(valueOf(chunk, at, i))
  }
  return values
}

/** A view of the field lines of one request. Holds on to the request's record, and copies nothing. */
export class RequestHeaders implements HttpHeaders {
  readonly #place: () => [Chunk, number]

  constructor(place: () => [Chunk, number]) {
    this.#place = place
  }

  get(name: string): string | undefined {
    const [chunk, at] = this.#place()
    return lookup(chunk, at, String(name))
  }

  getAll(name: string): string[] {
    const [chunk, at] = this.#place()
    return linesOf(chunk, at, String(name))
  }

  has(name: string): boolean {
    const [chunk, at] = this.#place()
    return find(chunk, at, String(name), 0) >= 0
  }

  get size(): number {
    const [chunk, at] = this.#place()
    return chunk.words[at + REQUEST.fields] as number
  }

  *[Symbol.iterator](): Iterator<[name: string, value: string]> {
    const { size } = this
    for (let i = 0; i < size; i++) {
      const [chunk, at] = this.#place()
      yield [nameOf(chunk, at, i), valueOf(chunk, at, i)]
    }
  }
}
