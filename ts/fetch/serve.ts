import { Numbered } from '../crossing/numbered.ts'
import { checkNames, show } from '../errors.ts'
import {
  createServer as createPlainServer,
  type ListenOptions,
  type OnError,
  type Server,
  type ServerOptions,
} from '../index.ts'
import { OPTION_NAMES } from '../server/options.ts'
import type { Keep } from './context.ts'
import { endingBehind, type Work } from './ending.ts'
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
  /** 0 lets the kernel choose: `address()` says what. Default 3000, and none with `path`, `fd` or `systemd`. */
  port?: number
  /** An address or a name. Default: all addresses, IPv6 and IPv4. */
  hostname?: string
}

type ListenName = Exclude<keyof ListenOptions, 'host' | 'port' | 'path'>

/** Of `serve` these are for `listen`. One that is not named here does not compile. */
const LISTEN_NAMES: Record<ListenName, true> = {
  fd: true,
  systemd: true,
  notify: true,
  backlog: true,
  ipv6Only: true,
  reusePort: true,
  signal: true,
}

const NAMES = ['error', ...OPTION_NAMES]
const SERVE_NAMES = ['fetch', 'hostname', 'port', 'path', ...Object.keys(LISTEN_NAMES), ...NAMES]

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
  checkNames('option of createServer', options, NAMES)
  const { error, ...rest } = options
  const work: Work = new Numbered()
  const handler = handlerOf(fetch, error, keeping(work, rest.onError))
  return endingBehind(work, createPlainServer(handler, { bodyMode: 'stream', ...rest }))
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
  checkNames('option of serve', options, SERVE_NAMES)
  checkPlace(options)
  const { fetch, port, hostname, path, ...others } = options
  const isElsewhere = [path, options.fd, options.systemd].some((given) => given !== undefined)
  const place = { path, port: port === undefined && !isElsewhere ? 3000 : port, host: hostname }
  const given = Object.entries(others).filter(([, value]) => value !== undefined)
  const [toListen, toServe] = [true, false].map((isOfListen) =>
    Object.fromEntries(given.filter(([name]) => Object.hasOwn(LISTEN_NAMES, name) === isOfListen)),
  )
  const where = Object.entries({ ...place, ...toListen }).filter(([, value]) => value !== undefined)
  return createServer(fetch, toServe).listen(Object.fromEntries(where) as ListenOptions)
}

/** What `listen` would say of a `host`, which nobody has given. */
function checkPlace({ path, fd, systemd, port, hostname }: ServeOptions): void {
  if (hostname !== undefined && typeof hostname !== 'string') {
    throw new TypeError(`hostname must be a string, got ${show(hostname)}`)
  }
  if (path !== undefined && (port !== undefined || hostname !== undefined)) {
    throw new TypeError(`path ${show(path)} excludes port and hostname`)
  }
  if (hostname === undefined || (fd === undefined && systemd === undefined)) return
  throw new TypeError(`${fd === undefined ? 'systemd' : 'fd'} excludes hostname`)
}

function keeping(work: Work, onError: OnError | undefined): Keep {
  let last = 0
  return (one, req) => {
    const number = (last = (last + 1) | 0)
    const kept = watched(one, req, onError).finally(() => void work.delete(number))
    work.set(number, kept)
  }
}
