import { show } from '../errors.ts'

/** The most that goes into a word that native code reads as a number with a sign. */
export const MOST = 0x7fffffff

/** Checks one integer; `undefined` gives the default. */
export function integer(
  name: string,
  value: unknown,
  least: number,
  greatest: number,
  fallback: number,
): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${show(value)}`)
  if (!Number.isInteger(value) || value < least || value > greatest) {
    throw new RangeError(`${name} must be an integer from ${least} to ${greatest}, got ${value}`)
  }
  return value
}

/** Checks a time limit in milliseconds; `undefined` is none. */
export function timeLimit(name: string, value: unknown): number | undefined {
  return value === undefined ? undefined : integer(name, value, 0, MOST, 0)
}

/** Checks one boolean; `undefined` gives the default. */
export function flag(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean')
    throw new TypeError(`${name} must be a boolean, got ${show(value)}`)
  return value
}

// RFC 9110 §5.6.2 token, and §5.5 field-value without its surrounding white space rule: obs-text
// is allowed, every other control byte but HTAB is not, and code units above 0xff have no byte.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Whether `text` may be the name of a field or a method. */
export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

/** Whether `text` may stand in a field value or a reason phrase. */
export function isFieldValue(text: string): boolean {
  return VALUE.test(text)
}

/** The same without a prototype, on which somebody may have put what is missing here. */
export function bare<T extends object>(object: T): T {
  return Object.assign(Object.create(null) as T, object)
}
