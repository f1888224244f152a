import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as given } from 'node:timers/promises'
import { integer, MOST } from '../crossing/checks.ts'
import { checkNames, show } from '../errors.ts'
import { createServer, type Handler, type Server } from '../index.ts'
import { descriptors } from '../server/descriptors.ts'
import { checkClose } from '../server/drain.ts'
import { acceptOne } from '../server/http-server.ts'
import { DEMAND, type DemandOptions } from '../server/listen.ts'
import { type Domain, hostOf } from './domain.ts'
import {
  type AsyncHttpServerOptions,
  type CheckedOptions,
  checkOptions,
  serverOptions,
} from './options.ts'
import { type Callback, handlerOf, type Report, Request } from './request.ts'

// Taken when the package is loaded: tests put false ones in its place.
const delay = given

/** How long `serve` waits for a descriptor, in milliseconds. */
const REST_MS = 100
/** How many connections are open is `shouldAcceptRequest`'s affair. */
const MANY = MOST

const OF_SERVE = ['address', 'assumedDescriptorsPerRequest', 'domain']

/** Options of `AsyncHttpServer.serve`. */
export interface ServeOptions {
  /** Address or name to bind; '' for every address of the domain. Default ''. */
  address?: string
  /** As in `shouldAcceptRequest`; negative: clients are accepted as they come. Default -1. */
  assumedDescriptorsPerRequest?: number
  /** The family of addresses. Default 'AF_INET'. */
  domain?: Domain
}

/** A server that calls a callback for each request. */
export class AsyncHttpServer {
  readonly #options: CheckedOptions
  readonly #report: Report
  #server: Server | undefined = undefined
  #starting: Promise<void> | undefined = undefined

