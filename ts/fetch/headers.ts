import { isToken } from '../crossing/checks.ts'
import type { HttpRequest } from '../index.ts'
import { inherit } from './inherit.ts'

// Taken here: others may put their own in its place.
const Platform: typeof Headers = Headers

/**
 * The fields of a request as `Headers`: a lookup reads the request, and the platform's object is made
 * when somebody asks for more. It can be changed, which the request that was sent does not see.
 */
export class LazyHeaders {
  readonly #req: HttpRequest
  #real: Headers | undefined = undefined

  constructor(req: HttpRequest) {
    this.#req = req
  }

  /** A copy with the changes that were made so far. */
  static copy(headers: LazyHeaders): LazyHeaders {
    const copy = new LazyHeaders(headers.#req)
    if (headers.#real !== undefined) copy.#real = new Platform([...headers.#real])
    return copy
  }

  /** From here on the fields are those of a platform's request, and changes are changes there. */
  static adopt(headers: LazyHeaders, real: Headers): void {
    headers.#real = real
  }

  /** The value of a field, joined as the Fetch API says; null if it was not sent. */
  get(name: string): string | null {
    if (this.#real === undefined && typeof name === 'string') {
      const value = this.#req.header(name)
      if (value !== undefined) return value
      if (isToken(name)) return null
    }
    return this.#ask('get', arguments) as string | null
  }

  /** Whether a field was sent. */
  has(name: string): boolean {
    if (this.#real === undefined && typeof name === 'string' && isToken(name))
      return this.#req.header(name) !== undefined
    return this.#ask('has', arguments) as boolean
  }

  /** Calls `callback` with each value, its name and these headers. */
  forEach(callback: (value: string, name: string, all: unknown) => void, self?: unknown): void {
    if (typeof callback !== 'function') return void this.#ask('forEach', arguments)
    this.#made().forEach((value, name) => Reflect.apply(callback, self, [value, name, this]))
  }

  /** Has the platform do it, which says what is wrong with arguments. */
  #ask(method: 'get' | 'has' | 'forEach', args: ArrayLike<unknown>): unknown {
    const real = this.#made()
    return Reflect.apply(real[method], real, args)
  }

  #made(): Headers {
    return (this.#real ??= new Platform([...this.#req.headers]))
  }

  static {
    inherit(this.prototype, new Platform(), (lazy) => lazy.#made() as unknown as Headers)
  }
}
