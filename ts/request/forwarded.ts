import { isIP } from 'node:net'

// What proxies write of the hops before them. Each one appends on the right, and the left may be
// anybody's: so all of it is read from the right, and nothing on the left can change what is on the right.

/** What one hop says of the one before it. */
export interface Hop {
  /** Its address, without port and brackets; `undefined` for what is none. */
  readonly address: string | undefined
  readonly proto?: string | undefined
  readonly host?: string | undefined
}

/** The elements of a list over several field lines, the last one first. */
export function elementsOf(lines: readonly string[]): string[] {
  return lines
    .flatMap((line) => line.split(','))
    .map(trim)
    .filter((one) => one !== '')
    .toReversed()
}

/** The same where commas may be quoted. */
export function quotedElementsOf(lines: readonly string[]): string[] {
  return lines
    .toReversed()
    .flatMap(splitBackwards)
    .map(trim)
    .filter((one) => one !== '')
}

function splitBackwards(line: string): string[] {
  const elements: string[] = []
  let [end, isQuoted] = [line.length, false]
  for (let at = line.length - 1; at >= 0; at--) {
    const char = line[at]
    if (char === '"' && !(isQuoted && isEscaped(line, at))) isQuoted = !isQuoted
    if (char === ',' && !isQuoted) {
      elements.push(line.slice(at + 1, end))
      end = at
    }
  }
  elements.push(line.slice(0, end))
  return elements
}

/** Whether an odd number of backslashes is before it. */
function isEscaped(line: string, at: number): boolean {
  let start = at
  while (line[start - 1] === '\\') start--
  return (at - start) % 2 === 1
}

/** By hand: an expression for the end looks again from each blank within, which takes squared time. */
function trim(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isBlank(text, start)) start++
  while (end > start && isBlank(text, end - 1)) end--
  return text.slice(start, end)
}

function isBlank(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t'
}

/** A port, or an obfuscated one (RFC 7239 §6.2). */
const PORT = String.raw`(?::(?:\d{1,5}|_[\w.-]+))?`
const BRACKETED = new RegExp(String.raw`^\[([^\]]*)\]${PORT}$`)
const DOTTED = new RegExp(String.raw`^([\d.]+)${PORT}$`)

/** The address in a name of a node (RFC 7239 §6): none in `unknown`, `_hidden`, and one with a zone. */
export function addressOf(node: string): string | undefined {
  const [, v6] = BRACKETED.exec(node) ?? []
  if (v6 !== undefined) return isIP(v6) === 6 && !v6.includes('%') ? v6 : undefined
  const address = DOTTED.exec(node)?.[1] ?? node
  return isIP(address) > 0 && !address.includes('%') ? address : undefined
}

// A value that should be quoted, such as an address with its port, is taken without quotes as well.
const PAIR =
  /[ \t]*(?:([!#$%&'*+\-.^_`|~\w]+)=(?:([!#$%&'*+\-.^_`|~\w:[\]]+)|"((?:[^"\\]|\\.)*)")[ \t]*)?(;|$)/y

/** One element of `Forwarded` (RFC 7239 §4); one that breaks its rules says nothing. */
export function hopOf(element: string): Hop {
  const pairs = new Map<string, string>()
  PAIR.lastIndex = 0
  for (;;) {
    const found = PAIR.exec(element)
    if (found === null) return { address: undefined }
    const [, name, token, quoted, separator] = found
    if (name !== undefined) {
      const key = name.toLowerCase()
      if (pairs.has(key)) return { address: undefined }
      pairs.set(key, token ?? (quoted as string).replaceAll(/\\(.)/g, '$1'))
    }
    if (separator === '') break
  }
  const node = pairs.get('for')
  return {
    address: node === undefined ? undefined : addressOf(node),
    proto: pairs.get('proto'),
    host: pairs.get('host'),
  }
}
