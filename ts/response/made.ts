import type { HeaderInput } from '../errors.ts'

/**
 * The mark of a response, whichever copy of the package made it (`npm link`, plugins): its class is
 * another one there.
 */
export const BRAND: unique symbol = Symbol.for('fasthttp.response')

/** What a response says of itself to another copy. */
export type Made =
  | {
      readonly kind: 'encoded'
      /** A number out of `CONTENT_TYPES`. */
      readonly type: number
      readonly status: number
      readonly statusText: string
      readonly headers: HeaderInput | undefined
      readonly body: unknown
    }
  | { readonly kind: 'stream' | 'file' }

/** A response that may be another copy's. */
export interface Branded {
  readonly [BRAND]: Made
}

/** Has the responses of a class say what they are to another copy. */
export function brand<R extends object>(prototype: R, made: (response: R) => Made): void {
  Object.defineProperty(prototype, BRAND, {
    get(this: R) {
      return made(this)
    },
  })
}
