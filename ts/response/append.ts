import { types } from 'node:util'
import type { Bytes } from '../crossing/bytes.ts'
import { bytesOver } from '../crossing/bytes.ts'
import { DOWN } from '../crossing/layout.ts'
import { atRest, byteLength, isDetached } from '../crossing/memory.ts'
import { type AnswerHead, headless, type Ring, RAW_ROOM } from '../crossing/ring.ts'
import { coded, show } from '../errors.ts'
import { recordOf } from '../request/friends.ts'
import type { HttpRequest } from '../request/request.ts'

/** Where an append handler writes its response. It is closed when the handler returns. */
export interface ResponseOut {
  /**
   * Appends bytes, which are copied, or a string of latin1 characters. Throws `TypeError` for
   * anything else, also for a character above U+00FF, and `ERR_STREAM_WRITE_AFTER_END` when the
   * handler has returned.
   */
  write(data: Uint8Array | string): this
  /** Ends the connection behind this response. */
  close(): this
}

/**
 * Answers a request by appending exactly one response, as it goes on the wire, to `out` before it
 * returns. What it returns is ignored.
 *
 * @example
 * ```ts
 * import { createServer } from 'fasthttp'
 *
 * createServer({
 *   append(req, out) {
 *     out.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n').write('hello')
 *     if (req.path === '/last') out.close()
 *   },
 * })
 * ```
 */
export type Append = (req: HttpRequest, out: ResponseOut) => void

/** Up to here writing characters one by one is faster than a call. */
const SHORT = 16
// V8 knows which strings have no such character, so this looks at none of theirs.
const NOT_LATIN1 = /[^\0-\xff]/
const RAW: AnswerHead = headless(DOWN.raw)
const RAW_LAST: AnswerHead = { ...RAW, kind: DOWN.raw | DOWN.close }

// Not methods: those a handler reaches through its `out`, and with them the ring.

/** Whether a handler's result is what an append handler wrote. */
export let isAppended: (value: object) => boolean
/** Hands what was written to the ring. */
export let sendAppended: (ring: Ring, words: Int32Array, at: number, value: object) => void

/** A raw response on its way into the ring, or into memory that grows if it is too large for that. */
class Appended implements ResponseOut {
  readonly #ring: Ring
  /** Not the ring's: whatever else its author does may write there meanwhile. */
  #bytes: Bytes
  #length = 0
  #isOpen = true
  #isSent = false
  #closes = false

  constructor(ring: Ring) {
    this.#ring = ring
    this.#bytes = ring.borrow()
  }

  write(data: Uint8Array | string): this {
    if (!this.#isOpen) throw afterEnd()
    if (typeof data === 'string') this.#writeText(data)
    else this.#writeBytes(data)
    return this
  }

  close(): this {
    if (!this.#isOpen) throw afterEnd()
    this.#closes = true
    return this
  }

  #writeText(text: string): void {
    const { length } = text
    if (length > SHORT) {
      if (NOT_LATIN1.test(text)) throw notLatin1(text)
      const at = this.#reserve(length)
      this.#bytes.latin1Write(text, at, length)
    } else {
      const at = this.#reserve(length)
      const bytes = this.#bytes
      for (let i = 0; i < length; i++) {
        const unit = text.charCodeAt(i)
        if (unit > 0xff) throw notLatin1(text)
        bytes[at + i] = unit
      }
    }
    this.#length += length
  }

  #writeBytes(data: Uint8Array): void {
    if (!types.isUint8Array(data)) {
      throw new TypeError(`write takes a string or a Uint8Array, got ${show(data)}`)
    }
    if (isDetached(data)) throw new TypeError('data is detached: its memory was transferred')
    const length = byteLength(data)
    const at = this.#reserve(length)
    this.#bytes.set(atRest(data, length), at)
    this.#length += length
  }

  /** Where `more` bytes can be written behind those that are there. */
  #reserve(more: number): number {
    const needed = this.#length + more
    if (needed > this.#bytes.length) this.#grow(needed)
    return this.#length
  }

  /** Goes on in memory that is larger, which the overflow path copies once. */
  #grow(needed: number): void {
    const room = Math.max(needed, 2 * this.#bytes.length)
    const { buffer, byteOffset } = Buffer.allocUnsafeSlow(room)
    const bytes = bytesOver(buffer, byteOffset, room)
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#release()
    this.#bytes = bytes
  }

  #release(): void {
    if (this.#bytes.length === RAW_ROOM) this.#ring.giveBack(this.#bytes)
  }

  static run(append: Append, req: HttpRequest): Appended {
    const out = new Appended(recordOf(req).chunk.lane.ring)
    let returned: unknown
    try {
      returned = append(req, out)
      if (returned !== undefined) checkReturned(returned)
    } catch (error) {
      out.#isSent = true
      out.#release()
      throw error
    } finally {
      out.#isOpen = false
    }
    return out
  }

  static {
    isAppended = (value) => #ring in value
    sendAppended = (ring, words, at, value) => {
      const out = value as Appended
      // Its memory is somebody else's by now.
      if (out.#isSent || out.#isOpen) throw sentBefore()
      out.#isSent = true
      ring.raw(words, at, out.#closes ? RAW_LAST : RAW, out.#bytes, out.#length)
      out.#release()
    }
  }
}

/** Makes a handler of an append handler. */
export function appending(append: Append): (req: HttpRequest) => never {
  // What it returns is a result to `send` and to nobody else.
  return (req) => Appended.run(append, req) as never
}

function checkReturned(returned: unknown): void {
  if (typeof returned !== 'object' || returned === null || !('then' in returned)) return
  // What fails later has nobody to tell: this error is what the user has to hear of.
  if (returned instanceof Promise) returned.catch(() => undefined)
  throw new TypeError('append must write its response before it returns; it returned a promise')
}

function afterEnd(): Error {
  return coded(
    'ERR_STREAM_WRITE_AFTER_END',
    new Error('out is closed: its append handler has returned'),
  )
}

function sentBefore(): Error {
  return coded('ERR_INVALID_STATE', new Error('what was appended can be sent once only'))
}

function notLatin1(text: string): TypeError {
  return new TypeError(`write takes latin1 strings, encode others as UTF-8: ${show(text)}`)
}
