import { type Bytes, bytesOver } from './bytes.ts'
import { native, type NativeRouter, type NativeRouterOptions } from './native.ts'

/** Bytes of a path that goes to the addon without becoming a string of its own there. */
const PATH_BYTES = 8 << 10
/** Parameters that come back the same way. */
const SPANS = 64

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
  readonly #path: Bytes = bytesOver(new ArrayBuffer(PATH_BYTES), 0, PATH_BYTES)
  readonly #spans = new Int32Array(SPANS * 2)
  readonly #methods = new Map<string, number>()

  constructor(options: NativeRouterOptions) {
    this.native = new native.NativeRouter(options, this.#path, this.#spans)
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      this.knowMethod(method)
    }
  }

  /** Makes lookups with this method faster. Not for what clients send: it is never forgotten. */
  knowMethod(method: string): void {
    if (!this.#methods.has(method)) {
      this.#methods.set(method, this.native.numberMethod(method))
    }
  }

  /** The number of the route, `NOTHING` or `OTHER_SLASH`. The path is as `wireForm` gives it. */
  find(method: string, path: string): number {
    const known = this.#methods.get(method)
    if (known === undefined || path.length > PATH_BYTES) return this.native.findText(method, path)
    return this.native.find(known, this.#path.latin1Write(path, 0, path.length))
  }

  /** The number of the route, a code above, or the negative status of a redirect. */
  decide(method: string, path: string): number {
    const known = this.#methods.get(method)
    if (known === undefined || path.length > PATH_BYTES) return this.native.decideText(method, path)
    return this.native.decide(known, this.#path.latin1Write(path, 0, path.length))
  }

  /** The values of the route that was found last, out of the same path. */
  values(path: string, count: number): string[] {
    const spans = count > SPANS ? this.native.allSpans() : this.#spans
    const values: string[] = []
    for (let i = 0; i < count; i++) {
      const start = spans[i * 2] as number
      values.push(path.slice(start, start + (spans[i * 2 + 1] as number)))
    }
    return values
  }
}

/** A path as it comes over the wire: what no request target may contain is percent-encoded. */
export function wireForm(path: string): string {
  if (/^[\x21-\x7e]*$/.test(path)) return path
  // A half of a surrogate pair is no character and has no escape.
  const characters = path.replace(/[\ud800-\udfff]/gu, '\ufffd')
  return characters.replace(/[^\x21-\x7e]+/g, encodeURIComponent)
}
