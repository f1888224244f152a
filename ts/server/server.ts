import type { EventEmitter } from 'node:events'
import type { AddressInfo } from 'node:net'
import { show } from '../errors.ts'
import { type Append, appending } from '../response/append.ts'
import type { Handler } from './dispatch.ts'
import { HttpServer } from './http-server.ts'
import type { Drained, DrainOptions } from './drain.ts'
import type { ListenOptions } from './listen.ts'
import { type AppendOptions, checkOptions, type ServerOptions } from './options.ts'
import type { Readiness } from './probes.ts'
import { isForeignRouter, matchingOf, type Routed } from './routed.ts'
import type { ServerStats } from './stats.ts'

/**
 * An HTTP server. Events: `listening`, `close`, `error`, `overload` with the milliseconds that a
 * request has waited for JavaScript, when `maxQueueDelay` is exceeded, and as in node `upgrade` and
 * `connect` with `(req, socket, head)`: the socket is the listener's, see `HttpRequest.takeover`. An
 * upgrade to anything but a WebSocket is one only if `shouldUpgradeCallback` says so.
 * Without a listener an upgrade is an ordinary request, and CONNECT is answered 501.
 */
export interface Server extends EventEmitter, AsyncDisposable {
  /**
   * Listens, in node's forms. Resolves, and emits `listening`, when clients can connect.
   *
   * Rejects with an error that somebody has to hear: as in node it ends the process unless `error` is
   * listened to, which is emitted then, or the promise is looked at. It is node's error for a failing call
   * (`EADDRINUSE`, `EACCES`: `code`, `errno`, `syscall`, `address`, `port`), or with
   * `ERR_SERVER_ALREADY_LISTEN`. Throws `TypeError` or `RangeError` for wrong arguments.
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp'
   *
   * const server = createServer(() => 'Hello, World!')
   * await server.listen({ port: 0, host: '127.0.0.1' })
   * console.log(server.address())
   * ```
   */
  listen(port?: number, host?: string, backlog?: number, callback?: () => void): Promise<this>
  /** The same, on a port of this host. */
  listen(port: number, host: string, callback?: () => void): Promise<this>
  /** The same, on a port of all addresses. */
  listen(port: number, callback?: () => void): Promise<this>
  /** The same, on a port that the kernel chooses. */
  listen(callback?: () => void): Promise<this>
  /** The same, with options, or at the path of a Unix socket. */
  listen(options: ListenOptions | string, callback?: () => void): Promise<this>
  /**
   * Accepts no more, drops idle connections, answers what was received; the last answer of each
   * connection carries `Connection: close`. Requests that were pipelined behind it are answered
   * too. What is left after `timeout` milliseconds is cut (default: never). Resolves when all is over,
   * and at once if the server is not running; then a callback gets `ERR_SERVER_NOT_RUNNING`. Throws
   * `TypeError` or `RangeError` for wrong options.
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp'
   *
   * const server = createServer(() => 'Hello, World!')
   * await server.listen(3000)
   * process.once('SIGTERM', () => void server.close({ timeout: 10_000 }))
   * ```
   */
  close(options?: { timeout?: number } | ((error?: Error) => void)): Promise<void>
  /**
   * Ends so that nothing is lost, by and by. First clients are accepted and served on for `lameDuck`, each answer
   * the last one of its connection (`Connection: close`). Then nobody is accepted any more but who
   * waits already, and idle connections may still bring a request for `keepAliveGrace`: one that is under way is answered.
   * Then they end, and the server with the last answer; what is left after `timeout` is cut.
   *
   * Resolves when all is over, with the number of connections that were cut, and at once if the server is not running. A
   * second call gives the same promise, and `close()` ends the waiting. Connections that were taken over are not
   * waited for. Throws `TypeError` or `RangeError` for wrong options.
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp'
   *
   * const server = createServer(() => 'Hello, World!')
   * await server.listen(3000)
   * process.once('SIGTERM', () => void server.drain({ lameDuck: 5000, timeout: 25_000 }))
   * ```
   */
  drain(options?: DrainOptions): Promise<Drained>
  /**
   * Answers GET and HEAD of this path for those who send clients here, without a handler and ahead of any router: 200, or
   * 503 when the server drains or closes, when the program says that it is not ready, and when JavaScript has shown
   * no life for `readyAfter` (milliseconds, default 1000). Throws `TypeError` or `RangeError` for wrong arguments.
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp'
   *
   * const server = createServer(() => 'Hello, World!')
   * const readiness = server.ready('/ready')
   * readiness.isReady = false // until the cache is warm
   * ```
   */
  ready(path: string, options?: { readyAfter?: number }): Readiness
  /**
   * Answers this path for those who start a process anew that hangs: 200, or 503 when JavaScript has shown no life for
   * `stuckAfter` (milliseconds, default 10000), also if no request waits. Throws as `ready`.
   *
   * @example
   * ```ts
   * import { createServer } from 'fasthttp'
   *
   * const server = createServer(() => 'Hello, World!').alive('/alive')
   * await server.listen(3000)
   * ```
   */
  alive(path: string, options?: { stuckAfter?: number }): this
  /**
   * Aborts when the server begins to end, by `drain` or `close`, so that what would last for ever can end as well. A
   * server that listens again has another one.
   *
   * @example
   * ```ts
   * import { setTimeout } from 'node:timers/promises'
   * import { createServer, sse } from 'fasthttp'
   *
   * async function* ticks() {
   *   while (!server.signal.aborted) {
   *     yield 'tick'
   *     await setTimeout(1000, undefined, { signal: server.signal }).catch(() => undefined)
   *   }
   * }
   * const server = createServer(() => sse(ticks()))
   * ```
   */
  readonly signal: AbortSignal
  /** Drops connections between requests. */
  closeIdleConnections(): void
  /** Drops every connection. */
  closeAllConnections(): void
  /** The bound address; the path for a Unix socket; null if the server does not listen. */
  address(): AddressInfo | string | null
  /**
   * The number of the listening socket's descriptor, for a child process to go on with it: pass it in `stdio`, where
   * the child gets a descriptor of its own, and have it `listen({ fd })`. It stays the server's: no second server of
   * this process may listen with it. The path of a Unix socket is left where it is when the server closes.
   *
   * Throws `ERR_SERVER_NOT_RUNNING` if the server does not listen, and `ERR_UNSUPPORTED` on Windows.
   *
   * @example
   * ```ts
   * import { spawn } from 'node:child_process'
   * import { createServer } from 'fasthttp'
   *
   * const server = createServer(() => 'Hello, World!')
   * await server.listen(3000)
   * // The next version: its process.argv has the number that the descriptor has there.
   * spawn('node', ['next.js', '3'], { stdio: ['ignore', 'inherit', 'inherit', server.fd()] })
   * ```
   */
  fd(): number
  /** Whether clients can connect. */
  readonly listening: boolean
  /** The option of that name. */
  readonly userData: unknown
  /**
   * What the server has counted since `listen`; of one that has closed what its last run has counted.
   *
   * @example
   * ```ts
   * import { createServer, json, Router } from 'fasthttp'
   *
   * const router = new Router()
   * const server = createServer(router)
   * router.get('/stats', () => json(server.stats()))
   * ```
   */
  stats(): ServerStats
  /** Keeps the process alive while the server runs; the default. */
  ref(): this
  /**
   * Lets the process end although the server runs and clients are connected, other than node's server, whose open
   * connections keep the process alive. What was answered before is sent.
   */
  unref(): this
}

