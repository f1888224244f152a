import type { Uri } from './uri.ts'

/**
 * Percent-encodes all but letters, digits and `-._~`; a space becomes '+', or '%20' with
 * `usePlus = false`. Halves of surrogate pairs become U+FFFD.
 */
export function encodeUrl(text: string, usePlus = true): string {
  const whole = String(text).replace(/[\ud800-\udfff]/gu, '\ufffd')
  const encoded = encodeURIComponent(whole).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return usePlus ? encoded.replaceAll('%20', '+') : encoded
}

/** The way back; '+' is a space unless `decodePlus = false`. What is no escape stays as it is. */
export function decodeUrl(text: string, decodePlus = true): string {
  const spaced = decodePlus ? String(text).replaceAll('+', ' ') : String(text)
  if (!spaced.includes('%')) return spaced
  return spaced.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString(),
  )
}

/** A query of these pairs. A value that is empty has no '=' unless `omitEq = false`. */
export function encodeQuery(
  pairs: Iterable<readonly [key: string, value: string]>,
  usePlus = true,
  omitEq = true,
  separator = '&',
): string {
  const parts: string[] = []
  for (const [key, value] of pairs) {
    const name = encodeUrl(key, usePlus)
    parts.push(omitEq && value === '' ? name : `${name}=${encodeUrl(value, usePlus)}`)
  }
  return parts.join(separator)
}

/** Whether it has a scheme, and a host or a path. */
export function isAbsolute({ scheme, hostname, path }: Uri): boolean {
  return scheme !== '' && (hostname !== '' || path !== '')
}

/** `data` (text is UTF-8) as a `data:` URI in base64 (RFC 2397). */
export function getDataUri(data: string | Uint8Array, mime: string, encoding = 'utf-8'): string {
  const charset = encoding === '' ? '' : `;charset=${encoding}`
  return `data:${mime}${charset};base64,${Buffer.from(data as string).toString('base64')}`
}
