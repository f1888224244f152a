import { show } from '../errors.ts'

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

/** Letters that may differ for a name to be meant. */
const NEAR = 3

/**
 * Checks that `given` has no names but these; throws `TypeError` with the name that is probably meant.
 * `what` it is, such as 'option of createServer'.
 */
export function checkNames(what: string, given: object, names: readonly string[]): void {
  for (const name in given) {
    if (!names.includes(name) && Object.hasOwn(given, name)) throw unknownName(what, name, names)
  }
}

/** The error for a name that nobody knows. */
function unknownName(what: string, name: string, names: readonly string[]): TypeError {
  const [nearest] = names
    .map((known) => ({ known, far: distance(name.toLowerCase(), known.toLowerCase()) }))
    .filter(({ known, far }) => far <= Math.min(NEAR, known.length >> 1))
    .toSorted((one, two) => one.far - two.far)
  const advice =
    nearest === undefined ? `there are ${names.join(', ')}` : `did you mean ${nearest.known}?`
  return new TypeError(`${show(name)} is no ${what}: ${advice}`)
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
function distance(one: string, two: string): number {
  let row = Array.from({ length: two.length + 1 }, (_, i) => i)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= two.length; j++) {
      const changed = (row[j - 1] as number) + (one[i - 1] === two[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[two.length] as number
}
