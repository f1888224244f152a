import { show } from '../errors.ts'
import { headerValues, type HttpHeaderValues, lower } from './values.ts'

/** The line end of HTTP. */
export const httpNewLine = '\r\n'
/** The most field lines of a request; more are answered 431. */
export const headerLimit = 10_000

// What would end a field line or cut it off; the rest is checked when it is sent.
const BREAKS = /[\r\n\0]/

function titled(name: string): string {
  return lower(name).replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}

/** Names, each with a value or several: pairs, or a record. */
export type HeaderPairs =
  | Iterable<readonly [name: string, value: string | readonly string[]]>
  // TypeScript 5.0 takes pairs that are written out for lists without it.
  | readonly (readonly [name: string, value: string | readonly string[]])[]
  | Readonly<Record<string, string | readonly string[]>>

function pairsOf(given: HeaderPairs): Iterable<readonly [string, string | readonly string[]]> {
  if (given === null || typeof given !== 'object') {
    throw new TypeError(`headers must be pairs or a record, got ${show(given)}`)
  }
  if (!(Symbol.iterator in given)) return Object.entries(given)
  return Array.from(given, (pair) => {
    if (Array.isArray(pair) && pair.length === 2) return pair
    throw new TypeError(`headers must hold [name, value] pairs, got ${show(pair)}`)
  })
}

/** The values of one name. Throws `TypeError` for what is no text that a field line may have. */
function valuesOf(name: string, given: string | readonly string[]): string[] {
  const values = Array.isArray(given) ? (given as readonly string[]) : [given as string]
  return values.map((value) => checked(value, name))
}

/**
 * Field lines by name: a name may have several values, and its case does not matter. In the order in
 * which names were first set.
 */
export class HttpHeaders implements Iterable<[name: string, value: string]> {
  /** Whether names are shown as `Content-Length`; else as `content-length`. */
  readonly isTitleCase: boolean
  readonly #values = new Map<string, string[]>()

  /** With values from the start; those of one name add up. Throws as `add` does. */
  constructor(given: HeaderPairs = [], titleCase = false) {
    this.isTitleCase = titleCase
    for (const [name, value] of pairsOf(given)) {
      for (const one of valuesOf(name, value)) this.add(name, one)
    }
  }

  /** A value of `name`, the first unless told otherwise; `undefined` if it is not there. */
  get(name: string, index = 0): string | undefined {
    return this.#values.get(lower(String(name)))?.[index]
  }

  /** The values of `name`; none if it is not there. */
  getAll(name: string): HttpHeaderValues {
    return headerValues(this.#values.get(lower(String(name))) ?? [])
  }

  /** The values of `name`, or `fallback`, which is one empty value unless told otherwise. */
  getOrDefault(name: string, fallback: readonly string[] = ['']): HttpHeaderValues {
    return headerValues(this.#values.get(lower(String(name))) ?? fallback)
  }

  /** One more value. Throws `TypeError` for what is no string or has CR, LF or NUL in it. */
  add(name: string, value: string): this {
    const key = lower(checked(name))
    const [one] = valuesOf(name, [value]) as [string]
    const values = this.#values.get(key)
    if (values === undefined) this.#values.set(key, [one])
    else values.push(one)
    return this
  }

  /** Puts one value, or several, in the place of all; without any the name is deleted. Throws as `add` does. */
  set(name: string, value: string | readonly string[]): this {
    const key = lower(checked(name))
    const values = valuesOf(name, value)
    if (values.length === 0) this.#values.delete(key)
    else this.#values.set(key, values)
    return this
  }

  /** Deletes a name; says whether it was there. */
  del(name: string): boolean {
    return this.#values.delete(lower(String(name)))
  }

  /** Whether there is a value of `name`. */
  has(name: string): boolean {
    return this.#values.has(lower(String(name)))
  }

  /** The same, as Nim calls it. */
  hasKey(name: string): boolean {
    return this.has(name)
  }

  /**
   * What Nim writes `headers[name]`: the values; with `index`, as `headers[name, index]`, that one. Throws
   * `ERR_KEY` if there is none.
   */
  at(name: string): HttpHeaderValues
  at(name: string, index: number): string
  at(name: string, index?: number): HttpHeaderValues | string {
    const values = this.#values.get(lower(String(name)))
    const found = index === undefined ? values && headerValues(values) : values?.[index]
    if (found !== undefined) return found
    const what = index === undefined ? `key ${name}` : `value ${index} of key ${name}`
    throw Object.assign(new RangeError(`${what} not found`), { code: 'ERR_KEY' })
  }

  /** Whether one of the values of `name` is `value`, whatever its case. */
  contains(name: string, value: string): boolean {
    return this.getAll(name).contains(value)
  }

  /** Deletes all names. */
  clear(): void {
    this.#values.clear()
  }

  /** How many names there are. */
  get len(): number {
    return this.#values.size
  }

  /** Names and values; a name comes once for each of its values. */
  *pairs(): IterableIterator<[name: string, value: string]> {
    for (const [key, values] of this.#values) {
      const name = this.isTitleCase ? titled(key) : key
      for (const value of values) yield [name, value]
    }
  }

  /** The same as `pairs`. */
  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.pairs()
  }

  /** The field lines as they would be sent. */
  toString(): string {
    return [...this.pairs()].map(([name, value]) => `${name}: ${value}${httpNewLine}`).join('')
  }
}

/** Makes headers: `newHttpHeaders(titleCase?)` or `newHttpHeaders(pairs, titleCase?)`. */
export function newHttpHeaders(
  pairs: boolean | HeaderPairs = false,
  titleCase = false,
): HttpHeaders {
  return typeof pairs === 'boolean' ? new HttpHeaders([], pairs) : new HttpHeaders(pairs, titleCase)
}

/** A field line's name, and its values. */
export interface ParsedHeader {
  /** The name. */
  readonly key: string
  /** The value; empty for an empty line. */
  readonly value: string[]
}

/**
 * Splits a field line at its first colon; without one it is a name with an empty value. White space
 * around the value is dropped (RFC 9110 §5.5), the name is left as it is. A list stays one value: a
 * comma may belong to a date, a quoted string or a comment (RFC 9110 §5.3).
 */
export function parseHeader(line: string): ParsedHeader {
  const colon = line.indexOf(':')
  if (colon < 0) return { key: line, value: line === '' ? [] : [''] }
  const key = line.slice(0, colon)
  const value = line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, '')
  return { key, value: key === '' && value === '' ? [] : [value] }
}

/** Checks a name, or a value of one. */
function checked(text: string, of?: string): string {
  if (typeof text === 'string' && !BREAKS.test(text)) return text
  const what = of === undefined ? 'the name of a header' : `value of header ${show(of)}`
  throw new TypeError(`${what} must be a string without CR, LF and NUL, got ${show(text)}`)
}
