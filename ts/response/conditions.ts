import { lookup } from '../request/headers.ts'
import { recordOf } from '../request/friends.ts'
import type { HttpRequest } from '../request/request.ts'

const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']
const RANGES = ['range', 'if-range']

/** What of a request counts. */
export interface Counts {
  /** Its Accept-Encoding. */
  readonly coding: boolean
  /** Its conditions (RFC 9110 §13). */
  readonly conditions: boolean
  /** Its Range (RFC 9110 §14). */
  readonly ranges: boolean
}

/** What a request says about a file, in the order of native/bridge/answer/file.rs, with NULs between. */
export function conditionsOf(req: HttpRequest, counts: Counts): string {
  const { chunk, at } = recordOf(req)
  let text = counts.coding ? (lookup(chunk, at, 'accept-encoding') ?? '') : ''
  for (const [names, count] of [
    [CONDITIONS, counts.conditions],
    [RANGES, counts.ranges],
  ] as const) {
    for (const name of names) {
      const value = count ? lookup(chunk, at, name) : undefined
      // A field without a value is there all the same.
      text += `\0${value === '' ? ' ' : (value ?? '')}`
    }
  }
  return text
}
