import { types } from 'node:util'
import { checkHeaders, coded, type HeaderInput } from '../errors.ts'
import { isAppended } from './append.ts'
import { assetWithLines, isAsset } from './asset.ts'
import type { Add } from './awaits-file.ts'
import { NO_RESULT, withLines } from './encoded.ts'
import { encodeFields, isType, type Lines, pairsOf, typeAmong } from './fields.ts'
import { fetchedWithLines, isFetched } from './fetched.ts'
import { fileWithLines, isFile } from './file.ts'
import { isThenable } from './pending.ts'
import { type HttpResponse, type HttpResult, text } from './response.ts'
import { StreamResponse, streamWithLines } from './stream.ts'

/** Lines of a head that name its type, with those that were folded (RFC 9112 §5.2). */
const TYPE_LINES = /^content-type:.*\r\n(?:[ \t].*\r\n)*/gim

/**
 * The same result with more field lines behind those that it has: for middleware, whatever the handler
 * has returned. Nothing is replaced but a Content-Type; an empty list adds nothing. What stands in
 * place of a missing file has them too, if a handler gives it, with a type of its own. A stream, and bytes
 * that were transferred, go with the result; a `Response` that has a body is changed, others are copied.
 *
 * Throws `TypeError` for an invalid field, or one that is the server's to set, and for a promise, which has to be
 * awaited first.
 *
 * @example
 * ```ts
 * import { addHeaders, Router } from 'fasthttp'
 *
 * const router = new Router().use(async (_, next) =>
 *   addHeaders(await next(), { 'X-Frame-Options': 'DENY' }),
 * )
 * router.get('/', () => 'Hello, World!')
 * ```
 */
export function addHeaders(result: HttpResult, headers: HeaderInput): HttpResult {
  checkHeaders(headers)
  if (isThenable(result)) {
    const message = 'addHeaders takes what a handler has returned, got a promise: await it'
    throw coded(NO_RESULT, new TypeError(message))
  }
  const lines = pairsOf(headers)
  // A wrong field is an error whatever the result is.
  encodeFields(lines)
  // The type is that of the file.
  const ofAll = lines.filter(([name]) => !isType(name))
  const again = (late: HttpResult): HttpResult => addHeaders(late, ofAll)
  return addLines(result, lines, (answer) => {
    const late = answer()
    return isThenable(late) ? Promise.resolve(late).then(again) : again(late)
  })
}

/** The same; `add` sees the answer in place of a file. */
export function addLines(result: HttpResult, lines: Lines, add: Add): HttpResult {
  if (typeof result === 'string') return text(result, { headers: lines })
  if (isPlain(result)) return withLines(result, lines)
  if (typeof result !== 'object' || result === null) return result
  if (types.isUint8Array(result)) return rawWithLines(result, lines)
  if (isAsset(result)) return assetWithLines(result, lines, add)
  if (isFile(result)) return fileWithLines(result, lines, add)
  if (StreamResponse.isOne(result)) return streamWithLines(result, lines)
  if (isFetched(result)) return fetchedWithLines(result, lines)
  return result
}

/** Whether a result is a response with a text, bytes or nothing. */
export function isPlain(result: HttpResult): result is HttpResponse {
  if (typeof result !== 'object' || result === null || types.isUint8Array(result)) return false
  // What was appended is written already.
  if (isAsset(result) || isFile(result) || isFetched(result)) return false
  return !(StreamResponse.isOne(result) || isAppended(result))
}

/** The lines go behind the status line, where they are the first of their head. */
function rawWithLines(raw: Uint8Array, lines: Lines): Uint8Array {
  const bytes = Buffer.from(raw)
  const end = bytes.indexOf('\r\n') + 2
  // No response: whoever sends it says so.
  if (end < 2) return raw
  const added = Buffer.from(
    lines.map(([name, value]) => `${name}: ${value}\r\n`).join(''),
    'latin1',
  )
  const start = bytes.subarray(0, end)
  const body = bytes.indexOf('\r\n\r\n')
  if (body < 0 || typeAmong(lines) === undefined)
    return Buffer.concat([start, added, bytes.subarray(end)])
  const others = bytes.toString('latin1', end, body + 2).replace(TYPE_LINES, '')
  return Buffer.concat([start, added, Buffer.from(others, 'latin1'), bytes.subarray(body + 2)])
}
