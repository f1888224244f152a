import { types } from 'node:util'
import { DOWN } from '../crossing/layout.ts'
import { atRest, byteLength } from '../crossing/memory.ts'
import { type AnswerHead, headless, type Ring } from '../crossing/ring.ts'
import type { HttpRequest } from '../request/request.ts'
import { isAppended, sendAppended } from './append.ts'
import { isAsset, sendAsset } from './asset.ts'
import { encoded, EncodedResponse, notAResult } from './encoded.ts'
import { isFile, sendFile } from './file.ts'
import { headOf, TEXT } from './head.ts'

/** The head of a text answer without further ado. */
export const TEXT_200: AnswerHead = headOf(200, TEXT, '', '', 0)
const RAW: AnswerHead = headless(DOWN.raw)

/**
 * Hands a handler's result to the ring; says whether its end is told later. Throws, with nothing
 * written, for what is no result.
 *
 * @internal
 */
export function send(
  ring: Ring,
  words: Int32Array,
  at: number,
  result: unknown,
  req: HttpRequest,
): boolean {
  if (typeof result === 'string') {
    ring.text(words, at, TEXT_200, result)
    return false
  }
  if (typeof result !== 'object' || result === null) throw notAResult(result)
  if (types.isUint8Array(result)) {
    const length = byteLength(result)
    ring.binary(words, at, RAW, atRest(result, length), length)
    ring.noteRaw(req)
    return false
  }
  if (EncodedResponse.isOne(result)) {
    EncodedResponse.send(ring, words, at, result)
    return false
  }
  if (isFile(result)) return sendFile(ring, words, at, result, req)
  if (isAsset(result)) return sendAsset(ring, words, at, result, req)
  if (isAppended(result)) {
    sendAppended(ring, words, at, result)
    ring.noteRaw(req)
  } else EncodedResponse.send(ring, words, at, encoded(result))
  return false
}
