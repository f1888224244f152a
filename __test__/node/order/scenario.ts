import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net'
import { within } from '../../support/deadline.ts'
import { Peer } from './peer.ts'
import { Record, type Watched, watchRequest, watchServer, watchSocket } from './record.ts'

/** Makes servers: `createServer` of node:http, or what takes its place. */
export type CreateServer = (options: ServerOptions) => Server

/**
 * How a server listens and is listened to. `given`: somebody else has opened the socket that it listens with.
 * `quiet`: nobody listens to `connection`, and connections are watched from their first request on. `threads`: it
 * has I/O threads, which node's does not know.
 */
export type Way = 'plain' | 'given' | 'quiet' | 'threads'

/** A quiet scenario waits for a connection to be told of. */
export class Unheard extends Error {}

/** What a handler and a client of a scenario share. */
export interface Stage {
  readonly record: Record
  readonly server: Server
  /** Whatever they pass to each other. */
  readonly held: {
    req?: IncomingMessage
    res?: ServerResponse
    socket?: Socket
    all: ServerResponse[]
  }
  /** Opens a connection. */
  connect(): Promise<Peer>
  /** Waits for the beginning of a line. */
  seen(start: string, times?: number): Promise<void>
  /** Writes a line. */
  note(line: string): void
}

/** Something that happens between a client and a server. */
export interface Scenario {
  readonly name: string
  readonly options?: ServerOptions & { readonly connectionsCheckingInterval?: number }
  readonly watched?: Watched
  /** Listeners of the server besides `connection`, `request` and `close`. */
  readonly setup?: (server: Server, stage: Stage) => void
  readonly handler?: (req: IncomingMessage, res: ServerResponse, stage: Stage) => void
  readonly client: (stage: Stage) => Promise<void>
  /** Runs with stock; fewer for those that wait for a clock. */
  readonly rounds?: number
  /** The versions of Node that have what it is about; all without. */
  readonly since?: number
  /** The first version that has it no more. */
  readonly until?: number
}

/** Lets everything that is due happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Has a server listen by a handle that somebody else has opened. */
async function listenByHandle(server: Server): Promise<void> {
  const holder = createNetServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  server.listen(holder)
}

/** Plays a scenario once; gives the lines of what happened. */
export async function play(
  scenario: Scenario,
  createServer: CreateServer,
  way: Way,
): Promise<string[]> {
  const record = new Record()
  const peers: Peer[] = []
  const threads = way === 'threads' ? { ioThreads: 2 } : {}
  const server = createServer({ ...scenario.options, ...threads })
  const stage: Stage = {
    record,
    server,
    held: { all: [] },
    async connect() {
      const peer = await Peer.to((server.address() as AddressInfo).port)
      peers.push(peer)
      return peer
    },
    seen(start, times) {
      if (way === 'quiet' && /^socket \d+ connection/.test(start)) throw new Unheard()
      return record.seen(start, times)
    },
    note: (line) => record.note(line),
  }
  const watched = scenario.watched ?? {}
  const uncaught = (error: Error): void => record.note(`uncaught [${error.message}]`)
  process.on('uncaughtException', uncaught)
  watchServer(record, server)
  const met = new Set<Socket>()
  const meet = (socket: Socket): void => {
    if (!met.has(socket)) watchSocket(record, socket, watched)
    met.add(socket)
  }
  if (way !== 'quiet') server.on('connection', meet)
  server.on('request', (req, res) => {
    meet(req.socket)
    watchRequest(record, 'request', req, res, watched)
    stage.held.req = req
    stage.held.res = res
    stage.held.all.push(res)
    scenario.handler?.(req, res, stage)
  })
  scenario.setup?.(server, stage)
  try {
    if (way === 'given') await listenByHandle(server)
    else server.listen(0, '127.0.0.1')
    if (!server.listening) await once(server, 'listening')
    await scenario.client(stage)
    await finish(stage, peers)
  } finally {
    for (const peer of peers) peer.leave()
    server.closeAllConnections()
    process.off('uncaughtException', uncaught)
  }
  return [...record.lines, ...peers.flatMap((peer, i) => peer.lines(i + 1))]
}

/** Ends clients and server; every connection that was told of has to be told of as closed. */
async function finish({ record, server }: Stage, peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) peer.leave()
  const opened = record.lines.filter((line) => /^socket \d+ connection/.test(line)).length
  for (let i = 1; i <= opened; i++) await record.seen(`socket ${i} close`)
  await settle()
  if (server.listening) {
    const closed = new Promise((resolve) => server.close(resolve))
    await within('close of the server', closed)
  }
  await settle()
}

/** The head of a GET, or of another request without a body. */
export function get(path = '/', fields = '', method = 'GET'): string {
  return `${method} ${path} HTTP/1.1\r\nHost: a.test\r\n${fields}\r\n`
}

/** A POST that says so many bytes, and has these. */
export function post(length: number, body = '', fields = ''): string {
  return `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${length}\r\n${fields}\r\n${body}`
}
