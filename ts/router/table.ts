import { type Bytes, bytesOver } from '../crossing/bytes.ts'
import { FINDER } from '../crossing/layout.ts'
import { native, type NativeRouter, type NativeRouterOptions } from '../crossing/native.ts'
import { percentEncode } from '../response/percent.ts'

/** Bytes of a path that goes to the addon without becoming a string of its own there. */
const PATH_BYTES = 8 << 10
/** Parameters that come back the same way. */
const SPANS = 64
/** A method that goes there the same way. */
const SHORT_METHOD = /^[\x21-\x7e]{0,64}$/

/** What the addon says of a path that has no route. */
export const NOTHING = -1
/** The path with or without its final slash has a route. */
export const OTHER_SLASH = -2
/** Only other methods have a route. */
export const NOT_ALLOWED = -3
/** It is asked which methods there are. */
export const OPTIONS = -4

/** The addon's table as JavaScript asks it: the one that the I/O threads match. */
export class RouterTable {
  readonly native: NativeRouter
  readonly #text: Bytes = bytesOver(
    new ArrayBuffer(FINDER.pathAt + PATH_BYTES),
    0,
    FINDER.pathAt + PATH_BYTES,
  )
  readonly #words = new Int32Array(FINDER.count + SPANS * 2)
  /** Answers the question that is in `#words` and `#text`. */
  readonly #find: () => void
  /** The method that is in `#text`. */
  #method = ''
  /** The path of the last question. */
  #path = ''
  /** The last question was short enough for `#text`. */
  #isShort = true

  constructor(options: NativeRouterOptions) {
    this.native = new native.NativeRouter(options)
    this.#find = this.native.finder(this.#text, this.#words)
  }

  /** The number of the route, `NOTHING` or `OTHER_SLASH`. The path is as `wireForm` gives it. */
  find(method: string, path: string): number {
    if (this.#write(method, path)) return this.#ask(0)
    return this.native.find(method, path)
  }

  /** The number of the route, a code above, or the negative status of a redirect. */
  decide(method: string, path: string): number {
    if (this.#write(method, path)) return this.#ask(1)
    return this.native.decide(method, path)
  }

  /** The values of the route that was found last. */
  values(count: number): string[] {
    const values: string[] = []
    if (count === 0) return values
    const path = this.#path.includes('%') ? this.native.path() : this.#path
    const isHere = this.#isShort && count <= SPANS
    const spans = isHere ? this.#words : this.native.spans()
    const first = isHere ? FINDER.count : 0
    for (let i = 0; i < count; i++) {
      const start = spans[first + i * 2] as number
      values.push(path.slice(start, start + (spans[first + i * 2 + 1] as number)))
    }
    return values
  }

  /** Writes a question to `#text`; says whether there is room for it. */
  #write(method: string, path: string): boolean {
    this.#path = path
    this.#isShort = path.length <= PATH_BYTES && (method === this.#method || this.#keep(method))
    if (this.#isShort) {
      this.#words[FINDER.pathLen] = this.#text.latin1Write(path, FINDER.pathAt, path.length)
    }
    return this.#isShort
  }

  #keep(method: string): boolean {
    if (!SHORT_METHOD.test(method)) return false
    this.#words[FINDER.methodLen] = this.#text.latin1Write(method, 0, method.length)
    this.#method = method
    return true
  }

  #ask(question: number): number {
    this.#words[FINDER.code] = question
    this.#find()
    return this.#words[FINDER.code] as number
  }
}

/** A path as it may come over the wire: what no request target may contain is percent-encoded. */
export function wireForm(path: string): string {
  if (/^[!-"$->@-~]*$/.test(path)) return path
  return percentEncode(path, /[^!-"$->@-~]+/g)
}