  /** @internal */
  constructor(options: CheckedOptions) {
    this.#options = options
    this.#report = (error, request) => {
      try {
        options.onError(error, request)
      } catch (second) {
        console.error('fasthttp: onError failed', second)
      }
    }
  }

  /**
   * Listens; nobody is accepted but by `acceptRequest`. Resolves when clients can connect, which the
   * kernel then keeps waiting. Rejects with node's errors of the system (`EADDRINUSE`), with
   * `ERR_SERVER_ALREADY_LISTEN`, and for wrong arguments with `TypeError` or `RangeError`.
   */
  listen(port: number, address = '', domain: Domain = 'AF_INET'): Promise<void> {
    // Who is accepted has brought a handler.
    return this.#listen(port, address, domain, () => '', true)
  }

  /** The port that is listened on. Throws `ERR_SERVER_NOT_RUNNING` if there is none. */
  getPort(): number {
    const address = this.#server?.address() as AddressInfo | null | undefined
    if (address === null || address === undefined) throw notRunning('the server does not listen')
    return address.port
  }

  /**
   * Whether one more client leaves descriptors for others: those that the whole process has open,
   * and as many as a request is assumed to take, are fewer than it may open (`RLIMIT_NOFILE`). Always
   * true for a negative number. Throws `TypeError` or `RangeError` for what is no integer.
   */
  shouldAcceptRequest(assumedDescriptorsPerRequest = 5): boolean {
    const assumed = checkAssumed(assumedDescriptorsPerRequest)
    if (assumed < 0) return true
    const { open, limit } = descriptors()
    return (
      open + assumed <
      (Number.isFinite(limit) ? limit : this.#options.nimMaxDescriptorsFallback) - 1
    )
  }

  /**
   * Accepts one client, whose requests go to `callback` as long as its connection lasts. Resolves when
   * it is accepted. Several calls are served in turn. Rejects with `ERR_SERVER_NOT_RUNNING` if the
   * server does not listen, or closes before, and where `serve` accepts by itself. Throws `TypeError`
   * for what is no function.
   *
   * @example
   * ```ts
   * import { Http200, newAsyncHttpServer } from 'fasthttp/asynchttpserver'
   *
   * const server = newAsyncHttpServer()
   * await server.listen(8080)
   * for (;;) await server.acceptRequest((req) => req.respond(Http200, 'one at a time'))
   * ```
   */
  acceptRequest(callback: Callback): Promise<void> {
    checkCallback(callback)
    const handler = this.#handlerOf(callback)
    const [server, starting] = [this.#server, this.#starting]
    if (server === undefined) return Promise.reject(notRunning('the server does not listen'))
    return Promise.resolve(starting).then(() => acceptOne(server, handler))
  }

  /**
   * Listens and serves until the server is closed, and resolves then. Rejects as `listen` does, and if
   * an I/O thread fails. However few descriptors there are, it goes on: clients wait in
   * the kernel's queue for one.
   */
  async serve(port: number, callback: Callback, options: ServeOptions = {}): Promise<void> {
    checkCallback(callback)
    checkNames('option of serve', options, OF_SERVE)
    const { address = '', domain = 'AF_INET', assumedDescriptorsPerRequest = -1 } = options
    const assumed = checkAssumed(assumedDescriptorsPerRequest)
    await this.#listen(port, address, domain, this.#handlerOf(callback), assumed >= 0)
    const server = this.#server as Server
    // It rejects when `error` is emitted.
    const closed = once(server, 'close')
    await Promise.all([closed, assumed < 0 || this.#acceptAll(server, callback, assumed)])
  }

  async #acceptAll(server: Server, callback: Callback, assumed: number): Promise<void> {
    const handler = this.#handlerOf(callback)
    while (server.listening) {
      if (!this.shouldAcceptRequest(assumed)) {
        await delay(REST_MS)
        continue
      }
      try {
        await acceptOne(server, handler)
      } catch (error) {
        // It was closed while it waited for a client.
        if (server.listening) throw error
      }
    }
  }

  /**
   * Stops listening. Idle connections end, and others behind the answer to what was received; resolves
   * when the last one has. What is left after `timeout` milliseconds is cut (default: never). Does
   * nothing if the server does not listen. It may listen again then. Rejects with `TypeError` or
   * `RangeError` for wrong options.
   */
  async close(options: { timeout?: number } = {}): Promise<void> {
    checkClose(options)
    const server = this.#server
    // Whoever called `listen` hears that it failed.
    await this.#starting?.catch(() => undefined)
    await server?.close(options)
  }

  async #listen(
    port: number,
    address: string,
    domain: Domain,
    handler: Handler,
    onDemand: boolean,
  ): Promise<void> {
    if (this.#server !== undefined) {
      const error = new Error('listen was called while the server runs')
      throw Object.assign(error, { code: 'ERR_SERVER_ALREADY_LISTEN' })
    }
    const { reuseAddr, reusePort } = this.#options
    const report = this.#report
    const server = createServer(handler, {
      ...serverOptions(this.#options),
      ...(onDemand ? { maxConnections: MANY } : {}),
      onError: (error, http) =>
        report(error, http === undefined ? http : new Request(http, report)),
    })
    const demand = { reuseAddress: reuseAddr, onDemand, tunnels: true }
    const options = { port, reusePort, [DEMAND]: demand }
    this.#server = server
    this.#starting = bind(server, address, domain, options)
    const gone = (): void => {
      if (this.#server === server) this.#server = undefined
    }
    try {
      await this.#starting
      server.once('close', gone)
    } catch (error) {
      gone()
      throw error
    } finally {
      this.#starting = undefined
    }
  }

  #handlerOf(callback: Callback): Handler {
    return handlerOf(callback, this.#report)
  }
}

/**
 * Makes a server; opens nothing. Throws `TypeError` or `RangeError` naming a wrong option.
 *
 * @example
 * ```ts
 * import { Http200, newAsyncHttpServer } from 'fasthttp/asynchttpserver'
 *
 * const server = newAsyncHttpServer()
 * await server.serve(8080, (req) => req.respond(Http200, 'Hello, World!'))
 * ```
 */
export function newAsyncHttpServer(options: AsyncHttpServerOptions = {}): AsyncHttpServer {
  return new AsyncHttpServer(checkOptions(options))
}

async function bind(
  server: Server,
  address: string,
  domain: Domain,
  options: DemandOptions,
): Promise<void> {
  await server.listen({ ...options, host: await hostOf(address, domain) })
}

function checkCallback(callback: unknown): void {
  if (typeof callback !== 'function') {
    throw new TypeError(`callback must be a function, got ${show(callback)}`)
  }
}

function checkAssumed(assumed: unknown): number {
  return integer('assumedDescriptorsPerRequest', assumed, -MANY, MANY, -1)
}

function notRunning(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_SERVER_NOT_RUNNING' })
}
