/** Route parameters by name; the prototype is null. */
export type Params = Readonly<Record<string, string>>

/** What a request knows of its route. */
export interface MatchedRoute {
  readonly pattern: string
  /** The names of its wildcards in order. */
  readonly names: readonly string[]
  /** Their values as sent, if not the addon has found them. */
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

/** Escapes in a row; of those the longest stretches that are UTF-8. */
function decodeRun(run: string): string {
  let text = ''
  for (let at = 0; at < run.length;) {
    const first = Number.parseInt(run.slice(at + 1, at + 3), 16)
    const bytes = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    const escapes = run.slice(at, at + bytes * 3)
    const decoded = tryDecode(escapes)
    text += decoded ?? run.slice(at, at + 3)
    at += decoded === undefined ? 3 : escapes.length
  }
  return text
}

function tryDecode(escapes: string): string | undefined {
  try {
    return decodeURIComponent(escapes)
  } catch {
    return undefined
  }
}
