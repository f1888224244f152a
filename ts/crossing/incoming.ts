/** How a body ended; any other code is the status of its refusal. See native/net/connection/uploads.rs. */
export const BODY = {
  complete: 1,
  /** Its client is gone. */
  lost: 2,
  /** Its request was answered before it was read. */
  answered: 3,
} as const

/** A body that comes in pieces. */
export interface Incoming {
  /** Which connection it comes from. */
  readonly generation: number
  /** Which request of it: the low 22 bits of its number. */
  readonly sequence: number
  /** A piece has come. */
  push(bytes: Buffer): void
  /** No more will come, for the reason that a code of `BODY` or a status says. */
  end(code: number): void
  /** The same with the error that readers get. */
  fail(error: Error): void
}
