import { EventEmitter } from 'node:events'
import type { AddressInfo } from 'node:net'
import { requireAbility } from '../crossing/abilities.ts'
import {
  native,
  type NativeListenOptions,
  type NativeRouter,
  type NativeServer,
} from '../crossing/native.ts'
import { nextTick } from '../crossing/timers.ts'
import { guarded } from '../crossing/uncaught.ts'
import { coded } from '../errors.ts'
import { Acceptance, notRunning } from './acceptance.ts'
import { Dispatcher, type Handler } from './dispatch.ts'
import { checkClose, checkDrain, type Drained, type DrainOptions, Leaving } from './drain.ts'
import { Engine, type EngineEvents } from './engine.ts'
import {
  DEMAND,
  type DemandOptions,
  type ListenOptions,
  parseListen,
  resolveListen,
} from './listen.ts'
import type { CheckedOptions } from './options.ts'
import { notifyLeaving, notifyStarted, notifyStarting } from './notify.ts'
import { checkLimit, Probes, type Readiness } from './probes.ts'
import { matchingOf, type Routed } from './routed.ts'
import type { Server } from './server.ts'
import { cutBy, endStats, readStats, type ServerStats } from './stats.ts'

/**
 * @internal Accepts one client of a server that listens with `onDemand`, and gives its requests to
 * `handler`. Resolves when it is accepted. Rejects with `ERR_SERVER_NOT_RUNNING` when the server does
 * not run, closes before, or accepts everybody.
 */
export let acceptOne: (server: Server, handler: Handler) => Promise<void>

/** What exists while the server runs. */
interface Running {
  readonly engine: Engine
  readonly acceptance: Acceptance
}

/** The server that `createServer` makes. */
export class HttpServer extends EventEmitter implements Server {
  readonly userData: unknown
  readonly #handler: Handler
  readonly #router: NativeRouter | undefined
  readonly #options: CheckedOptions
  #running: Running | undefined = undefined
  #starting: Promise<this> | undefined = undefined
  #drained: Promise<Drained> | undefined = undefined
  #leaving = new Leaving()
  readonly #probes = new Probes()
  /** What the last run has counted. */
  #counted = readStats(undefined)
  readonly #notifying = { delay: () => this.stats().queue.delay }
  #isRef = true

