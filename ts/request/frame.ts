import { types } from 'node:util'
import { detachedChunk } from '../crossing/chunk.ts'
import { isDetached, isShared } from '../crossing/memory.ts'
import { native } from '../crossing/native.ts'
import { checkNames, HttpError, show } from '../errors.ts'
import { HttpRequest } from './request.ts'

/** How large a request may be, in bytes. `Infinity` is no limit. */
export interface FrameLimits {
  /** Bytes of the head, request line and blank line included; more is 431. Default 16384, at least 1. */
  maxHeader?: number
  /** Bytes of the decoded body; more is 413. Default 1048576 (1 MiB); 0 lets no body pass. */
  maxBody?: number
}

const faults = native.faults()
/** The places in a record are 32-bit words. */
/** A body that a number can count together with its head. */
const MOST = Number.MAX_SAFE_INTEGER - 0xffffffff
const MAX_DECODED = 0x7fffffff - (1 << 16)

/**
 * The bytes of the first request in `bytes`, head and body as sent; -1 while it is incomplete. What
 * follows belongs to the next request.
 *
 * The server's own parser with the server's own rules: throws `HttpError`, with the `status` that
 * the server would answer, for what no request can begin with (400), a limit (413, 414, 431), and
 * what is not served (417, 501, 505). Throws `TypeError` or `RangeError` for wrong arguments.
 *
 * @example
 * ```ts
 * import { frameRequestLength } from 'fasthttp'
 *
 * frameRequestLength(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next')) // 27
 * ```
 */
export function frameRequestLength(bytes: Uint8Array, limits?: FrameLimits): number {
  const [maxHeader, maxBody] = checkLimits(limits)
  return checkFault(native.frameRequestLength(checkBytes(bytes), maxHeader, maxBody))
}

/**
 * The bytes of the first request in `bytes` as its Content-Length has it, as soon as its head is
 * complete: what a buffer for it needs. -1 while it is not, for a chunked body, and for none.
 * Throws as `frameRequestLength` does; without `maxBody` any length is told that a number can count.
 *
 * @example
 * ```ts
 * import { frameExpectedTotal } from 'fasthttp'
 *
 * const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n'
 * frameExpectedTotal(Buffer.from(head)) // 149, as soon as the head is there
 * ```
 */
export function frameExpectedTotal(bytes: Uint8Array, limits?: FrameLimits): number {
  const [maxHeader, maxBody] = checkLimits(limits, MOST)
  const most = Math.min(maxBody, MOST)
  return checkFault(native.frameExpectedTotal(checkBytes(bytes), maxHeader, most))
}

/**
 * The offset of the body in `bytes`; -1 while the head is incomplete. Only the syntax of the head
 * is judged, not what its fields say. Throws as `frameRequestLength` does.
 *
 * @example
 * ```ts
 * import { frameHeadLength } from 'fasthttp'
 *
 * frameHeadLength(Buffer.from('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok')) // 47
 * ```
 */
export function frameHeadLength(bytes: Uint8Array, limits?: FrameLimits): number {
  const [maxHeader, maxBody] = checkLimits(limits)
  return checkFault(native.frameHeadLength(checkBytes(bytes), maxHeader, maxBody))
}

/**
 * The first request in `bytes` as a handler would see it, its body decoded; null while it is
 * incomplete. It has memory of its own, no addresses, and a `signal` that never aborts; `earlyHints`, `raw` and
 * `takeover`, for which there is no connection, throw `ERR_INVALID_STATE`.
 * Throws as `frameRequestLength` does; `maxBody` is 2 GiB - 64 KiB at most.
 *
 * @example
 * ```ts
 * import { decodeRequest } from 'fasthttp'
 *
 * const req = decodeRequest(Buffer.from('GET /a?b=c HTTP/1.1\r\nHost: d\r\n\r\n'))
 * console.log(req?.path, req?.searchParams.get('b'), req?.header('host')) // /a c d
 * ```
 */
export function decodeRequest(bytes: Uint8Array, limits?: FrameLimits): HttpRequest | null {
  const [maxHeader, maxBody] = checkLimits(limits)
  const most = Math.min(maxBody, MAX_DECODED)
  const { record, fault } = native.decodeRequest(checkBytes(bytes), maxHeader, most)
  if (record === undefined) {
    checkFault(fault)
    return null
  }
  const chunk = detachedChunk(record)
  return new HttpRequest(chunk, (chunk.words[chunk.words.length - 1] as number) >> 2)
}

function checkFault(result: number): number {
  if (result >= -1) return result
  const { status, name } = faults[-2 - result] ?? { status: 400, name: 'unknown' }
  throw new HttpError(status, `refused: ${name}`)
}

function checkBytes(bytes: Uint8Array): Uint8Array {
  if (!types.isUint8Array(bytes)) {
    throw new TypeError(`bytes must be a Uint8Array, got ${show(bytes)}`)
  }
  if (isDetached(bytes)) throw new TypeError('bytes is detached: its memory was transferred')
  // Memory that another thread can write must not change under the parser.
  return isShared(bytes) ? new Uint8Array(bytes) : bytes
}

function checkLimits(
  limits: FrameLimits = {},
  maxBody: number = 1 << 20,
): [maxHeader: number, maxBody: number] {
  checkNames('limit', limits, ['maxHeader', 'maxBody'])
  return [
    checkLimit('maxHeader', limits.maxHeader, 1, 16 << 10),
    checkLimit('maxBody', limits.maxBody, 0, maxBody),
  ]
}

function checkLimit(name: string, value: unknown, least: number, fallback: number): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${show(value)}`)
  if (value === Infinity) return value
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${name} must be an integer from ${least} on or Infinity, got ${value}`)
  }
  return value
}
