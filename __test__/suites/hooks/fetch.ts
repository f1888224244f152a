// Loaded before a project that serves fetch handlers, in whose copy `shims/place.mjs` was run: has it make its
// servers by `fasthttp/fetch`, and counts the requests that those hand to its handlers. What the project serves
// by TLS or HTTP/2 it goes on to serve itself, uncounted.
import { appendFileSync } from 'node:fs'
import http from 'node:http'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { isMainThread, threadId } from 'node:worker_threads'
import { createServer, type FetchContext, type FetchHandler } from '../../../ts/fetch/index.ts'
import type { FetchRequest } from '../../../ts/fetch/index.ts'
import type { Server } from '../../../ts/index.ts'

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
  return server
}

/** What handlers of @hono/node-server find beside the request. */
function bindings({ remoteAddress, remotePort, request }: FetchContext): object {
  const remoteFamily = remoteAddress.includes(':') ? 'IPv6' : 'IPv4'
  const socket = { remoteAddress, remotePort, remoteFamily }
  const incoming = { method: request.method, url: request.url, socket }
  return { incoming, outgoing: {} }
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
  createAdaptorServer?: (options: Adaptor) => unknown
  getRequestListener?: (fetch: Adaptor['fetch'], options?: Listener) => object
}

interface Listener {
  errorHandler?: (error: unknown) => unknown
}

/** What was given to `getRequestListener`, by its listener. */
const listeners = new WeakMap<object, [fetch: Adaptor['fetch'], options: Listener]>()

function nodeServer(own: NodeServer): object {
  const createAdaptorServer = (options: Adaptor): unknown => {
    if (options.createServer !== undefined || options.websocket !== undefined)
      return own.createAdaptorServer?.(options)
    return make((request, context) => options.fetch(request, bindings(context)), { error: bare() })
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
  const [fetch, { errorHandler }] = listeners.get(Object(args.at(-1)) as object) ?? [undefined, {}]
  if (fetch === undefined) return Reflect.apply(createNodeServer, this, args) as never
  return make((request, context) => fetch(request, bindings(context)), {
    error: errorHandler ?? bare(),
  }) as never
} as typeof createNodeServer
syncBuiltinESMExports()

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
        const handler: Handler = (request, { request: { ip } }) => {
          const { waitUntil } = server
          Object.assign(request, { runtime: { name: 'node', node: {} }, waitUntil })
          Object.defineProperty(request, 'ip', { value: ip, enumerable: true })
          // Where its own functions look for the platform's.
          const platform = { get: () => (request as FetchRequest).native() }
          Object.defineProperty(request, '_request', platform)
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

/** What both projects answer for what fails: nothing, with a line on the console. */
function bare(isSilent = false): (error: unknown) => Response {
  return (error) => {
    if (!isSilent) console.error(error)
    return new Response(null, { status: 500 })
  }
}

Object.assign(globalThis, {
  [Symbol.for('fasthttp.suites.fetch')]: { 'node-server': nodeServer, srvx },
})

const log = process.env['FASTHTTP_REGISTER_LOG']
if (log !== undefined) {
  process.on('exit', () => {
    const counted = { pid: process.pid, servers, requests, fallbacks: 0 }
    appendFileSync(log, `${JSON.stringify(isMainThread ? counted : { ...counted, threadId })}\n`)
  })
}
