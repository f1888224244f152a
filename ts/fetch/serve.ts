import { show } from '../errors.ts'
import {
  createServer as createPlainServer,
  type ListenOptions,
  type OnError,
  type Server,
  type ServerOptions,
} from '../index.ts'
import type { Keep } from './context.ts'
import { type FetchHandler, type FetchHandlerOptions, handlerOf, watched } from './handler.ts'

/** Options of a server, and what becomes of a handler's errors. */
export interface FetchServerOptions extends ServerOptions {
  /** See `FetchHandlerOptions`. Default: everything that a handler throws is 500. */
  error?: NonNullable<FetchHandlerOptions['error']>
}

/** A handler, where to listen, and options of a server. */
export interface ServeOptions extends FetchServerOptions, Omit<ListenOptions, 'host' | 'port'> {
  /** Answers the requests. */
  fetch: FetchHandler
  /** 0 lets the kernel choose: `address()` says what. Default 3000, and none with `fd` or `systemd`. */
  port?: number
  /** An address or a name. Default: all addresses, IPv6 and IPv4. */
  hostname?: string
}

/**
 * Makes a server out of a fetch handler. Bodies come as they are read (`bodyMode: 'stream'`) unless the
 * options say otherwise. Throws `TypeError` or `RangeError` naming a wrong option and its value.
 *
 * @example
 * ```ts
 * import { createServer } from 'fasthttp/fetch'
 *
 * const server = createServer(
 *   async (req) => Response.json({ length: (await req.text()).length }),
 *   { error: () => new Response('Sorry', { status: 500 }) },
 * )
 * await server.listen(3000)
 * ```
 */
export function createServer(fetch: FetchHandler, options: FetchServerOptions = {}): Server {
  if (options === null || typeof options !== 'object') {
    throw new TypeError(`options must be an object, got ${show(options)}`)
  }
  const { error, ...rest } = options
  const work = new Set<PromiseLike<unknown>>()
  const handler = handlerOf(fetch, error, keeping(work, rest.onError))
  return waitingFor(work, createPlainServer(handler, { bodyMode: 'stream', ...rest }))
}

/**
 * Makes a server out of a fetch handler and listens. Resolves to the server when clients can connect;
 * rejects as `listen` does, and with what `createServer` throws.
 *
 * @example
 * ```ts
 * import { serve } from 'fasthttp/fetch'
 *
 * const server = await serve({ fetch: (req) => new Response(`Hello, ${req.url}`), port: 3000 })
 * process.once('SIGTERM', () => void server.close())
 * ```
 */
export async function serve(options: ServeOptions): Promise<Server> {
  if (options === null || typeof options !== 'object') {
    throw new TypeError(`options must be an object, got ${show(options)}`)
  }
  const { fetch, port, hostname, path, fd, systemd, ...others } = options
  const { notify, backlog, ipv6Only, reusePort, signal, ...rest } = others
  const fallback = fd === undefined && systemd === undefined ? 3000 : undefined
  const place = path === undefined ? { port: port ?? fallback, host: hostname } : { path }
  // An option of `listen` that is not named here does not compile.
  const named: Record<Exclude<keyof ListenOptions, 'host' | 'port' | 'path'>, unknown> = {
    fd,
    systemd,
    notify,
    backlog,
    ipv6Only,
    reusePort,
    signal,
  }
  const given = Object.entries({ ...place, ...named }).filter(([, value]) => value !== undefined)
  return createServer(fetch, rest).listen(Object.fromEntries(given) as ListenOptions)
}

function keeping(work: Set<PromiseLike<unknown>>, onError: OnError | undefined): Keep {
  return (one, req) => {
    const kept = watched(one, req, onError).finally(() => work.delete(kept))
    work.add(kept)
  }
}

/** Has `close` wait for work that goes on behind answers. */
function waitingFor(work: ReadonlySet<PromiseLike<unknown>>, server: Server): Server {
  const close = server.close.bind(server)
  const closeBehind: Server['close'] = async (options) => {
    await close(options)
    // Work may bring more of it.
    while (work.size > 0) await Promise.all(work)
  }
  Object.defineProperty(server, 'close', { configurable: true, writable: true, value: closeBehind })
  return server
}
