import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { SocketShape } from './shape.ts'

// What is used of node's insides; all of it is looked up once, at load.

/** Node's parser of a connection, of which only this much is used. */
export interface Parser {
  /** Takes a request; what it returns is for the parser. */
  onIncoming: OnIncoming | null
}

/** Gives a request to its server: makes the response, tells who watches and emits the event. */
export type OnIncoming = (req: IncomingMessage, keepAlive: boolean) => number

/** A request as node's own code fills it. */
export interface OpenMessage extends IncomingMessage {
  _addHeaderLines(headers: string[], count: number): void
  _dump(): void
  _dumpAndCloseReadable?(): void
  readonly _eventsCount: number
  _dumped: boolean
  upgrade: boolean | null
  /** Somebody reads it, so that node's code does not drop what is unread behind the answer. */
  _consuming: boolean
  joinDuplicateHeaders: boolean | undefined
}

const { freeParser } = (process.getBuiltinModule?.('_http_common') ?? {}) as unknown as {
  freeParser: (parser: Parser, req: null, socket: Socket) => void
}

type ConnectionListener = (this: http.Server, socket: Socket) => void

const sample = new http.Server()
/** What node's server does with a connection: the half of a server that lives in closures. */
const connectionListener = sample.listeners('connection')[0] as ConnectionListener

/** Whether servers have a property of this name in this Node. */
export function serversHave(name: string): boolean {
  return name in sample
}

/** Has node's code read only connections that are not of the I/O threads. */
export function disarm(server: http.Server): void {
  server.removeListener('connection', connectionListener)
  server.on('connection', serveOther)
}

/** Somebody has emitted a connection of his own, or node accepts them. */
function serveOther(this: http.Server, socket: Socket): void {
  if (!(socket instanceof SocketShape)) connectionListener.call(this, socket)
}

/** Whether somebody waits for the connections of a disarmed server. */
export function tellsConnections(server: http.Server): boolean {
  return server.listeners('connection').some((listener) => listener !== serveOther)
}

/** Makes `socket` one of the server's as node's are: it is counted, and `close` is said behind its end. */
export function handOut(server: http.Server, socket: Socket): Socket {
  // The socket subtracts itself when it is destroyed.
  ;(server as unknown as { _connections: number })._connections++
  return Object.assign(socket, { server, _server: server, _httpMessage: null, parser: null })
}

type ErrorListener = (this: Socket, error: Error) => void

/** What node's code does about a connection that it cannot read on; one function for all of them. */
let onUnreadable: ErrorListener | undefined
/** The same of one that is silent for too long. */
let onTimeout: (() => void) | undefined

/** Has node's code tell the server that a connection cannot be read on, or answer that itself. */
export function tellUnreadable(socket: Socket, error: Error): void {
  onUnreadable?.call(socket, error)
}

/** Whether a connection was adopted whose node has that code. */
export function canTellUnreadable(): boolean {
  return typeof onUnreadable === 'function'
}

/**
 * Has node's code look after a connection that it does not read: time-outs, the order of answers, the
 * ends of requests. Gives the function that takes requests; its parser goes back where it came from.
 */
export function adopt(server: http.Server, socket: Socket): OnIncoming {
  connectionListener.call(server, socket)
  onUnreadable ??= socket.listeners('error')[0] as ErrorListener
  onTimeout ??= socket.listeners('timeout')[0] as () => void
  const { parser } = socket as Socket & { parser: Parser }
  const { onIncoming } = parser
  freeParser(parser, null, socket)
  return onIncoming as OnIncoming
}

/** Node's code does no longer look after a connection: what it listens to is taken back. */
export function disown(socket: Socket): void {
  for (const [event, ours] of [
    ['error', onUnreadable],
    ['timeout', onTimeout],
  ] as const)
    if (ours !== undefined) socket.removeListener(event, ours)
}

function symbolOf(object: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((one) => one.description === description)
}

const kIncomingMessage = symbolOf(sample, 'IncomingMessage')
const kServerResponse = symbolOf(sample, 'ServerResponse')

type Made = Record<symbol, unknown>

/** Under which a handle has whose it is. */
const kOwner = ownerSymbol()

function ownerSymbol(): symbol | undefined {
  const handle = {}
  const socket = new Socket({ handle, manualStart: true } as object)
  return Object.getOwnPropertySymbols(handle).find(
    (one) => (handle as Made)[one] === socket && one.description === 'owner_symbol',
  )
}

/** Says whose a handle is: who lists what keeps the process alive, or ends a cluster's worker, looks for that. */
export function own(handle: object, owner: object): void {
  ;(handle as Made)[kOwner!] = owner
}

/** What of that this Node does not have. */
export const missing: readonly string[] = Object.entries({
  'freeParser of _http_common': typeof freeParser === 'function',
  'listener of connection': typeof connectionListener === 'function',
  'symbol of IncomingMessage': kIncomingMessage !== undefined,
  'symbol of ServerResponse': kServerResponse !== undefined,
  'symbol of an owner': kOwner !== undefined,
}).flatMap(([what, isThere]) => (isThere ? [] : [what]))

/** The class of a server's requests. */
export function requestClassOf(server: http.Server): typeof IncomingMessage {
  return (server as unknown as Made)[kIncomingMessage!] as typeof IncomingMessage
}

/** Has a server make its responses by this class. */
export function setResponseClass(server: http.Server, made: typeof ServerResponse): void {
  ;(server as unknown as Made)[kServerResponse!] = made
}

/** The class of a server's responses. */
export function responseClassOf(server: http.Server): typeof ServerResponse {
  return (server as unknown as Made)[kServerResponse!] as typeof ServerResponse
}
