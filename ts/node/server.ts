import http, { type IncomingMessage, type RequestListener } from 'node:http'
import type { NativeListenOptions, NativeServer } from '../crossing/native.ts'
import { nextTick } from '../crossing/timers.ts'
import { guarded } from '../crossing/uncaught.ts'
import { Engine } from '../server/engine.ts'
import { readStats } from '../server/stats.ts'
import { counted } from './counted.ts'
import { withDefaults } from './defaults.ts'
import { endsIn, mostOf } from './dropping.ts'
import { fallBack } from './fallback.ts'
import { adoptFrom, canAdopt, needsLeave } from './adopting.ts'
import { type Handle, handleOf, tie } from './handle.ts'
import { disarm, tellsConnections } from './internals.ts'
import { watch } from './live.ts'
import { traced, watchesConnections } from './monitors.ts'
import {
  addressesOf,
  keepAliveOf,
  type NodeServerOptions,
  optionsOf,
  setThreads,
  time,
} from './options.ts'
import { misfit } from './probe.ts'
import { apart } from './scope.ts'
import { Serving } from './serving.ts'

/** What node's server has and its types do not tell. */
interface Insides {
  _handle: Handle | null
  _connections: number
  _pipeName?: string
  _unref?: boolean
  _emitCloseIfDrained(): void
  _listen2(...args: unknown[]): void
}

/** What a server that listens runs by. */
interface Run {
  readonly native: NativeServer
  readonly serving: Serving
}

/** Of each server the one that listens and, before it, those that still serve what they accepted until it closed. */
const running = new WeakMap<object, Run[]>()

// Taken here: `fasthttp/register` puts ours in its place.
const NodeServer: typeof http.Server = http.Server

/**
 * A server with the API of node's `http.Server`, whose connections are read and written by the addon's
 * I/O threads.
 */
class HttpServer extends NodeServer {
  /** @internal */
  declare joins: boolean | undefined
  /** @internal */
  declare requiresHost: boolean
  /** @internal The option of that name, as `net.Server` keeps it. */
  declare readonly highWaterMark: number
  /** @internal These three are options of `net.Server` as it keeps them; the last one is in seconds. */
  declare readonly noDelay: boolean
  /** @internal */
  declare readonly keepAlive: boolean
  /** @internal */
  declare readonly keepAliveInitialDelay: number
  /** @internal Whether a client that has ended its side is answered all the same. */
  declare httpAllowHalfOpen: boolean
  /** Node 24 and later: which requests with Upgrade are one. */
  declare shouldUpgradeCallback: ((req: IncomingMessage) => boolean) | undefined

  /** @internal Whether a time-out of a connection is the one between requests, which the addon has. */
  isKeptAlive(ms: number): boolean {
    return ms === keepAliveOf(this)
  }

  /** @internal Called by node's `listen` when it has understood its arguments. */
  _listen2(
    address: string | null,
    port: number,
    addressType: number,
    backlog: number,
    fd: number | undefined,
    flags: number | undefined,
  ): void {
    const insides = this as unknown as Insides
    // The descriptor is somebody else's: of a cluster's primary, or the caller's.
    const isGiven = insides._handle !== null || typeof fd === 'number'
    const isNodes = isGiven || needsLeave()
    const why =
      misfit ?? (isNodes && !canAdopt() ? 'it was given a handle to listen with' : undefined)
    if (why !== undefined) fallBack(why)
    if (why !== undefined || isNodes) {
      const { _listen2: listen } = NodeServer.prototype as unknown as Insides
      listen.call(this, address, port, addressType, backlog, fd, flags)
      if (why !== undefined || insides._handle === null) return
    }
    try {
      start(this, isNodes ? undefined : addressesOf(address, port, backlog || 511, flags ?? 0))
    } catch (error) {
      traced(this, error)
      insides._handle?.close()
      insides._handle = null
      nextTick(() => this.emit('error', error))
      return
    }
    if (insides._unref === true) this.unref()
    if (isNodes) return
    traced(this)
    nextTick(() => {
      if (insides._handle !== null) this.emit('listening')
    })
  }

