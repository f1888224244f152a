/** The version of a request. */
export interface Protocol {
  /** As sent: 'HTTP/1.1'. */
  readonly orig: string
  /** The number before the dot. */
  readonly major: number
  /** The number behind it. */
  readonly minor: number
}

/** A version that this server speaks. */
export type HttpVersion = 'HTTP/1.1' | 'HTTP/1.0'

/** HTTP/1.1 (RFC 9112). */
export const HttpVer11: HttpVersion = 'HTTP/1.1'
/** HTTP/1.0 (RFC 1945). */
export const HttpVer10: HttpVersion = 'HTTP/1.0'

/** Whether a request came in this version, by its numbers. */
export function isVersion(protocol: Protocol, version: HttpVersion): boolean {
  return `HTTP/${protocol.major}.${protocol.minor}` === version
}

/** Reads the third word of a request line, which the parser has found to be 'HTTP/' and two digits. */
export function parseProtocol(orig: string): Protocol {
  return { orig, major: Number(orig.slice(5, 6)), minor: Number(orig.slice(7)) }
}
