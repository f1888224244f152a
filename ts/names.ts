import { show } from './errors.ts'

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
