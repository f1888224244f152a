import { setImmediate } from '../crossing/timers.ts'

/**
 * The order in which the ends of connections are told while a server closes: node's server says that it
 * is closed before the last of its connections does, and the others before.
 */
export class Partings {
  /** Those whose end the I/O thread has not told yet. */
  readonly #open = new Map<object, () => void>()
  readonly #last: (() => void)[] = []
  readonly #countOpen: () => number

  /** `countOpen` counts the connections of the server, also those that nobody was told of. */
  constructor(countOpen: () => number) {
    this.#countOpen = countOpen
  }

  /** A connection is over here; `isKnown` says that the I/O thread will tell its end. */
  part(socket: object, isKnown: boolean, tell: () => void): void {
    if (isKnown) this.#open.set(socket, tell)
    else this.#tell(tell)
  }

  /** The I/O thread has told the end of a connection. */
  left(socket: object): void {
    const tell = this.#open.get(socket)
    if (tell === undefined) return
    this.#open.delete(socket)
    this.#tell(tell)
  }

  /** The server is closed, and says so first. */
  ended(): void {
    for (const tell of [...this.#open.values(), ...this.#last.splice(0)]) setImmediate(tell)
    this.#open.clear()
  }

  #tell(tell: () => void): void {
    if (this.#countOpen() > 0) tell()
    else this.#last.push(tell)
  }
}
