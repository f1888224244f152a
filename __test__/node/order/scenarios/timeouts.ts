import type { Duplex } from 'node:stream'
import { get, post, type Scenario } from '../scenario.ts'

/** Milliseconds, of which the least is known and the most is not. */
const SHORT = 60
/** Milliseconds, of which a third is waited each time and all of it never. */
const LONG = 600
/** How often a server looks at its connections. */
const LOOKS = { connectionsCheckingInterval: 20 }
const rounds = 3

/** Says what came, and answers. */
function late(
  note: (line: string) => void,
): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  return (error, socket) => {
    note(`server clientError [${error.code}]`)
    socket.end('HTTP/1.1 408 Mine\r\n\r\n')
  }
}

/** Connections on which nothing happens, or too slowly. */
export const TIMEOUTS: readonly Scenario[] = [
  {
    name: 'server.setTimeout with a callback, no answer',
    rounds,
    setup: (server, { note, held }) =>
      void server.setTimeout(SHORT, (socket) => {
        note(`server timeout ${socket === held.req?.socket}`)
        socket.destroy()
      }),
    async client({ connect }) {
      await (await connect()).send(get()).ended()
    },
  },
  {
    name: 'server.timeout without a listener, no answer',
    rounds,
    setup: (server) => void (server.timeout = SHORT),
    async client({ connect }) {
      await (await connect()).send(get()).ended()
    },
  },
  {
    name: 'server.timeout without a request',
    rounds,
    setup: (server) => void (server.timeout = SHORT),
    async client({ connect }) {
      await (await connect()).ended()
    },
  },
  {
    name: 'socket.setTimeout with a callback, no answer',
    rounds,
    handler: (req, _res, { note }) =>
      void req.socket.setTimeout(SHORT, () => {
        note('socket timeout')
        req.socket.destroy()
      }),
    async client({ connect }) {
      await (await connect()).send(get()).ended()
    },
  },
  {
    name: 'req.setTimeout with a callback that answers',
    rounds,
    handler: (req, res, { note }) =>
      void req.setTimeout(SHORT, () => {
        note('req timeout')
        res.end('late')
      }),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(post(5, 'he')).got('late')
      await seen('res 1 close')
    },
  },
  {
    name: 'res.setTimeout with a callback that answers',
    rounds,
    handler: (_req, res, { note }) =>
      void res.setTimeout(SHORT, () => {
        note('res timeout')
        res.end('late')
      }),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(post(5, 'he')).got('late')
      await seen('res 1 close')
    },
  },
  {
    name: 'socket.setTimeout is taken back',
    rounds,
    handler(req, res, { note }) {
      req.socket.setTimeout(SHORT, () => note('socket timeout'))
      req.socket.setTimeout(0)
      setTimeout(() => res.end('ok'), SHORT * 2)
    },
    async client({ connect, seen }) {
      await (await connect()).send(get()).got('ok')
      await seen('res 1 close')
    },
  },
  {
    name: 'keepAliveTimeout behind an answer',
    rounds,
    options: { keepAliveTimeout: SHORT, ...LOOKS },
    handler: (_req, res) => res.end('ok'),
    async client({ connect }) {
      await (await connect()).send(get()).ended()
    },
  },
  {
    name: 'keepAliveTimeout behind an answer; timeout is listened to',
    rounds,
    options: { keepAliveTimeout: SHORT, ...LOOKS },
    setup: (server, { note }) =>
      void server.on('timeout', (socket) => {
        note('server timeout')
        socket.destroy()
      }),
    handler: (_req, res) => res.end('ok'),
    async client({ connect }) {
      await (await connect()).send(get()).ended()
    },
  },
  {
    name: 'headersTimeout before the first byte; nobody listens',
    rounds,
    options: { headersTimeout: SHORT, requestTimeout: SHORT, ...LOOKS },
    async client({ connect }) {
      await (await connect()).ended()
    },
  },
  {
    name: 'headersTimeout within a head; nobody listens',
    rounds,
    options: { headersTimeout: SHORT, requestTimeout: SHORT, ...LOOKS },
    async client({ connect }) {
      await (await connect()).send('GET / HTTP/1.1\r\n').ended()
    },
  },
  {
    name: 'headersTimeout within a head; clientError is listened to',
    rounds,
    options: { headersTimeout: SHORT, requestTimeout: SHORT, ...LOOKS },
    setup: (server, { note }) =>
      void server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
        note(`server clientError [${error.code}]`)
        socket.end('HTTP/1.1 408 Mine\r\n\r\n')
      }),
    async client({ connect }) {
      await (await connect()).send('GET / HTTP/1.1\r\n').ended()
    },
  },
  {
    name: 'requestTimeout within a head, which is shorter than headersTimeout',
    rounds,
    options: LOOKS,
    setup(server, { note }) {
      server.requestTimeout = SHORT
      server.on('clientError', late(note))
    },
    handler: (_req, res) => res.end('ok'),
    async client({ connect }) {
      await (await connect()).send(get() + 'GET / HTTP/1.1\r\n').ended()
    },
  },
  {
    name: 'keepAliveTimeout, changed while it listens',
    rounds,
    options: { keepAliveTimeout: 60_000, ...LOOKS },
    handler: (_req, res) => res.end('ok'),
    async client({ connect, server }) {
      const peer = await connect()
      server.keepAliveTimeout = SHORT
      await peer.send(get()).ended()
    },
  },
  {
    name: 'headersTimeout, changed within a head',
    rounds,
    options: LOOKS,
    setup: (server, { note }) => void server.on('clientError', late(note)),
    handler: (_req, res) => res.end('ok'),
    async client({ connect, server, seen }) {
      const peer = await connect()
      peer.send(get() + 'GET / HTTP/1.1\r\n')
      await seen('res 1 close')
      server.headersTimeout = SHORT
      await peer.ended()
    },
  },
  {
    name: 'requestTimeout, changed within a body',
    rounds,
    options: LOOKS,
    setup: (server, { note }) => void server.on('clientError', late(note)),
    async client({ connect, server, seen }) {
      const peer = await connect()
      peer.send(post(5, 'he'))
      await seen('req 1 data')
      // Node takes the longer of both for the one of the request.
      server.headersTimeout = SHORT
      server.requestTimeout = SHORT
      await peer.ended()
    },
  },
  {
    name: 'requestTimeout within a body; nobody listens',
    rounds,
    options: { headersTimeout: SHORT, requestTimeout: SHORT, ...LOOKS },
    async client({ connect }) {
      await (await connect()).send(post(5, 'he')).ended()
    },
  },
  {
    name: 'server.timeout, and pieces of an answer that are written in time',
    rounds,
    setup: (server) => void (server.timeout = LONG),
    handler(_req, res) {
      let left = 6
      const write = (): void => {
        if (left-- === 0) return void res.end('end')
        res.write('piece')
        setTimeout(write, LONG / 3)
      }
      write()
    },
    async client({ connect, seen }) {
      await (await connect()).send(get()).got('end')
      await seen('res 1 close')
    },
  },
  {
    name: 'socket.setTimeout, and requests that come in time',
    rounds,
    options: { keepAliveTimeout: 0 },
    setup: (server) => void server.setTimeout(LONG),
    handler: (req, res) => res.end(`for ${req.url}`),
    async client({ connect, seen }) {
      const peer = await connect()
      for (let i = 1; i <= 6; i++) {
        await peer.send(get(`/${i}`)).got(`for /${i}`)
        await seen(`res ${i} close`)
        await new Promise((resolve) => setTimeout(resolve, LONG / 3))
      }
    },
  },
  {
    name: 'time-outs that are none',
    handler(req, res, { note }) {
      for (const ms of [-1, Number.NaN, Infinity, 'abc', null, '5']) {
        try {
          req.socket.setTimeout(ms as number)
          note(`accepted ${ms}`)
        } catch (error) {
          note(`${(error as NodeJS.ErrnoException).code} ${(error as Error).message}`)
        }
      }
      res.end('done')
    },
    async client({ connect, seen }) {
      await (await connect()).send(get()).got('done')
      await seen('res 1 close')
    },
  },
]