  constructor(handler: Handler | Routed, options: CheckedOptions, userData: unknown) {
    super()
    this.userData = userData
    const matching = matchingOf(handler)
    this.#handler = matching?.handler ?? (handler as Handler)
    this.#router = matching?.native
    this.#options = options
    this.on('newListener', (event) => {
      if (event === 'connect') this.#running?.engine.native.setTunnels(true)
      if (event === 'upgrade' && this.#running !== undefined)
        this.#setUpgrades(this.#running.engine.native)
    })
  }

  listen(...args: unknown[]): Promise<this> {
    const { options, callback } = parseListen(args)
    if (callback !== undefined) this.once('listening', callback)
    const started = this.#start(options).catch((error: unknown) => {
      if (callback !== undefined) this.removeListener('listening', callback)
      if (this.listenerCount('error') > 0) {
        // Somebody hears of it: a promise that nobody looks at need not say it again.
        started.catch(() => undefined)
        guarded(() => void this.emit('error', error))
      }
      throw error
    })
    return started
  }

  async #start(options: ListenOptions): Promise<this> {
    if (this.#running !== undefined || this.#starting !== undefined) {
      throw coded('ERR_SERVER_ALREADY_LISTEN', new Error('listen was called while the server runs'))
    }
    this.#starting = this.#announced(options)
    try {
      return await this.#starting
    } finally {
      this.#starting = undefined
    }
  }

  /** Listens, and tells systemd if that was asked for. */
  async #announced(options: ListenOptions): Promise<this> {
    if (options.notify !== true) return this.#bind(options)
    notifyStarting()
    try {
      await this.#bind(options)
    } catch (error) {
      notifyStarted(undefined)
      throw error
    }
    notifyStarted(this.#notifying)
    return this
  }

  async #bind(options: ListenOptions): Promise<this> {
    options.signal?.throwIfAborted()
    const candidates = await resolveListen(options)
    options.signal?.throwIfAborted()
    this.#leaving = new Leaving()
    this.#drained = undefined
    this.#running = this.#run(
      candidates,
      (options as Partial<DemandOptions>)[DEMAND]?.tunnels === true,
    )
    if (!this.#isRef) this.#running.engine.native.setRef(false)
    if (options.signal !== undefined) this.#closeOn(options.signal, this.#running.engine.closed)
    this.#emitListening()
    return this
  }

  /** Closes when the signal aborts, unless this run of the server is over by then. */
  #closeOn(signal: AbortSignal, closed: Promise<void>): void {
    const close = (): void => void this.close()
    signal.addEventListener('abort', close, { once: true })
    void closed.then(() => signal.removeEventListener('abort', close))
  }

  /** A listener that throws must not make `listen` fail: it is an uncaught exception, as in node. */
  #emitListening(): void {
    guarded(() => void this.emit('listening'))
  }

  #run(candidates: readonly NativeListenOptions[], tunnels: boolean): Running {
    const acceptance = new Acceptance()
    const dispatcher = new Dispatcher(this.#handler, this.#options.onError, {
      server: this,
      tunnels,
      hears: (event) => this.listenerCount(event) > 0,
      shouldUpgrade: this.#options.shouldUpgradeCallback,
      upgrade: (event, req, socket, head) => void this.emit(event, req, socket, head),
    })
    const events: EngineEvents = {
      accepted: (lane, ticket, generation) => acceptance.accepted(lane, ticket, generation),
      notAccepted: (ticket) => acceptance.refused(ticket),
      // Not from inside the drain, so that a listener may throw.
      overload: (delay) => nextTick(() => this.emit('overload', delay)),
      failed: (error) => nextTick(() => this.emit('error', error)),
      ended: () => this.#finish(acceptance),
    }
    const configure = (server: NativeServer): void => {
      this.#probes.attach(server)
      if (tunnels || this.listenerCount('connect') > 0) server.setTunnels(true)
      if (this.listenerCount('upgrade') > 0) this.#setUpgrades(server)
    }
    const router = this.#router
    return {
      engine: new Engine(this.#options, candidates, router, dispatcher, events, configure),
      acceptance,
    }
  }

  /** Says whose bodies are collected first. */
  #setUpgrades(server: NativeServer): void {
    server.setUpgrades(true, this.#options.shouldUpgradeCallback === undefined)
  }

  #finish(acceptance: Acceptance): void {
    acceptance.end()
    this.#counted = endStats(this.stats())
    this.#running = undefined
    // Not from inside the drain, so that a listener may throw.
    nextTick(() => this.emit('close'))
  }

  close(options?: { timeout?: number } | ((error?: Error) => void)): Promise<void> {
    const callback = typeof options === 'function' ? options : undefined
    const timeout =
      options === undefined || typeof options === 'function' ? undefined : checkClose(options)
    const running = this.#running
    if (running === undefined) {
      if (this.#starting !== undefined)
        return this.#starting.then(
          () => this.close(options),
          () => this.close(callback),
        )
      if (callback !== undefined) nextTick(() => callback(hasEnded()))
      return Promise.resolve()
    }
    if (callback !== undefined) this.once('close', () => callback())
    running.engine.close(timeout)
    this.#leave()
    return running.engine.closed
  }

  drain(options: DrainOptions = {}): Promise<Drained> {
    const checked = checkDrain(options)
    if (this.#drained !== undefined) return this.#drained
    const running = this.#running
    if (running === undefined) {
      const again = (): Promise<Drained> => this.drain(options)
      return this.#starting?.then(again, again) ?? Promise.resolve({ cut: 0 })
    }
    const { engine } = running
    this.#drained = engine.closed.then(() => ({ cut: cutBy(engine.native) }))
    engine.drain(checked)
    this.#leave()
    return this.#drained
  }

  #leave(): void {
    this.#leaving.begin()
    notifyLeaving(this.#notifying)
  }

  ready(path: string, options: { readyAfter?: number } = {}): Readiness {
    this.#probes.add(path, true, checkLimit('readyAfter', options, 1000))
    return this.#probes
  }

  alive(path: string, options: { stuckAfter?: number } = {}): this {
    this.#probes.add(path, false, checkLimit('stuckAfter', options, 10_000))
    return this
  }

  get signal(): AbortSignal {
    return this.#leaving.signal
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  closeIdleConnections(): void {
    this.#running?.engine.native.closeConnections(false)
  }

  closeAllConnections(): void {
    this.#running?.engine.native.closeConnections(true)
  }

  address(): AddressInfo | string | null {
    return this.listening ? (this.#running?.engine.address ?? null) : null
  }

  fd(): number {
    requireAbility('inherited', native.lacking())
    const engine = this.listening ? this.#running?.engine : undefined
    if (engine === undefined) throw hasEnded()
    engine.native.shareListener()
    return engine.fd
  }

  get listening(): boolean {
    return this.#running !== undefined && !this.#running.engine.isClosing
  }

  stats(): ServerStats {
    return this.#running === undefined ? this.#counted : readStats(this.#running.engine.native)
  }

  ref(): this {
    this.#isRef = true
    this.#running?.engine.native.setRef(true)
    return this
  }

  unref(): this {
    this.#isRef = false
    this.#running?.engine.native.setRef(false)
    return this
  }

  static {
    acceptOne = async (server, handler) => {
      const running = (server as HttpServer).#running
      if (running === undefined || running.engine.isClosing) throw notRunning()
      return running.acceptance.ask(running.engine.native, handler)
    }
  }
}

/** In node's words. */
function hasEnded(): Error {
  return coded('ERR_SERVER_NOT_RUNNING', new Error('Server is not running.'))
}
