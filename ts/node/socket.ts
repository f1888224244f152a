import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Lane } from '../crossing/lane.ts'
import { nextTick, setImmediate } from '../crossing/timers.ts'
import { guarded } from '../crossing/uncaught.ts'
import { coded, resetError } from '../errors.ts'
import type { Body } from './body.ts'
import type { Exchange } from './exchange.ts'
import { disown, type OnIncoming, tellUnreadable } from './internals.ts'
import { LightState } from './light-state.ts'
import { type ParseError, parseError, TRUNCATED, truncated } from './refusal.ts'
import { apart } from './scope.ts'
import type { Server } from './server.ts'
import type { Serving } from './serving.ts'
import { standFor } from './stand-in.ts'
import { Unread } from './unread.ts'
import type { Callback } from './waiters.ts'
import { WrittenSocket } from './writing.ts'

/** How a connection is ended: behind what is answered, or at once. */
export const CUT = { softly: 0, atOnce: 1, reset: 2 } as const

/** A connection as node's classes see it: a `net.Socket` by its prototype, without a descriptor of its own. */
export class HttpSocket extends WrittenSocket {
  server: Server
  parser: object | null = null
  _paused = false
  bytesRead = 0
  errored: Error | null = null
  /** Takes a request of this connection. */
  onIncoming: OnIncoming | undefined = undefined
  /** The body that comes. */
  body: Body | undefined = undefined
  readonly #state = new LightState(this)
  /** The server may listen again before this is over: what it serves then has other numbers. */
  readonly #serving: Serving
  #isClosed = false
  #isWrittenOut = false
  #hasEnded = false
  /** The status by which a body was refused that nobody was told of yet. */
  #untold = 0
  #isPaused = false
  /** Nothing more of a body comes. */
  #isCutShort = false
  #endsSoftly = false
  #hasAsked = false
  #hasNoDelay: boolean
  /** What is told when a body is read as far as it came. */
  #unread: Unread | undefined = undefined
  #hasGoneOn = false

  constructor(server: Server, serving: Serving, lane: Lane, words: Int32Array, at: number) {
    super(lane, words, at, server.highWaterMark)
    this.server = server
    this.#serving = serving
    this.#hasNoDelay = server.noDelay
  }

  /** Node's code looks after the connection; the data that it waits for does not come this way. */
  adopted(): void {
    // One by one: to remove all of them takes their place away as well.
    for (const event of ['data', 'end'])
      for (const listener of this.rawListeners(event))
        this.removeListener(event, listener as () => void)
    // It has put methods of its own in front of these.
    const { on, addListener, prependListener } = EventEmitter.prototype
    Object.assign(this, { on, addListener, prependListener, setEncoding: noEncoding })
  }

  /** A request has come, whose answer is the next one. */
  expect(exchange: Exchange): void {
    this.#hasAsked = true
    this.windUp()
    this.out.expect(exchange)
  }

  /** Whether it has brought requests, and all of them are answered. */
  get isIdle(): boolean {
    return this.#hasAsked && !this.destroyed && this.out.exchange === undefined
  }

  /** Whether an answer is handed over, and node's code has not been told of that yet. */
  get isFinishing(): boolean {
    return this._httpMessage !== null && this.out.exchange?.req !== this._httpMessage.req
  }

  /** An answer in pieces is complete, or was refused. */
  settled(error: Error | null): void {
    if (error !== null) this.destroy(error)
  }

  /** Keeps the process alive until it is closed, which is the default. */
  ref(): this {
    this.#serving.hold(this, true)
    return this
  }

  /** Lets the process end although it is open. */
  unref(): this {
    this.#serving.hold(this, false)
    return this
  }

  /** So many bytes of a body have come. */
  read(bytes: number): void {
    this.bytesRead += bytes
    this.windUp()
  }

  resume(): this {
    this.#isPaused = false
    this.body?.want()
    return this
  }

