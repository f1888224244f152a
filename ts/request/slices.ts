import { REQUEST } from '../crossing/layout.ts'

/** An offset range into `HttpRequest.buffer`, in bytes. */
export interface Slice {
  readonly start: number
  readonly len: number
}

/** Where the parts of a request are in `HttpRequest.buffer`. */
export interface RequestSlices {
  readonly method: Slice
  readonly path: Slice
  readonly version: Slice
  readonly headerFields: Slice
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
