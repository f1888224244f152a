import { isFieldValue } from '../crossing/checks.ts'
import { DOWN, REASON_LENGTH } from '../crossing/layout.ts'
import type { AnswerHead } from '../crossing/ring.ts'
import { checkNames, checkObject, type HeaderInput, show } from '../errors.ts'
import { encodeFields, pairsOf } from './fields.ts'

/** Status, reason phrase and field lines of a response. */
export interface ResponseInit {
  /** 200 to 999. Default: that of the function, 200 for most. */
  status?: number
  /** The reason phrase, at most 16777215 characters. Default: the standard one. */
  statusText?: string
  /** Field lines, before those that the server sets. Default: none. */
  headers?: HeaderInput
}

/** Places in `CONTENT_TYPES`. */
export const TEXT = 1
export const HTML = 2
export const JSON_TYPE = 3
export const BINARY = 4

/** The head of an answer out of what was checked. */
export function headOf(
  status: number,
  type: number,
  reason: string,
  fields: string,
  flags: number,
): AnswerHead {
  return { kind: DOWN.answer | flags | (status << 16), type, reason, fields }
}

/** A head that can be sent, and what it was made of. */
export interface CheckedHead {
  readonly head: AnswerHead
  /** The field lines, which can be read more than once. */
  readonly headers: HeaderInput | undefined
  /** The value of Content-Length, which is not among the field lines; -1 for none. */
  readonly length: number
  /** The same as it was given: zeros may stand in front (RFC 9110 §8.6). */
  readonly digits: string
}

/** The names of `ResponseInit`. */
export const INIT: readonly string[] = ['status', 'statusText', 'headers']

/**
 * Checks status, reason and field lines, and that `init` has no names but these; throws `RangeError` or
 * `TypeError`.
 */
export function checkHead(
  status: number,
  type: number,
  init: ResponseInit | undefined,
  names: readonly string[] = INIT,
): CheckedHead {
  if (init !== undefined) checkInit(init, names)
  const { statusText: reason = '' } = init ?? {}
  // A one-shot iterable is kept as pairs, so that the value can be read as often as it is sent.
  const given = init?.headers
  const headers = given !== undefined && Symbol.iterator in Object(given) ? pairsOf(given) : given
  const fields = encodeFields(headers)
  checkStatus(status)
  if (typeof reason !== 'string' || !isFieldValue(reason)) {
    throw new TypeError(
      `statusText must be a latin1 string without control characters, got ${show(reason)}`,
    )
  }
  if (reason.length > REASON_LENGTH) {
    throw new RangeError(
      `statusText must have at most ${REASON_LENGTH} characters, got ${reason.length}`,
    )
  }
  const head = headOf(status, fields.hasType ? 0 : type, reason, fields.text, fields.flags)
  return { head, headers, length: fields.length, digits: fields.digits }
}

/** Checks that `init` is an object that has no names but these; throws `TypeError`. */
export function checkInit(init: ResponseInit, names: readonly string[]): void {
  checkObject('init', init)
  for (const name in init) {
    // Nearly all have no other ones.
    if (name === 'headers' || name === 'status' || name === 'statusText') continue
    checkNames('name in the init of a response', init, names)
    return
  }
}

/** The same head with this Content-Length among its field lines, which the server then adds no other to. */
export function withLength(head: AnswerHead, digits: string): AnswerHead {
  const fields = `${head.fields}Content-Length: ${digits}\r\n`
  return { ...head, kind: head.kind | DOWN.hasLength, fields }
}

/** The same head with no Content-Length, neither its own nor one of the server's. */
export function withoutLength(head: AnswerHead): AnswerHead {
  return { ...head, kind: head.kind | DOWN.hasLength }
}

function checkStatus(status: unknown): void {
  if (!Number.isInteger(status) || (status as number) < 200 || (status as number) > 999) {
    throw new RangeError(`status must be an integer from 200 to 999, got ${show(status)}`)
  }
}
