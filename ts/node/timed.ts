import { SocketShape } from './shape.ts'

/** What of node's sockets keeps the time. */
interface Clocked {
  setTimeout(ms: number, callback?: () => void): unknown
  _unrefTimer(): void
}

/** How long a connection may be silent: node's clock of a socket, wound up by what comes and what goes. */
export abstract class TimedSocket extends SocketShape {
  timeout: number | undefined = undefined
  /** Node winds up the clocks of all that a socket is part of. */
  readonly _parent = null
  /** Its time is that between two requests. */
  isKeepAlive = false
  #isTimed = false
  /** Bytes that the client had not taken when the clock ran out last. */
  #unsent = 0

  /** Whether somebody else keeps this time now. */
  protected abstract isKept(ms: number): boolean
  /** Bytes that the client has not taken. */
  protected abstract unsent(): number
  /** Tells those who listen that the time is over. */
  protected abstract timedOut(): void

  setTimeout(ms: number, callback?: () => void): this {
    this.isKeepAlive = this.isKept(ms)
    if (this.isKeepAlive) {
      this.stopClock()
      this.timeout = ms
      if (callback !== undefined) this.once('timeout', callback)
      return this
    }
    // Node's code says so behind each request, where mostly there is no clock.
    if (ms === 0 && callback === undefined && !this.#isTimed) {
      this.timeout = 0
      return this
    }
    clock.setTimeout.call(this, ms, callback)
    this.#isTimed = ms !== 0
    return this
  }

  /** Something has come or gone. */
  protected windUp(): void {
    if (this.#isTimed) clock._unrefTimer.call(this)
  }

  /** No time counts any more. */
  protected stopClock(): void {
    if (!this.#isTimed) return
    const { timeout } = this
    clock.setTimeout.call(this, 0)
    this.timeout = timeout
    this.#isTimed = false
  }

  /** Called by node's clock: who takes his answer slowly is not silent. */
  _onTimeout(): void {
    const unsent = this.unsent()
    const isTaking = unsent > 0 && unsent !== this.#unsent
    this.#unsent = unsent
    if (isTaking) this.windUp()
    else this.timedOut()
  }
}

/** Node's sockets, which these inherit from. */
const clock = Object.getPrototypeOf(SocketShape.prototype) as Clocked
