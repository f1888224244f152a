import { REQUEST } from '../crossing/layout.ts'

/** An offset range into `HttpRequest.buffer`, in bytes. */
export interface Slice {
  /** The first byte. */
  readonly start: number
  /** How many bytes. */
  readonly len: number
}

/** Where the parts of a request are in `HttpRequest.buffer`. */
export interface RequestSlices {
  /** The method. */
  readonly method: Slice
  /** The request-target, with its query. */
  readonly path: Slice
  /** `HTTP/1.1` or `HTTP/1.0`, as sent. */
  readonly version: Slice
  /** The field lines, without the blank line behind them. */
  readonly headerFields: Slice
  /** The decoded body. */
  readonly body: Slice
}

/** The slices of the request record at word `at`. */
export function slicesOf(words: Int32Array, at: number): RequestSlices {
  const methodLen = words[at + REQUEST.methodLen] as number
  const targetLen = words[at + REQUEST.targetLen] as number
  const headLen = words[at + REQUEST.headLen] as number
  const version = methodLen + targetLen + 2
  const fields = version + 10
  return {
    method: { start: 0, len: methodLen },
    path: { start: methodLen + 1, len: targetLen },
    version: { start: version, len: 8 },
    headerFields: { start: fields, len: Math.max(0, headLen - fields - 4) },
    body: { start: headLen, len: words[at + REQUEST.bodyLen] as number },
  }
}