  override closeIdleConnections(): void {
    // Those that node's code reads are its own.
    super.closeIdleConnections()
    for (const { native, serving } of runsOf(this)) serving.closeIdle(native)
  }

  override closeAllConnections(): void {
    super.closeAllConnections()
    for (const { native, serving } of runsOf(this)) {
      // Behind this nothing is written to them, as in node.
      serving.closeAll()
      native.closeConnections(true)
    }
  }

  override getConnections(callback: (error: Error | null, count: number) => void): this {
    const runs = runsOf(this)
    if (runs.length === 0) return super.getConnections(callback)
    // A run counts as one of them, and so does each that was handed out.
    let count = (this as unknown as Insides)._connections - runs.length
    for (const { native } of runs) count += readStats(native).connections.open
    nextTick(() => callback(null, count))
    return this
  }
}

function runsOf(server: object): readonly Run[] {
  return running.get(server) ?? []
}

/** Without `candidates` it listens already. */
function start(server: HttpServer, candidates: NativeListenOptions[] | undefined): void {
  const insides = server as unknown as Insides
  const options = optionsOf(server)
  const serving = new Serving(server, Math.max(1, options.ioThreads), () => engine)
  const engine: Engine = new Engine(
    options,
    candidates,
    undefined,
    serving,
    {
      accepted: () => undefined,
      notAccepted: () => undefined,
      overload: () => undefined,
      connected: (_lane, chunk, at) => serving.connected(chunk, at),
      refused: (_lane, chunk, at) => serving.refused(chunk, at),
      trailers: (_lane, chunk, at) => serving.trailers(chunk, at),
      dropped: (_lane, chunk, at) =>
        apart(() => guarded(() => void server.emit('drop', endsIn(chunk, at)))),
      left: (lane, { words }, at, isLate) =>
        serving.left(lane, words[at + 2] as number, words[at + 4] as number, isLate),
      failed: (error) => nextTick(() => server.emit('error', error)),
      // Node waits for nobody who is only read.
      quiet: () => {
        serving.ended()
        if (over()) insides._emitCloseIfDrained()
      },
      ended: () => undefined,
    },
    (native) => {
      native.setTunnels(true)
      // Node's code says 100 Continue itself, and answers other expectations.
      native.setContinues(true)
      native.setExpectations(true)
      native.setUpgrades(server.listenerCount('upgrade') > 0, false)
      if (
        tellsConnections(server) ||
        watchesConnections() ||
        server.listenerCount('clientError') > 0
      )
        tellOf({ native, serving })
      tellLimits(server, { native, serving })
    },
  )
  let isOver = false
  // It may listen again before the last of this is told, and has closed nevertheless if nobody was left.
  const over = (): boolean => {
    if (isOver) return false
    isOver = true
    insides._connections--
    // Nor does it count its own any more: its threads may have their end before them.
    running.set(
      server,
      runsOf(server).filter((run) => run.serving !== serving),
    )
    return true
  }
  counted.servers++
  running.set(server, [...runsOf(server), { native: engine.native, serving }])
  // It counts as one connection: node must not say that all is closed while one of its own is open.
  insides._connections++
  try {
    if (insides._handle !== null)
      adoptFrom(insides._handle, server, engine.native, Math.max(1, options.ioThreads))
    const handle = insides._handle ?? handleOf(engine, server)
    insides._handle = tie(handle, engine, serving, over)
  } catch (error) {
    // Nobody could close what listens already, and of its end nobody is to hear.
    over()
    engine.close(0)
    throw error
  }
  if (candidates !== undefined && typeof engine.address === 'string')
    insides._pipeName = engine.address
}

