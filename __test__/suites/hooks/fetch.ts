// Loaded before a project that serves fetch handlers, in whose copy `shims/place.mjs` was run: has it make its
// servers by `fasthttp/fetch`, and counts the requests that those hand to its handlers. What the project serves
// by TLS or HTTP/2 it goes on to serve itself, uncounted.
import { appendFileSync } from 'node:fs'
import http from 'node:http'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { isMainThread, threadId } from 'node:worker_threads'
import { isWhole } from '../../../ts/fetch/body.ts'
import { createServer, type FetchContext, type FetchHandler } from '../../../ts/fetch/index.ts'
import type { FetchRequest } from '../../../ts/fetch/index.ts'
import type { HttpRequest, Server } from '../../../ts/index.ts'
import { isAborted } from '../../../ts/request/ending.ts'

const require = createRequire(import.meta.url)

type Handler = (request: Request, context: FetchContext) => unknown

let requests = 0
let servers = 0

// The projects have no limit for bodies, and no word for what fails but the console.
const OPTIONS = { maxBodySize: Infinity, ioThreads: 1 } as const

/** A server of ours for a handler of a project. */
function make(handler: Handler, options: object = {}): Server {
  const counting: FetchHandler = (request, context) => {
    requests++
    return handler(request, context) as Response
  }
  const server = createServer(counting, { ...OPTIONS, ...options })
  server.on('listening', () => servers++)
  const close = server.close.bind(server)
  const listen = server.listen.bind(server) as (...args: unknown[]) => Promise<unknown>
  return Object.assign(server, {
    // That of node gives the server, and tells by events.
    listen(...args: unknown[]): Server {
      listen(...args).catch(() => undefined)
      return server
    },
    // That of node does not wait for the answer to a client that has sent its last.
    async close(told?: unknown): Promise<void> {
      await close({ timeout: CLOSE_MS })
      if (typeof told === 'function') (told as () => void)()
    },
  }) as Server
}

/** Milliseconds after which a server that closes cuts what is left. */
const CLOSE_MS = 1000

/** What handlers of @hono/node-server find beside the request. */
function bindings({ remoteAddress, remotePort, request }: FetchContext): object {
  const remoteFamily = remoteAddress.includes(':') ? 'IPv6' : 'IPv4'
  const socket = { remoteAddress, remotePort, remoteFamily }
  return { incoming: incomingOf(request, socket), outgoing: {} }
}

/** Of a node's request what tests look at to know how far their client is. */
function incomingOf(request: HttpRequest, socket: object): object {
  return {
    method: request.method,
    url: request.url,
    socket,
    complete: isWhole(request),
    once(event: string, told: () => void) {
      if (event === 'aborted') request.signal.addEventListener('abort', told, { once: true })
    },
  }
}

interface Adaptor {
  fetch: (request: Request, env: object) => unknown
  createServer?: unknown
  websocket?: unknown
  port?: number
  hostname?: string
}

type Listening = (info: unknown) => void

interface NodeServer {
  /** The key under which the requests of node-server have what aborts them. */
  getAbortController?: symbol
  createAdaptorServer?: (options: Adaptor) => unknown
  getRequestListener?: (fetch: Adaptor['fetch'], options?: Listener) => object
}

interface Listener {
  errorHandler?: (error: unknown) => unknown
  /** The host of requests that name none, which are refused without. */
  hostname?: string
}

/** What node-server answers for what fails: nothing, or a text for what is no Response. */
function answered(error: unknown): Response {
  const { code, message } = error as { code?: unknown; message?: string }
  if (code !== 'ERR_INVALID_RETURN_VALUE') return bare()(error)
  const headers = { 'Content-Type': 'text/plain' }
  return new Response(`Error: ${message}`, { status: 500, headers })
}

/** What was given to `getRequestListener`, by its listener. */
const listeners = new WeakMap<object, [fetch: Adaptor['fetch'], options: Listener]>()

function nodeServer(own: NodeServer): object {
  const createAdaptorServer = (options: Adaptor): unknown => {
    if (options.createServer !== undefined || options.websocket !== undefined)
      return own.createAdaptorServer?.(options)
    const handler: Handler = (request, context) => {
      const { getAbortController } = own
      if (getAbortController !== undefined)
        Object.assign(request, { [getAbortController]: () => request.signal })
      return options.fetch(request, bindings(context))
    }
    return make(handler, { error: answered })
  }
  return {
    ...(own.createAdaptorServer === undefined
      ? {}
      : {
          createAdaptorServer,
          serve(options: Adaptor, listening?: Listening) {
            const server = createAdaptorServer(options) as Server
            const told = (): void => listening?.(server.address())
            void server.listen(options.port ?? 3000, options.hostname ?? '::', told)
            return server
          },
        }),
    ...(own.getRequestListener === undefined
      ? {}
      : {
          getRequestListener(fetch: Adaptor['fetch'], options: Listener = {}) {
            const listener = own.getRequestListener!(fetch, options)
            listeners.set(listener, [fetch, options])
            return listener
          },
        }),
  }
}

