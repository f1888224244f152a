/** A half of a surrogate pair is no character and has no encoding. */
const LONE = /[\ud800-\udfff]/gu

/** Percent-encodes what `pattern`, a global one, finds in `text`, as UTF-8; lone surrogates become U+FFFD. */
export function percentEncode(text: string, pattern: RegExp): string {
  return text.replace(LONE, '\ufffd').replace(pattern, encodeURIComponent)
}
