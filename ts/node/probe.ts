import http from 'node:http'
import type { Socket } from 'node:net'
import { Server as NetServer } from 'node:net'
import type { Lane } from '../crossing/lane.ts'
import { forbidden } from '../crossing/native.ts'
import {
  adopt,
  canTellUnreadable,
  missing,
  type OpenMessage,
  requestClassOf,
  responseClassOf,
} from './internals.ts'
import type { Server } from './server.ts'
import type { Serving } from './serving.ts'
import { HttpSocket } from './socket.ts'

/** Words of a record of which nothing is known: no address has its bits. */
const NOTHING = new Int32Array(64)

/** A server as far as its connections ask it for something. */
function serverOfNone(): http.Server {
  const nothing = { isKeptAlive: () => false }
  return Object.assign(new http.Server(), nothing)
}

/** Node's methods that ours are called by, or that ours call. */
function methods(): string | undefined {
  const found = NetServer.prototype as unknown as Record<string, unknown>
  return ['_listen2', '_emitCloseIfDrained']
    .filter((name) => typeof found[name] !== 'function')
    .map((name) => `net.Server has no ${name}`)[0]
}

/** The classes that node makes requests and responses by. */
function classes(): string | undefined {
  const server = Object.create(http.Server.prototype) as http.Server
  // As servers that inherit from it are made.
  ;(http.Server as unknown as (this: http.Server) => void).call(server)
  if (requestClassOf(server) !== http.IncomingMessage) return 'a server has no class of requests'
  if (responseClassOf(server) !== http.ServerResponse) return 'a server has no class of responses'
  if (typeof (server as unknown as { _events: unknown })._events !== 'object')
    return 'a server has no table of listeners'
  return undefined
}

/**
 * A response that nobody is told of: what its class is called for itself begins an entry of `perf_hooks` and an event
 * of the tracer, and these are of requests.
 */
function unheard(req: http.IncomingMessage): http.ServerResponse {
  const made = Reflect.construct(http.OutgoingMessage, [], http.ServerResponse) as object
  return Object.assign(made as http.ServerResponse, { req, sendDate: true })
}

/** Takes a connection, a request and an answer through node's code, with nobody at the other end. */
function answer(): string | undefined {
  const server = serverOfNone()
  const serving: Partial<Serving> = { cut: () => undefined }
  const socket = new HttpSocket(server as Server, serving as Serving, {} as Lane, NOTHING, 0)
  const real = socket as unknown as Socket
  if (typeof adopt(server, real) !== 'function') return 'a parser has no onIncoming'
  if (!canTellUnreadable()) return 'a connection has no listener of errors'
  socket.adopted()
  socket.setTimeout(1000)
  socket.setTimeout(0)
  if (socket.timeout !== 0) return 'a socket does not keep its time'
  const req = new http.IncomingMessage(real) as OpenMessage
  req._addHeaderLines(['Host', 'a', 'Cookie', 'b', 'Cookie', 'c'], 6)
  if (req.headers.host !== 'a' || req.headers.cookie !== 'b; c' || req.rawHeaders.length !== 6)
    return 'a request does not take lines of fields'
  let [written, isLast] = ['', false]
  Object.assign(socket, {
    write: (chunk: string | Uint8Array) => (written += String(chunk)) !== '',
    corkedByNode: () => (isLast = true),
  })
  const res = unheard(req)
  res.assignSocket(real)
  if (res.socket !== real) return 'a response does not take a socket'
  res.setHeader('X-Probe', '1')
  res.end('done')
  res.detachSocket(real)
  if (!/^HTTP\/1\.1 200 OK\r\n(.+\r\n)*X-Probe: 1\r\n/.test(written) || !written.endsWith('done'))
    return 'a response does not write to its socket'
  return isLast ? undefined : 'a response does not say which of its pieces is the last one'
}

/** What of this Node's internals is not as it is used here; `undefined` if all of it is. */
function misfitOf(): string | undefined {
  if (missing.length > 0) return `there is no ${missing.join(', ')}`
  try {
    return methods() ?? classes() ?? answer()
  } catch (error) {
    return String(error)
  }
}

/** Without the addon nobody has to look whether it fits. */
function misfitHere(): string | undefined {
  if (forbidden !== undefined) return forbidden
  const found = misfitOf()
  return found === undefined
    ? undefined
    : `the internals of Node ${process.version} do not fit: ${found}`
}

/** Why node's own server must do the work; `undefined` where ours can. */
export const misfit: string | undefined = misfitHere()
