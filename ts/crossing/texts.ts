import type { Bytes } from './bytes.ts'

/** Up to here comparing bytes is faster than a call that decodes them. */
const SHORT = 12
/** Texts that are kept: a power of two. */
const KEPT = 256

const kept: string[] = Array.from({ length: KEPT }, () => '')

/** Bytes as latin1. A short text that was met before is not made again: few paths are asked for often. */
export function textAt(bytes: Bytes, start: number, end: number): string {
  const length = end - start
  if (length > SHORT || length < 1) return bytes.latin1Slice(start, end)
  const [middle, last] = [bytes[start + (length >> 1)] as number, bytes[end - 1] as number]
  const place = (length + middle * 17 + last * 5) & (KEPT - 1)
  const text = kept[place] as string
  if (text.length !== length) return (kept[place] = bytes.latin1Slice(start, end))
  for (let i = 0; i < length; i++) {
    if (text.charCodeAt(i) !== bytes[start + i]) {
      return (kept[place] = bytes.latin1Slice(start, end))
    }
  }
  return text
}
