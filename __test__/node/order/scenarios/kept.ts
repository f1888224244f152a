import { get, post, type Scenario } from '../scenario.ts'

const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const LAST = 'Connection: close\r\n'

/** Connections of more than one request, and how they end. */
export const KEPT: readonly Scenario[] = [
  {
    name: 'one request, and the client leaves',
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get()).got('ok')
      await seen('res 1 close')
    },
  },
  {
    name: 'three requests, each behind its answer',
    handler: (req, res) => res.end(`answer ${req.url}`),
    async client({ connect, seen }) {
      const peer = await connect()
      for (const [i, path] of ['/a', '/b', '/c'].entries()) {
        await peer.send(get(path)).got(`answer ${path}`)
        await seen(`res ${i + 1} close`)
      }
    },
  },
  {
    name: 'the socket is the same for all requests, and the response has it until it is finished',
    handler(req, res, { note, held }) {
      note(`same ${req.socket === (held.socket ?? req.socket)} ${res.socket === req.socket}`)
      held.socket = req.socket
      res.on('finish', () => note(`on finish ${res.socket === null}`))
      res.on('close', () => note(`on close ${res.socket === null}`))
      res.end('ok')
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get()).got('ok')
      await seen('res 1 close')
      await peer.send(get()).got('ok', 2)
      await seen('res 2 close')
    },
  },
  {
    name: 'three pipelined GETs answered in reverse',
    handler(_req, res, { held, note }) {
      note(`has a socket ${res.socket !== null}`)
      if (held.all.length < 3) return
      for (const [i, other] of held.all.toReversed().entries()) other.end(`answer ${3 - i}`)
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get('/1') + get('/2') + get('/3')).got('answer 3')
      await seen('res 3 close')
    },
  },
  {
    name: 'two pipelined GETs, the second with pieces before the first has ended',
    handler(_req, res, { held }) {
      if (held.all.length < 2) return
      res.write('x')
      res.write('y')
      res.end('z')
      held.all[0]?.end('first')
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get('/1') + get('/2')).got('0\r\n\r\n')
      await seen('res 2 close')
    },
  },
  {
    name: 'two pipelined GETs, the first says Connection: close',
    handler: (_req, res) => res.setHeader('Connection', 'close').end('ok'),
    async client({ connect }) {
      const peer = await connect()
      await peer.send(get('/1') + get('/2')).ended()
    },
  },
  {
    name: 'the request says Connection: close',
    handler: (_req, res) => res.end('ok'),
    async client({ connect }) {
      await (await connect()).send(get('/', LAST)).ended()
    },
  },
  {
    name: 'the response says Connection: close, in pieces',
    handler(_req, res) {
      res.setHeader('Connection', 'close')
      res.write('a')
      res.end('b')
    },
    async client({ connect }) {
      await (await connect()).send(get()).ended()
    },
  },
  {
    name: 'HTTP/1.0 in pieces, which ends with the connection',
    handler(_req, res) {
      res.write('a')
      res.end('b')
    },
    async client({ connect }) {
      await (await connect()).send('GET / HTTP/1.0\r\n\r\n').ended()
    },
  },
  {
    name: 'HTTP/1.0 with keep-alive and a length',
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n').got('ok')
      await seen('res 1 close')
    },
  },
  {
    name: 'as many requests as a connection may have',
    setup: (server) => void (server.maxRequestsPerSocket = 2),
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get()).got('ok')
      await seen('res 1 close')
      await peer.send(get()).got('ok', 2)
      await seen('res 2 close')
    },
  },
  {
    name: 'one more than that, pipelined',
    setup(server, { note }) {
      server.maxRequestsPerSocket = 1
      server.on('dropRequest', (req) => note(`server dropRequest ${req.url}`))
    },
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get('/1') + get('/2')).got('503')
      await seen('server dropRequest')
    },
  },
  {
    name: 'one more than that, behind the answers',
    setup(server, { note }) {
      server.maxRequestsPerSocket = 1
      server.on('dropRequest', (req) => note(`server dropRequest ${req.url}`))
    },
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get('/1')).got('ok')
      await seen('res 1 close')
      await peer.send(get('/2')).got('503')
      await seen('server dropRequest')
    },
  },
  {
    name: 'fewer requests are allowed while it listens',
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen, server }) {
      const peer = await connect()
      await peer.send(get('/1')).got('ok')
      await seen('res 1 close')
      server.maxRequestsPerSocket = 2
      await peer.send(get('/2')).got('ok', 2)
      await seen('res 2 close')
      await peer.send(get('/3')).got('ok', 3)
      await seen('res 3 close')
    },
  },
  {
    name: 'a GET with a body in chunks behind an unanswered one',
    handler(req, _res, { held }) {
      if (req.url === '/1') return
      req.on('end', () => {
        held.all[1]?.end('second')
        held.all[0]?.end('first')
      })
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get('/1') + get('/2', CHUNKED) + '2\r\nhi\r\n0\r\n\r\n').got('second')
      await seen('res 2 close')
    },
  },
  {
    name: 'a GET whose body comes later behind an unanswered one, and a third',
    handler(req, res, { held }) {
      if (req.url === '/1') return
      if (req.url === '/3') return void res.end('third')
      req.on('end', () => {
        held.all[1]?.end('second')
        held.all[0]?.end('first')
      })
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get('/1') + get('/2', CHUNKED) + '2\r\nhi\r\n')
      await seen('req 2 data')
      await peer.send('0\r\n\r\n').got('second')
      await seen('res 2 close')
      await peer.send(get('/3')).got('third')
      await seen('res 3 close')
    },
  },
  {
    name: 'the first is answered while the body of the second comes',
    handler(req, _res, { held }) {
      if (req.url === '/2') req.on('end', () => held.all[1]?.end('second'))
    },
    async client({ connect, seen, held }) {
      const peer = await connect()
      peer.send(get('/1') + get('/2', CHUNKED) + '2\r\nhi\r\n')
      await seen('req 2 data')
      held.all[0]?.end('first')
      await peer.got('first')
      await seen('res 1 close')
      await peer.send('0\r\n\r\n').got('second')
      await seen('res 2 close')
    },
  },
  {
    name: 'a body that nobody reads, and a second request behind it',
    watched: { reqData: false },
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(post(5, 'hello')).got('ok')
      await seen('req 1 close')
      await peer.send(get('/2')).got('ok', 2)
      await seen('res 2 close')
    },
  },
  {
    name: 'a body that is answered before it has come',
    watched: { reqData: false },
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(post(5, 'he')).got('ok')
      await seen('res 1 close')
      peer.send('llo')
      await seen('req 1 close')
      await peer.send(get('/2')).got('ok', 2)
      await seen('res 2 close')
    },
  },
  {
    name: 'a body that is read on behind its answer',
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(post(5)).got('ok')
      await seen('res 1 close')
      peer.send(`hello${get('/2')}`)
      await seen('req 1 had 5 bytes')
      await peer.got('ok', 2)
      await seen('res 2 close')
    },
  },
  {
    name: 'a body that is read, and answered at its end',
    handler: (req, res) => void req.on('end', () => res.end('ok')),
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(post(5, 'he'))
      await seen('req 1 data')
      await peer.send('llo').got('ok')
      await seen('res 1 close')
    },
  },
  {
    name: 'a body in chunks',
    handler: (req, res) => void req.on('end', () => res.end('ok')),
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get('/', 'Transfer-Encoding: chunked\r\n', 'POST'))
      await peer.send('5\r\nhello\r\n0\r\n\r\n').got('ok')
      await seen('res 1 close')
    },
  },
]