/**
 * Makes a server out of a handler, or of the option `append`: one of the two. Throws `TypeError` or
 * `RangeError` naming a wrong option and its value.
 *
 * @example
 * ```ts
 * import { createServer, json } from 'fasthttp'
 *
 * const server = createServer(
 *   (req) => {
 *     if (req.path === '/') return 'Hello, World!'
 *     return json({ path: req.path, agent: req.header('user-agent') })
 *   },
 *   { maxBodySize: 64 << 10, keepAliveTimeout: 5000 },
 * )
 * await server.listen(3000)
 * ```
 */
export function createServer(handler: Handler | Routed, options?: ServerOptions): Server
export function createServer(options: ServerOptions, handler: Handler | Routed): Server
export function createServer(options: AppendOptions): Server
export function createServer(
  first: Handler | Routed | ServerOptions | AppendOptions,
  second?: ServerOptions | Handler | Routed,
): Server {
  const [handler, options] =
    typeof first === 'function' || matchingOf(first) !== undefined
      ? [first, second === undefined ? {} : second]
      : [second, first]
  const { append, userData } = Object(options) as Partial<AppendOptions>
  const answers = oneHandler(handler, append, [first, second])
  return new HttpServer(answers, checkOptions(options as ServerOptions), userData)
}

function oneHandler(
  handler: unknown,
  append: unknown,
  given: readonly unknown[],
): Handler | Routed {
  if (given.some(isForeignRouter)) {
    const message = 'a Router of another copy of fasthttp cannot be served'
    throw new TypeError(`${message}: have one (npm ls fasthttp), and load it once`)
  }
  if (append !== undefined) {
    if (typeof append !== 'function')
      throw new TypeError(`append must be a function, got ${show(append)}`)
    if (typeof handler === 'function' || matchingOf(handler) !== undefined)
      throw new TypeError('a server has a handler or append, not both')
    if (handler !== undefined) {
      const named = described(handler)
      throw new TypeError(`options are given once, with append among them, got also ${named}`)
    }
    return appending(append as Append)
  }
  if (matchingOf(handler) !== undefined) return handler as Routed
  if (typeof handler !== 'function') {
    // Either may have been meant for it.
    const values = given.filter((value, i) => i === 0 || value !== undefined)
    const named = values.map(described).join(' and ')
    throw new TypeError(`handler must be a function or a Router, got ${named}`)
  }
  return handler as Handler
}

/** A value that is no handler, an object by its names. */
function described(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return show(value)
  const names = Object.keys(value)
  return names.length === 0 ? 'an empty object' : `an object with ${names.join(', ')}`
}