/** The addon looks at the limits, so it has to know when they change. */
function tellLimits(server: HttpServer, run: Run): void {
  const { native } = run
  const { headersTimeout, requestTimeout, maxRequestsPerSocket } = server
  native.setTimes(keepAliveOf(server), time(headersTimeout), time(requestTimeout))
  native.setMaxRequests(time(maxRequestsPerSocket))
  native.setMostConnections(mostOf(server))
  // The clock of a client that says nothing runs from when it is told of.
  if (time(server.timeout) > 0) tellOf(run)
}

export type { NodeServerOptions }

/** `http.Server` as a function that may be called without `new`, as node's. */
export interface ServerConstructor {
  new (listener?: RequestListener): Server
  new (options: NodeServerOptions, listener?: RequestListener): Server
  (listener?: RequestListener): Server
  (options: NodeServerOptions, listener?: RequestListener): Server
  /** What all of these servers inherit from. */
  readonly prototype: Server
}

/** The type of `new Server(...)`. */
export type Server = HttpServer

/** What the addon tells only if somebody listens. */
function onNewListener(this: Server, event: string | symbol): void {
  for (const run of runsOf(this)) {
    const { native } = run
    if (event === 'connection' || event === 'clientError') tellOf(run)
    // Until then each is a request like any other, with a body that is read as it comes.
    if (event === 'upgrade') native.setUpgrades(true, false)
    if (event === 'timeout')
      native.setTimes(0, time(this.headersTimeout), time(this.requestTimeout))
  }
}

/** Who knows connections hears of what is refused of them, which their sockets say as well. */
function tellOf({ native, serving }: Run): void {
  // Threads let clients in as soon as the server listens.
  if (!serving.tellsAll) native.introduce()
  serving.tellsAll = true
  native.setRefusals(true)
}

function make(this: unknown, options?: unknown, listener?: unknown): unknown {
  if (!(this instanceof HttpServer))
    return new (Server as unknown as new (...a: unknown[]) => unknown)(options, listener)
  const isAlone = typeof options === 'function'
  const all = withDefaults(isAlone ? undefined : options)
  const args = [all, isAlone ? options : listener]
  if (misfit !== undefined && new.target !== undefined)
    return Reflect.construct(NodeServer, args, new.target)
  if (misfit === undefined)
    watch(this, () => {
      for (const run of runsOf(this)) tellLimits(this as HttpServer, run)
    })
  ;(NodeServer as unknown as (...all: unknown[]) => void).call(this, ...args)
  const given = typeof all === 'object' && all !== null ? (all as NodeServerOptions) : {}
  this.joins = given.joinDuplicateHeaders
  this.requiresHost = given.requireHostHeader !== false
  if (misfit !== undefined) return undefined
  setThreads(this, given.ioThreads)
  disarm(this)
  this.on('newListener', onNewListener)
  return undefined
}

/**
 * The class of these servers, which inherits from node's; it may be called without `new`, as node's.
 *
 * @example
 * ```ts
 * import { Server } from 'fasthttp/node'
 *
 * const server = new Server({ keepAliveTimeout: 10_000 })
 * server.on('request', (req, res) => res.end(req.method))
 * server.listen(3000)
 * ```
 */
export const Server: ServerConstructor = make as unknown as ServerConstructor
Object.setPrototypeOf(Server, NodeServer)
Object.defineProperty(Server, 'name', { value: 'Server' })
Object.defineProperty(Server, 'prototype', { value: HttpServer.prototype, writable: false })
HttpServer.prototype.constructor = Server

/**
 * Makes a server with the API of node's `http.createServer`, whose connections the addon reads and writes. Throws
 * what node throws for wrong options; unknown ones are ignored, as there.
 *
 * @example
 * ```ts
 * import { createServer } from 'fasthttp/node'
 *
 * const server = createServer((req, res) => res.end(`Hello from ${req.url}`))
 * server.listen(3000)
 * ```
 */
export function createServer(listener?: RequestListener): Server
export function createServer(options: NodeServerOptions, listener?: RequestListener): Server
export function createServer(options?: unknown, listener?: unknown): Server {
  return new Server(options as NodeServerOptions, listener as RequestListener)
}
