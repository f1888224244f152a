import { setTimeout as sleep } from 'node:timers/promises'

import { exchange } from '../support/exchange.ts'
import { median } from '../support/median.ts'

const EVERY_MS = 50
const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')

/** What a good client saw beside an attack; times in milliseconds, of connect, request and answer. */
export interface Watched {
  readonly answered: number
  /** Requests without their right answer within 10 s. */
  readonly failed: number
  readonly usual: number
  readonly worst: number
}

/** A good client that sends a request every 50 ms, each on a connection of its own. */
export class Watch {
  readonly #port: number
  readonly #done: Promise<void>
  readonly #times: number[] = []
  #failed = 0
  #isOver = false

  constructor(port: number) {
    this.#port = port
    this.#done = this.#run()
  }

  /** Sends no more and tells what was seen. */
  async end(): Promise<Watched> {
    this.#isOver = true
    await this.#done
    return {
      answered: this.#times.length,
      failed: this.#failed,
      usual: median(this.#times),
      worst: Math.max(0, ...this.#times),
    }
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const begun = performance.now()
      try {
        const [answer] = await exchange(this.#port, REQUEST)
        if (answer?.status !== 200) throw new Error(`status ${answer?.status}`)
        this.#times.push(performance.now() - begun)
      } catch {
        this.#failed++
      }
      await sleep(EVERY_MS)
    }
  }
}
