import { setImmediate } from '../crossing/timers.ts'

/** What is asked of the addon for that. */
interface Keeper {
  /** Keeps the process alive, or not. */
  setRef(keep: boolean): void
  /** Tells of every connection, from here on and of those that are open. */
  introduce(): void
}

/**
 * Whether a server keeps the process alive: as in node it does while it listens and while one of its
 * connections is open, and `unref` takes that from the server alone, or from one connection.
 */
export class Holding {
  readonly #keeper: () => Keeper
  /** Connections that do not keep the process alive. */
  readonly #loose = new Set<object>()
  #open = 0
  #isRef = true
  #isClosing = false
  #hasEnded = false
  #keeps = true
  #knowsAll = false

  /** `keeper` gives the addon's server when that has been made. */
  constructor(keeper: () => Keeper) {
    this.#keeper = keeper
  }

  /** What was said of the server. */
  setServer(keep: boolean): void {
    this.#isRef = keep
    this.#look()
  }

  /** What was said of a connection that is open. */
  setSocket(socket: object, keep: boolean): void {
    if (keep) this.#loose.delete(socket)
    else this.#loose.add(socket)
    this.#look()
  }

  /** There is one connection more. */
  opened(): void {
    this.#open++
    this.#look()
  }

  /** A connection is gone, or somebody else's. */
  closed(socket: object): void {
    this.#open--
    this.#loose.delete(socket)
    this.#look()
  }

  /** Nobody is let in any more: whoever closes waits for the end. */
  close(): void {
    this.#isClosing = true
    this.#look()
  }

  /** Nothing is left to wait for. */
  end(): void {
    this.#hasEnded = true
    if (this.#keeps) this.#keeper().setRef(false)
  }

  #look(): void {
    if (this.#hasEnded) return
    const waits = this.#isClosing ? this.#loose.size === 0 : this.#isRef
    if (!waits && !this.#knowsAll) {
      this.#knowsAll = true
      this.#keeper().introduce()
      // Who is told of keeps the process alive by then: the loop has made a whole turn.
      setImmediate(() => setImmediate(() => this.#look()))
      return
    }
    const keeps = waits || this.#open > this.#loose.size
    if (keeps === this.#keeps) return
    this.#keeps = keeps
    this.#keeper().setRef(keeps)
  }
}
