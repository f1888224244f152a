import { get, post, type Scenario } from '../scenario.ts'
import { type Point, WITHIN } from './within.ts'

interface ParseError extends NodeJS.ErrnoException {
  readonly bytesParsed?: number
  readonly rawPacket?: Buffer
}

/** What clients do that leave too early, by the point where they do. */
const POINTS: readonly Point[] = [
  {
    name: 'before the body',
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(post(5))
      await seen('req 1 request')
      peer.leave()
      await seen('res 1 close')
    },
  },
  {
    name: 'within the body',
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(post(5, 'he'))
      await seen('req 1 request')
      peer.leave()
      await seen('res 1 close')
    },
  },
  ...WITHIN,
  {
    name: 'before the answer',
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get())
      await seen('req 1 request')
      peer.leave()
      await seen('res 1 close')
    },
  },
  {
    name: 'within the answer',
    handler: (_req, res) => void res.write('begin'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get()).got('begin')
      peer.leave()
      await seen('res 1 close')
    },
  },
  {
    name: 'within the answer, which is written on',
    handler(_req, res, { note }) {
      res.write('begin')
      res.on('close', () => {
        note(`write says ${res.write('more')}`)
        res.end('end', () => note('end calls back'))
      })
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get()).got('begin')
      peer.leave()
      await seen('res 1 close')
    },
  },
  {
    name: 'before the answer, which is given all the same',
    handler(_req, res, { note }) {
      res.on('close', () => {
        note(`has a socket ${res.socket !== null}`)
        res.end('ok', () => note('end calls back'))
      })
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get())
      await seen('req 1 request')
      peer.leave()
      await seen('res 1 close')
    },
  },
  {
    name: 'with three pipelined requests unanswered',
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get('/1') + get('/2') + get('/3'))
      await seen('req 3 request')
      peer.leave()
      // Responses whose turn had not come are not told.
      await seen('res 1 close')
      await seen('req 3 close')
    },
  },
  {
    name: 'within a body in chunks',
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get('/', 'Transfer-Encoding: chunked\r\n', 'POST')).send('5\r\nhe')
      await seen('req 1 request')
      peer.leave()
      await seen('res 1 close')
    },
  },
]

/** The same with other listeners: `error` of a request comes only to those who listen. */
const ABORTS: readonly Scenario[] = POINTS.flatMap((point) => [
  { ...point, name: `the client leaves ${point.name}` },
  {
    ...point,
    name: `the client leaves ${point.name}; nobody reads, nobody hears errors`,
    watched: { reqError: false, reqData: false },
  },
])

const HALF = 'GET /half HTTP/1.1\r\nHost: a.te'

/** What is sent before FIN: the name, the bytes, and what is waited for then. */
const TRUNCATED: readonly (readonly [name: string, bytes: string, until: string])[] = [
  ['a request line', 'GET / HT', 'socket 1 connection'],
  ['a head', HALF, 'socket 1 connection'],
  ['a second head', get('/1') + HALF, 'res 1 close'],
  ['a body, later', post(5, 'he'), 'req 1 data'],
  [
    'a body in chunks',
    get('/', 'Transfer-Encoding: chunked\r\n', 'POST') + '5\r\nhe',
    'req 1 data',
  ],
]

function truncated([name, bytes, until]: (typeof TRUNCATED)[number], listens: boolean): Scenario {
  return {
    name: `FIN within ${name}; ${listens ? 'clientError is listened to' : 'nobody listens'}`,
    handler: (req, res) => void (req.url === '/1' && res.end('ok')),
    setup(server, { note }) {
      if (!listens) return
      server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
        const { code, message, bytesParsed, rawPacket } = error as ParseError
        note(`server clientError [${code}] ${message}, ${bytesParsed}, ${typeof rawPacket}`)
        note(`readable ${socket.readable}, writable ${socket.writable}`)
        socket.end('HTTP/1.1 400 Mine\r\n\r\n')
      })
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(bytes)
      await seen(until)
      await peer.finish().ended()
    },
  }
}

