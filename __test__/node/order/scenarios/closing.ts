import { get, post, type Scenario } from '../scenario.ts'

const LAST = 'Connection: close\r\n'

/** Servers that are closed. */
export const CLOSING: readonly Scenario[] = [
  {
    name: 'close with an idle connection',
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen, server, note }) {
      const peer = await connect()
      await peer.send(get()).got('ok')
      await seen('res 1 close')
      server.close(() => note('close calls back'))
      await peer.ended()
      await seen('close calls back')
    },
  },
  {
    name: 'close with a connection that has said nothing',
    async client({ connect, seen, server, note }) {
      const peer = await connect()
      await seen('socket 1 connection')
      server.close(() => note('close calls back'))
      await peer.finish().ended()
      await seen('close calls back')
    },
  },
  {
    name: 'close within a request, which is answered',
    // Node lets a connection be that has answered, until it has been idle for long.
    options: { keepAliveTimeout: 50, connectionsCheckingInterval: 20 } as Scenario['options'] &
      object,
    rounds: 2,
    async client({ connect, seen, server, note, held }) {
      const peer = await connect()
      peer.send(get())
      await seen('req 1 request')
      server.close(() => note('close calls back'))
      held.res?.end('ok')
      await peer.ended()
      await seen('close calls back')
    },
  },
  {
    name: 'close within a request, and another one follows',
    handler: (req, res) => void (req.url === '/2' && res.end('second')),
    async client({ connect, seen, server, note, held }) {
      const peer = await connect()
      peer.send(get('/1'))
      await seen('req 1 request')
      server.close(() => note('close calls back'))
      held.res?.end('first')
      await peer.got('first')
      await seen('res 1 close')
      await peer.send(get('/2', LAST)).ended()
      await seen('close calls back')
    },
  },
  {
    name: 'close within a pipelined request',
    async client({ connect, seen, server, note, held }) {
      const peer = await connect()
      peer.send(get('/1') + get('/2') + get('/3', LAST))
      await seen('req 3 request')
      server.close(() => note('close calls back'))
      for (const res of held.all) res.end('ok')
      await peer.ended()
      await seen('close calls back')
    },
  },
  {
    name: 'close with a connection that has said nothing, and asks then',
    // Since Node 26 that is an idle one.
    until: 26,
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen, server, note }) {
      const peer = await connect()
      await seen('socket 1 connection')
      server.close(() => note('close calls back'))
      await peer.send(get('/', LAST)).got('ok')
      await peer.ended()
      await seen('close calls back')
    },
  },
  {
    name: 'close within a body',
    handler: (req, res) => void req.on('end', () => res.end('ok')),
    async client({ connect, seen, server, note }) {
      const peer = await connect()
      peer.send(post(5, 'he', LAST))
      await seen('req 1 data')
      server.close(() => note('close calls back'))
      await peer.send('llo').ended()
      await seen('close calls back')
    },
  },
  {
    name: 'closeAllConnections within a request',
    async client({ connect, seen, server }) {
      const peer = await connect()
      peer.send(get())
      await seen('req 1 request')
      server.closeAllConnections()
      await peer.ended()
    },
  },
  {
    name: 'closeIdleConnections with one idle and one busy',
    handler: (req, res) => void (req.url === '/idle' && res.end('ok')),
    async client({ connect, seen, server, held }) {
      const idle = await connect()
      await idle.send(get('/idle')).got('ok')
      await seen('res 1 close')
      const busy = await connect()
      busy.send(get('/busy'))
      await seen('req 2 request')
      server.closeIdleConnections()
      await idle.ended()
      held.res?.end('still here')
      await busy.got('still here')
      await seen('res 2 close')
    },
  },
  {
    name: 'close twice, and close of a server that never listened',
    async client({ server, note, seen }) {
      server.close((error) => note(`first [${(error as NodeJS.ErrnoException)?.code}]`))
      server.close((error) => note(`second [${(error as NodeJS.ErrnoException)?.code}]`))
      await seen('second')
      await seen('first')
    },
  },
  {
    name: 'connections are counted',
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen, server, note }) {
      const peer = await connect()
      await peer.send(get()).got('ok')
      await seen('res 1 close')
      server.getConnections((error, count) => note(`connections ${error} ${count}`))
      await seen('connections')
    },
  },
]
