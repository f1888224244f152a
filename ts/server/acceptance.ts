import type { Lane } from '../crossing/lane.ts'
import type { NativeServer } from '../crossing/native.ts'
import { Numbered } from '../crossing/numbered.ts'
import { coded } from '../errors.ts'
import type { Handler } from './dispatch.ts'

/** Who waits for a client. */
interface Waiting {
  readonly handler: Handler
  resolve(): void
  reject(error: Error): void
}

/** The clients that a server accepts on demand: who asked for each of them, and whose handler it gets. */
export class Acceptance {
  readonly #waiting = new Numbered<Waiting>()
  #last = 0

  /**
   * Asks for one client, whose requests go to `handler`. Resolves when it is accepted; rejects with
   * `ERR_SERVER_NOT_RUNNING` when the server closes before.
   */
  ask(native: NativeServer, handler: Handler): Promise<void> {
    const ticket = (this.#last = (this.#last + 1) | 0)
    return new Promise((resolve, reject) => {
      this.#waiting.set(ticket, { handler, resolve, reject })
      native.accept(ticket)
    })
  }

  /** A client was accepted; none of its requests has been read yet. */
  accepted(lane: Lane, ticket: number, generation: number): void {
    const waiting = this.#waiting.delete(ticket)
    if (waiting === undefined) return
    lane.handlers ??= new Numbered()
    lane.handlers.set(generation, waiting.handler)
    waiting.resolve()
  }

  /** None will be. */
  refused(ticket: number): void {
    this.#waiting.delete(ticket)?.reject(notRunning())
  }

  /** The server has ended. */
  end(): void {
    for (const { reject } of this.#waiting.values()) reject(notRunning())
  }
}

/** The error of whoever wants a client of a server that has none to give. */
export function notRunning(): Error {
  return coded('ERR_SERVER_NOT_RUNNING', new Error('the server accepts no more'))
}