  /** Nothing is asked for that nobody reads: who listens hears of it. */
  pause(): this {
    if (this.#isPaused) return this
    this.#isPaused = true
    this.emit('pause')
    return this
  }

  end(
    chunk?: string | Uint8Array | Callback,
    encoding?: BufferEncoding,
    callback?: Callback,
  ): this {
    if (typeof chunk !== 'function' && chunk !== undefined && chunk !== null)
      this.write(chunk, encoding)
    const call = typeof chunk === 'function' ? chunk : callback
    if (typeof call === 'function') this.once('finish', call)
    this.destroySoon()
    return this
  }

  destroySoon(): void {
    if (!this.writable) return
    this.#finish()
    if (this.isRefused) this.out.say()
    else this.out.flush(true)
    this.#serving.cut(this, CUT.softly)
  }

  destroy(error?: Error | null, callback?: Callback): this {
    if (this.destroyed) return this
    // What was written before goes out, as in node.
    if (this.isRefused) this.out.say()
    if (this.#endsSoftly) this.destroySoon()
    else this.#serving.cut(this, this.isRefused ? CUT.softly : CUT.atOnce)
    this.#close(error ?? undefined)
    if (callback !== undefined) nextTick(() => callback(error))
    return this
  }

  resetAndDestroy(): this {
    if (this.destroyed) return this
    this.#serving.cut(this, CUT.reset)
    this.#close(undefined)
    return this
  }

  /**
   * Whether this is told later, by `tell`: somebody has not read yet what came of a body before it. Who answers or
   * ends the connection hears of it then.
   */
  defers(tell: () => void): boolean {
    if (this.#unread === undefined) {
      const { exchange } = this.out
      if (this.destroyed || this.#hasGoneOn || exchange?.isUnread !== true) return false
      this.#unread = new Unread(exchange.req, this.server.requestTimeout, () => this.goOn())
    }
    this.#unread.add(tell)
    return true
  }

  protected goOn(): void {
    const unread = this.#unread
    if (unread === undefined) return
    this.#unread = undefined
    this.#hasGoneOn = true
    unread.tell()
  }

  /** Nothing more of a body comes. Why is told behind this, if the socket has failed. */
  bodyLost(): void {
    this.#isCutShort = true
    nextTick(() => this.aborted(true))
  }

  /** The client has left, be it by FIN alone: node answers nobody who does not listen on. */
  aborted(failed: boolean): void {
    if (this.destroyed) return
    // Else it is our side that was ended.
    if (!failed && !this.#isWrittenOut) this.#ended()
    if (this.destroyed) return
    // Such a client still reads, and the I/O thread ends its connection behind the last answer.
    if (!failed && this.server.httpAllowHalfOpen && this.body?.isEnded !== false) return
    // Node ends its side, and sends by that what was gathered.
    if (!failed) this.release()
    this.#serving.cut(this, CUT.softly)
    this.lost(failed || this.body?.isEnded === false)
  }

  /** The addon has refused a body, and ends the connection behind its answer. */
  refused(status: number): void {
    if (this.destroyed) return
    // It is told in another way, for an answer, unless that is over by then.
    this.#untold = status
  }

  /** What came last is refused, and what is written now is the answer to that. */
  refuse(error: Error): void {
    if (this.destroyed) return
    this.isRefused = true
    this.#untold = 0
    const isEnd = (error as ParseError).code === TRUNCATED
    // By that programs tell a client who has left from one who is to be told what is wrong.
    if (isEnd) this.readable = false
    tellUnreadable(this as unknown as Socket, error)
    if (isEnd) this.#tellEnd()
    // A client that has ended its side then waits for nobody.
    if (!this.destroyed && !this.server.httpAllowHalfOpen) this.out.say()
  }

  /** The same of a request that the addon has taken for one: what is written is its answer. */
  refuseRequest(error: Error): void {
    this.#endsSoftly = true
    tellUnreadable(this as unknown as Socket, error)
  }

  /**
   * The connection is gone; `failed` says that something was under way, `byClient` that the client had ended
   * its side before, and `error` what the socket has failed with.
   */
  lost(failed: boolean, byClient = false, error?: Error): void {
    if (this.destroyed) return
    const scope = this.out.exchange?.scope
    // Who has ended his side owes nothing that could fail, but for the socket itself.
    const isOurs = this.#isWrittenOut
    const lose = (): void => {
      if (error === undefined && this.#isTruncated(byClient)) {
        this.#tellLate(truncated())
        this.#tellEnd()
      } else {
        if (byClient && !this.#isCutShort) this.#ended(true)
        if (this.#untold !== 0) this.#tellLate(parseError(this.#untold, -1))
      }
      if (this.destroyed) return
      const hasFailed = error !== undefined || (!isOurs && (failed || this.#isCutShort))
      this.#close(error, hasFailed)
    }
    if (scope === undefined) apart(lose)
    else scope.runInAsyncScope(lose)
  }

  /** The connection is gone because its socket has failed: most clients who leave so have reset it. */
  failed(): void {
    this.lost(true, false, resetError())
  }

  /** Whether the client has left within a body whose answer was given before, or begun, and goes on. */
  #isTruncated(byClient: boolean): boolean {
    if (this.#untold !== 0) return byClient && this.#untold === 400
    return this.#isCutShort && !this.#isWrittenOut && this.out.exchange === undefined
  }

  /** A body is at fault behind its answer: a second one is not to be given. */
  #tellLate(error: ParseError): void {
    this.readable = false
    this.writable = false
    tellUnreadable(this as unknown as Socket, error)
  }

  /** The client sends no more, and neither does node when it owes nothing. */
  #ended(isAll = false): void {
    this.readable = false
    if (isAll || !this.server.httpAllowHalfOpen || this.out.exchange === undefined) this.#finish()
    this.#tellEnd()
  }

  #tellEnd(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    guarded(() => void this.emit('end'))
  }

  /** Nothing more is written. */
  #finish(): void {
    this.writable = false
    if (this.#isWrittenOut) return
    this.#isWrittenOut = true
    nextTick(() => this.emit('finish'))
  }

  /** The connection is that of another socket from now on, which this one stands for. */
  given(real: Socket): void {
    this.stopClock()
    this.out.end(gone())
    disown(this as unknown as Socket)
    standFor(this as unknown as Socket, real)
  }

  #close(error: Error | undefined, failed = error !== undefined): void {
    this.stopClock()
    this.destroyed = true
    this.goOn()
    this.readable = false
    this.writable = false
    this.errored = error ?? null
    this.out.end(gone(), error)
    if (error !== undefined) nextTick(() => this.emit('error', error))
    const tell = (): void => {
      this.#isClosed = true
      this.emit('close', failed)
    }
    // Node says it when the descriptor is closed, which is a turn of the loop later.
    setImmediate(() => this.#serving.part(this, tell))
  }

  // Between requests the I/O thread looks at the clock.
  protected isKept(ms: number): boolean {
    return this.server.isKeptAlive(ms) && this.out.exchange === undefined
  }

  protected unsent(): number {
    return this.#serving.unsent(this)
  }

  protected timedOut(): void {
    // Node's listener asks the parser whose time is over.
    if (this.body?.isEnded === false) this.parser = { incoming: this.body.req }
    this.emit('timeout')
    this.parser = null
  }

  setNoDelay(enable: boolean = true): this {
    // Many say what is so anyhow.
    if (this.destroyed || this.#hasNoDelay === Boolean(enable)) return this
    this.#hasNoDelay = Boolean(enable)
    this.#serving.setNoDelay(this, this.#hasNoDelay)
    return this
  }

  setKeepAlive(enable: boolean = false, initialDelay: number = 0): this {
    // As node counts it.
    const seconds = Math.trunc(Number(initialDelay) / 1000) || 0
    if (!this.destroyed) this.#serving.setKeepAlive(this, Boolean(enable), Math.max(0, seconds))
    return this
  }

  get closed(): boolean {
    return this.destroyed
  }

  get closeEmitted(): boolean {
    return this.#isClosed
  }

  get writableEnded(): boolean {
    return this.#isWrittenOut
  }

  get writableFinished(): boolean {
    return this.#isWrittenOut && this.writableLength === 0
  }

  get _writableState(): LightState {
    return this.#state
  }

  get _readableState(): LightState {
    return this.#state
  }
}

function gone(): Error {
  return coded('ECONNRESET', new Error('the client is gone'))
}

function noEncoding(): never {
  throw coded(
    'ERR_HTTP_SOCKET_ENCODING',
    new Error('Changing the socket encoding is not allowed per RFC7230 Section 3.'),
  )
}
