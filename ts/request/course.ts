import { AsyncResource } from 'node:async_hooks'
import type { Writable } from 'node:stream'
import { coded } from '../errors.ts'
import type { Intake } from './intake.ts'

/** How a request ended. */
export type Outcome =
  /** Its answer was handed to the I/O thread whole: a stream and `raw()` when they were complete. */
  | 'sent'
  /** Its client left before, or the server gave it up: a time-out was over. */
  | 'aborted'
  /** Its answer broke off: the source of a stream failed, or what `raw()` was given is no response. */
  | 'failed'
  /** Its connection was taken over. */
  | 'taken'

/** What becomes of a request: made when somebody wants to know, or something happens to it. */
export class Course {
  /** The client is gone. */
  isAborted = false
  /** The handler has taken the connection, or the answer, over. */
  isTaken = false
  /** The answer that is written by hand. */
  raw: Writable | undefined = undefined
  /** The body as it comes. */
  intake: Intake | undefined = undefined
  #left: Error | undefined = undefined
  #controller: AbortController | undefined = undefined
  /** In which listeners of the signal run. */
  #scope: AsyncResource | undefined = undefined
  #ended: ((outcome: Outcome, response: unknown) => void) | undefined = undefined
  #response: unknown = undefined

  /** Aborts when the client leaves; its listeners run where it was asked for first. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      this.#scope = new AsyncResource('FASTHTTPSIGNAL')
      if (this.isAborted) this.#controller.abort(this.left)
    }
    return this.#controller.signal
  }

  /** The error for a client that has left: one for the signal and the body, as with the Fetch API. */
  get left(): Error {
    if (this.#left === undefined) {
      const error = new Error('the client left before the request was at its end')
      // By that name libraries know that nobody waits any more.
      error.name = 'AbortError'
      this.#left = coded('ECONNRESET', error)
    }
    return this.#left
  }

  /** The client is gone. */
  abort(): void {
    this.isAborted = true
    this.end('aborted')
    const controller = this.#controller
    if (controller !== undefined) this.#scope?.runInAsyncScope(() => controller.abort(this.left))
  }

  /** Has `ended` called at the end, with what the request is answered. */
  whenEnded(ended: (outcome: Outcome, response: unknown) => void): void {
    this.#ended = ended
  }

  /** Notes the answer for whoever waits for the end. */
  note(response: unknown): void {
    if (this.#ended !== undefined) this.#response = response
  }

  /** The request is at its end; whoever waits for that hears of the first one. */
  end(outcome: Outcome): void {
    const ended = this.#ended
    if (ended === undefined) return
    this.#ended = undefined
    ended(outcome, this.#response)
  }

  /** Gives up the answer that the handler began to write by hand. */
  giveUp(error: unknown): void {
    try {
      this.raw?.destroy(error as Error)
    } catch (cause) {
      // Node looks at it, and it may be anything.
      this.raw?.destroy(
        new Error('the handler failed with an error that cannot be looked at', { cause }),
      )
    }
  }
}