/** When a client resets, what it has sent by then, and what is seen before. */
const RESETS: readonly (readonly [when: string, bytes: string, seen: string])[] = [
  ['before it has sent anything', '', 'socket 1 connection'],
  ['between two requests', get('/end'), 'res 1 finish'],
  ['within the second head', `${get('/end')}GET /`, 'res 1 finish'],
  ['before its answer', get('/none'), 'req 1 request'],
  ['within its answer', get('/part'), 'req 1 request'],
]

function reset([when, bytes, until]: (typeof RESETS)[number], listens: boolean): Scenario {
  return {
    name: `a client resets ${when}; ${listens ? 'clientError is listened to' : 'nobody listens'}`,
    watched: { socketError: true },
    handler(req, res) {
      if (req.url === '/end') res.end('ok')
      if (req.url === '/part') res.write('o')
    },
    setup(server, { note }) {
      if (!listens) return
      server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
        const { code, errno, syscall, message } = error
        note(`server clientError [${code}] ${errno} ${syscall} ${message}`)
        note(`writable ${socket.writable}, destroyed ${socket.destroyed}`)
        socket.end('HTTP/1.1 400 Mine\r\n\r\n')
      })
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(bytes)
      await seen(until)
      peer.reset()
      await seen('socket 1 close')
    },
  }
}

/** Clients that leave, or say that they will say no more. */
export const LEAVING: readonly Scenario[] = [
  ...ABORTS,
  {
    name: 'the client ends its side while what is written is gathered',
    handler(_req, res, { note }) {
      res.cork()
      res.write('begin', (error) => note(`write [${error?.message}]`))
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get())
      await seen('req 1 request')
      await peer.finish().ended()
      await seen('socket 1 close')
    },
  },
  {
    name: 'the client resets within the body',
    watched: { socketError: true },
    setup: (server, { note }) =>
      void server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
        note(`server clientError [${error.code}]`)
        socket.destroy(error)
      }),
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(post(5, 'he'))
      await seen('req 1 data')
      peer.reset()
      await seen('res 1 close')
    },
  },
  {
    name: 'the client resets before the answer',
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get())
      await seen('req 1 request')
      peer.reset()
      await seen('res 1 close')
    },
  },
  {
    name: 'FIN behind the request, which is answered later',
    async client({ connect, seen, held }) {
      const peer = await connect()
      peer.send(get()).finish()
      await seen('req 1 end')
      held.res?.end('ok')
      await peer.ended()
    },
  },
  {
    name: 'FIN behind two requests; half-open is allowed',
    setup: (server) => void Object.assign(server, { httpAllowHalfOpen: true }),
    handler: (req, res) => void setTimeout(() => res.end(req.url), 20),
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get('/1') + get('/2')).finish()
      await seen('res 2 close')
      await peer.ended()
    },
  },
  {
    name: 'FIN behind the request, which is answered at once',
    handler: (_req, res) => res.end('ok'),
    async client({ connect }) {
      const peer = await connect()
      await peer.send(get()).finish().ended()
    },
  },
  {
    name: 'FIN within the body',
    async client({ connect }) {
      const peer = await connect()
      await peer.send(post(5, 'he')).finish().ended()
    },
  },
  {
    name: 'FIN within the body; clientError is listened to',
    setup: (server, { note }) =>
      void server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
        note(`server clientError [${error.code}]`)
        socket.end('HTTP/1.1 400 Mine\r\n\r\n')
      }),
    async client({ connect }) {
      const peer = await connect()
      await peer.send(post(5, 'he')).finish().ended()
    },
  },
  ...[true, false].flatMap((listens) => TRUNCATED.map((one) => truncated(one, listens))),
  ...[true, false].flatMap((listens) => RESETS.map((one) => reset(one, listens))),
  {
    name: 'a connection without a request',
    async client({ connect, seen }) {
      const peer = await connect()
      await seen('socket 1 connection')
      await peer.finish().ended()
    },
  },
  {
    name: 'FIN between two requests',
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get()).got('ok')
      await seen('res 1 close')
      await peer.finish().ended()
    },
  },
]