/** Node's, but for listeners that stand for a fetch handler. */
const { createServer: createNodeServer } = http
http.createServer = function (this: unknown, ...args: unknown[]) {
  const [fetch, { errorHandler, hostname }] = listeners.get(Object(args.at(-1)) as object) ?? [
    undefined,
    {},
  ]
  if (fetch === undefined) return Reflect.apply(createNodeServer, this, args) as never
  return make((request, context) => fetch(request, bindings(context)), {
    error: errorHandler ?? answered,
    requireHostHeader: hostname === undefined,
  }) as never
} as typeof createNodeServer
syncBuiltinESMExports()

/** Puts on a request what srvx has on its own. */
function dressed(request: Request, below: HttpRequest, waitUntil: unknown): void {
  // Of node's request what tests look at to know that their client has left.
  const req = Object.defineProperty({}, 'destroyed', { get: () => isAborted(below) })
  Object.assign(request, { runtime: { name: 'node', node: { req } }, waitUntil })
  Object.defineProperty(request, 'ip', { value: below.ip, enumerable: true })
  // Where its own functions look for the platform's.
  const platform = { get: () => (request as FetchRequest).native() }
  Object.defineProperty(request, '_request', platform)
}

interface Srvx {
  serve: (options: SrvxOptions) => SrvxServer
}

interface SrvxOptions {
  manual?: boolean
  silent?: boolean
  maxRequestBodySize?: number
  trustProxy?: boolean | 'loopback' | string[]
}

interface SrvxServer {
  readonly node: { server: unknown }
  readonly waitUntil?: (work: Promise<unknown>) => void
  fetch: (request: Request) => unknown
  serve: () => Promise<unknown>
}

const loadGlobal = (): unknown => require('../../../ts/fetch/global.js')

function srvx(own: Srvx): object {
  // As its users do by a function of its own, so that `new Request(request)` works on each Node.
  loadGlobal()
  return {
    serve(options: SrvxOptions) {
      const server = own.serve({ ...options, manual: true })
      if (server.node.server instanceof http.Server) {
        const { maxRequestBodySize: maxBodySize = Infinity, trustProxy = false, silent } = options
        const handler: Handler = (request, { request: below }) => {
          dressed(request, below, server.waitUntil)
          // Its own light response is made here, where srvx guards it, and may throw.
          const looked = (response: Response): Response => (void response.headers, response)
          return Promise.resolve(server.fetch(request) as Response).then(looked)
        }
        const everybody =
          trustProxy === true ? () => true : trustProxy === 'loopback' ? ['loopback'] : trustProxy
        server.node.server = make(handler, {
          maxBodySize,
          ...(everybody === false ? {} : { trustProxy: everybody }),
          error: bare(silent),
          ...(silent === true ? { onError: () => undefined } : {}),
        })
      }
      if (options.manual !== true) server.serve().catch(() => undefined)
      return server
    },
  }
}

type Give = (result: unknown) => void

/** The server that tests of h3 make of node's, and what they put into it. */
function h3(): object {
  return {
    Server: function (listener: (request: Request, give: Give) => void) {
      const handler: Handler = (request, { request: below, waitUntil }) => {
        let result: unknown
        dressed(request, below, waitUntil)
        listener(request, (given) => (result = given))
        return result
      }
      return make(handler, { error: bare() })
    },
    toNodeHandler:
      (app: { fetch: (request: Request) => unknown }) => (request: Request, give: Give) =>
        give(app.fetch(request)),
  }
}

/** What these projects answer for what fails: nothing, with a line on the console. */
function bare(isSilent = false): (error: unknown) => Response {
  return (error) => {
    if (!isSilent) console.error(error)
    return new Response(null, { status: 500 })
  }
}

Object.assign(globalThis, {
  [Symbol.for('fasthttp.suites.fetch')]: {
    'node-server': nodeServer,
    hono: nodeServer,
    srvx,
    h3,
  },
})

const log = process.env['FASTHTTP_REGISTER_LOG']
if (log !== undefined) {
  process.on('exit', () => {
    const counted = { pid: process.pid, servers, requests, fallbacks: 0 }
    appendFileSync(log, `${JSON.stringify(isMainThread ? counted : { ...counted, threadId })}\n`)
  })
}
