import type { IncomingMessage } from 'node:http'
import { clearTimeout, setImmediate, setTimeout } from '../crossing/timers.ts'

/**
 * What happens to a connection while its reader has no room for what came of a body. Node reads no further then, and
 * sees the end of the connection when what came before it is read. Here it is known at once, and told as late.
 */
export class Unread {
  readonly #tells: (() => void)[] = []
  readonly #undo: () => void

  /**
   * Calls `goOn` a turn of the loop behind the read of the last byte of `req`, or after `ms`, if they are not 0:
   * node's clock of requests goes on as well.
   */
  constructor(req: IncomingMessage, ms: number, goOn: () => void) {
    const own = Object.getOwnPropertyDescriptor(req, 'read')
    const { read } = req
    const watched = (size?: number): unknown => {
      const bytes: unknown = read.call(req, size)
      if (req.readableLength === 0) setImmediate(goOn)
      return bytes
    }
    req.read = watched
    const clock = ms > 0 ? setTimeout(goOn, ms).unref() : undefined
    this.#undo = () => {
      clearTimeout(clock)
      // Somebody may have wrapped it meanwhile.
      if (req.read !== watched) return
      delete (req as Partial<IncomingMessage>).read
      if (own !== undefined) Object.defineProperty(req, 'read', own)
    }
  }

  /** Something has happened. */
  add(tell: () => void): void {
    this.#tells.push(tell)
  }

  /** Tells all of it, in its order. */
  tell(): void {
    this.#undo()
    for (const tell of this.#tells) tell()
  }
}
