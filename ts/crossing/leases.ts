import { nextTick } from './timers.ts'

/** What is kept for an I/O thread, and hears when it is no longer needed. */
export interface Lease {
  /** The thread needs it no longer. */
  finish(): void
}

/** Bytes that are sent from where they are. Their owner is told, if he wants to be. */
export class Lent implements Lease {
  readonly bytes: Uint8Array | readonly Uint8Array[]
  readonly finish: () => void

  constructor(bytes: Uint8Array | readonly Uint8Array[], finish: () => void = nobody) {
    this.bytes = bytes
    this.finish = finish
  }
}

function nobody(): void {}

/** What is kept for one I/O thread, by the numbers under which that knows it. */
export class Leases {
  /** No map, for the reason of `Numbered`. */
  readonly #kept: (Lease | undefined)[] = [undefined]
  readonly #free: number[] = []
  #freeCount = 0
  /** Nobody takes anything any more. */
  #hasEnded = false

  /** Keeps something until the thread releases the number that it has here. */
  keep(value: Lease): number {
    const id = this.vacant()
    this.occupy(id, value)
    return id
  }

  /** What is kept under a number. */
  kept(id: number): Lease | undefined {
    return this.#kept[id]
  }

  /** The thread no longer needs what was kept. */
  release(id: number): void {
    const value = this.#kept[id]
    if (value === undefined) return
    this.#kept[id] = undefined
    this.#free[this.#freeCount++] = id
    value.finish()
  }

  /** There is no thread any more that needs anything. */
  releaseAll(): void {
    this.#hasEnded = true
    for (let id = 1; id < this.#kept.length; id++) this.release(id)
  }

  /** A number under which nothing is kept: the next that is occupied. */
  vacant(): number {
    return this.#freeCount > 0 ? (this.#free[this.#freeCount - 1] as number) : this.#kept.length
  }

  /** Keeps something under the number that is vacant. */
  occupy(id: number, value: Lease): void {
    if (this.#hasEnded) return nextTick(() => value.finish())
    this.#kept[id] = value
    if (this.#freeCount > 0) this.#freeCount--
  }
}
