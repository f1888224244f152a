import type { Numbered } from '../crossing/numbered.ts'
import { clearTimeout, nextTick, setTimeout } from '../crossing/timers.ts'
import type { Drained, Server } from '../index.ts'

/** Work that goes on behind answers; what is over is taken out. */
export type Work = Numbered<PromiseLike<unknown>>

/** The end of a server, for which several may wait: each time-out is one for all, as that of connections is. */
class Ending {
  /** Fulfilled when the first time-out has passed. */
  readonly passed: Promise<void>
  readonly #pass: () => void
  readonly #timers: NodeJS.Timeout[] = []
  #waiting = 0

  constructor() {
    let pass: () => void = () => undefined
    this.passed = new Promise((resolve) => (pass = resolve))
    this.#pass = pass
  }

  /** Somebody waits; `timeout` counts from here. */
  join(timeout: number | undefined): void {
    this.#waiting++
    // The process may end meanwhile: work that needs it keeps it alive itself.
    if (timeout !== undefined) this.#timers.push(setTimeout(this.#pass, timeout).unref())
  }

  /** Says whether nobody waits any more. */
  leave(): boolean {
    if (--this.#waiting > 0) return false
    for (const timer of this.#timers) clearTimeout(timer)
    return true
  }
}

/** Resolves when no work is left. */
async function over(work: Work): Promise<void> {
  // Work may bring more of it.
  while (work.size > 0) await Promise.all(work.values())
}

/**
 * Has the promises of `close` and `drain`, and the callback, wait for work that goes on behind answers, as long as
 * their time-outs let them.
 */
export function endingBehind(work: Work, server: Server): Server {
  let ending: Ending | undefined
  const behind = async <T>(ended: Promise<T>, timeout: number | undefined): Promise<T> => {
    const own = (ending ??= new Ending())
    own.join(timeout)
    try {
      const result = await ended
      await Promise.race([over(work), own.passed])
      return result
    } finally {
      if (own.leave()) ending = undefined
    }
  }

  const close = server.close.bind(server)
  const closeBehind: Server['close'] = (options) => {
    if (typeof options !== 'function') return behind(close(options), options?.timeout)
    let wrong: Error | undefined
    const closed = behind(
      close((error) => void (wrong = error)),
      undefined,
    )
    // What it throws is uncaught, as behind the event.
    void closed.then(() => nextTick(() => options(wrong)))
    return closed
  }

  const drain = server.drain.bind(server)
  let [plain, drained]: Promise<Drained>[] = []
  const drainBehind: Server['drain'] = (options) => {
    const given = drain(options)
    // A second call has the promise of the first, whose time-out it is.
    if (given !== plain || drained === undefined) {
      plain = given
      drained = behind(given, options?.timeout)
    }
    return drained
  }

  for (const [name, value] of Object.entries({ close: closeBehind, drain: drainBehind }))
    Object.defineProperty(server, name, { configurable: true, writable: true, value })
  return server
}
