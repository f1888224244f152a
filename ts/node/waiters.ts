import { AsyncResource } from 'node:async_hooks'
import { MANUAL } from '../crossing/scope.ts'
import { guarded } from '../crossing/uncaught.ts'

/** Called when what was written is handed over, or why it was not. */
export type Callback = (error?: Error | null) => void

/** Somebody who waits. */
interface Waiter {
  /** Until the client has taken so many bytes. */
  readonly until: number
  /** Until so many pieces that were lent are back: the caller may change them then. */
  readonly lent: number
  readonly call: Callback
  /** Where it was written. */
  readonly scope: AsyncResource
}

/** Those who wrote and have not been told, in that order. */
export class Waiters {
  readonly #waiters: Waiter[] = []
  /** Those whose turn it is, and who are called as soon as whoever writes now has returned. */
  readonly #due: Waiter[] = []
  #lent = 0
  /** Those that are back, but not all before them. */
  #early: Set<number> | undefined = undefined
  #returned = 0
  #taken = 0
  #error: Error | null = null

  /** Whether somebody waits, or has to: bytes of a caller are still to be sent from where they are. */
  get isHeld(): boolean {
    return this.#waiters.length > 0 || this.#lent !== this.#returned
  }

  /** A piece is lent, the one with the number that was next. */
  lend(): void {
    this.#lent++
  }

  /** The number of the next piece that is lent. */
  get next(): number {
    return this.#lent + 1
  }

  /**
   * The piece with this number is back; one that is not sent comes back before others. Nobody is writing now, and
   * what the client sends next is read behind this: whoever has waited is called at once.
   */
  returned(number: number): void {
    if (number === this.#returned + 1) this.#returned = number
    // Few connections ever have one: none has memory for it before.
    else (this.#early ??= new Set()).add(number)
    while (this.#early?.delete(this.#returned + 1) === true) this.#returned++
    this.#tell()
    while (this.#due.length > 0) this.#call()
  }

  /** Has `call` told when the client has taken so many bytes and what is lent by now is back. */
  add(call: Callback, until: number): void {
    const scope = new AsyncResource('FASTHTTPWRITE', MANUAL)
    this.#waiters.push({ until, lent: this.#lent, call, scope })
  }

  /** The client has taken so many bytes. */
  tell(taken: number): void {
    this.#taken = Math.max(this.#taken, taken)
    this.#tell()
  }

  #tell(): void {
    for (;;) {
      const first = this.#waiters[0]
      if (first === undefined || first.until > this.#taken || first.lent > this.#returned) return
      this.#due.push(this.#waiters.shift() as Waiter)
      process.nextTick(this.#call)
    }
  }

  readonly #call = (): void => {
    const due = this.#due.shift()
    if (due === undefined) return
    guarded(() => due.scope.runInAsyncScope(due.call, undefined, this.#error))
    due.scope.emitDestroy()
  }

  /** Whoever waits still is told why, but not before what was lent is back. */
  end(error: Error): void {
    this.#error = error
    this.tell(Number.POSITIVE_INFINITY)
  }
}
