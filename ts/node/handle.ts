import { chmodSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { Engine } from '../server/engine.ts'
import type { Holding } from './holding.ts'

/** In place of the descriptor that a `net.Server` listens with: what node's code asks of one. */
export class ListenHandle {
  readonly #engine: Engine
  readonly #holding: Holding
  /** Fills in where the server listens; a Unix socket has none, by which node knows it. */
  readonly getsockname: ((out: Partial<AddressInfo>) => number) | undefined

  constructor(engine: Engine, holding: Holding) {
    this.#engine = engine
    this.#holding = holding
    const { address } = engine
    if (typeof address !== 'string') {
      this.getsockname = (out) => {
        out.address = address.address
        out.family = address.family
        out.port = address.port
        return 0
      }
    }
  }

  /** Lets all users read (1) or write (2) a Unix socket; returns the number of the error, or 0. */
  fchmod(mode: number): number {
    const path = this.#engine.address as string
    const more = ((mode & 1) === 0 ? 0 : 0o444) | ((mode & 2) === 0 ? 0 : 0o222)
    try {
      chmodSync(path, (statSync(path).mode & 0o777) | more)
      return 0
    } catch (error) {
      return (error as NodeJS.ErrnoException).errno ?? -1
    }
  }

  /** Accepts no more; what was received is answered. */
  close(): void {
    this.#holding.close()
    // Node closes the descriptor at once: the address may be listened at again.
    this.#engine.native.acceptNoMore()
    this.#engine.close()
  }

  ref(): void {
    this.#holding.setServer(true)
  }

  unref(): void {
    this.#holding.setServer(false)
  }
}
