import type { Server } from 'node:http'
import { get, post, type Scenario, type Stage } from '../scenario.ts'

/** Requests that are no requests. */
const MALFORMED: [name: string, bytes: string][] = [
  ['a request line that is none', 'NONSENSE\r\n\r\n'],
  ['a field without a colon', 'GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n'],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  ['too large a head', get('/', `A: ${'x'.repeat(20_000)}\r\n`)],
  ['a version that nobody has', 'GET / HTTP/9.9\r\nHost: a\r\n\r\n'],
  ['an unknown method', 'FETCH / HTTP/1.1\r\nHost: a\r\n\r\n'],
]

function listen(server: Server, { note }: Stage): void {
  server.on('clientError', (error: NodeJS.ErrnoException & { bytesParsed?: number }, socket) => {
    const { code, bytesParsed } = error
    const packet = (error as { rawPacket?: Buffer }).rawPacket
    note(`server clientError [${code}] ${typeof bytesParsed} ${packet?.length} ${socket.writable}`)
    socket.end('HTTP/1.1 400 Mine\r\nConnection: close\r\n\r\n')
  })
}

const ended: Scenario['client'] = async ({ connect }) => {
  await (await connect()).ended()
}

/** What servers refuse. */
export const REFUSED: readonly Scenario[] = [
  ...MALFORMED.flatMap(([name, bytes]): Scenario[] => {
    const client: Scenario['client'] = async ({ connect }) => {
      await (await connect()).send(bytes).ended()
    }
    const handler: Scenario['handler'] = (_req, res) => res.end('ok')
    return [
      { name: `${name}; nobody listens`, handler, client },
      { name: `${name}; clientError is listened to`, handler, client, setup: listen },
      {
        name: `${name}; its socket is listened to`,
        handler,
        client,
        watched: { socketError: true },
      },
      {
        name: `${name}; both are listened to`,
        handler,
        client,
        setup: listen,
        watched: { socketError: true },
      },
    ]
  }),
  {
    name: 'nonsense behind a request; clientError is listened to',
    handler: (_req, res) => res.end('ok'),
    setup: listen,
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get()).got('ok')
      await seen('res 1 close')
      await peer.send('nonsense\r\n\r\n').ended()
    },
  },
  {
    name: 'a chunk size that is none',
    setup: listen,
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get('/', 'Transfer-Encoding: chunked\r\n', 'POST'))
      await seen('req 1 request')
      await peer.send('nonsense\r\n').ended()
    },
  },
  {
    name: 'a chunk size that is none; nobody listens',
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get('/', 'Transfer-Encoding: chunked\r\n', 'POST'))
      await seen('req 1 request')
      await peer.send('nonsense\r\n').ended()
    },
  },
  {
    name: 'no Host',
    async client({ connect }) {
      await (await connect()).send('GET / HTTP/1.1\r\n\r\n').ended()
    },
  },
  {
    name: 'no Host, and none is required',
    options: { requireHostHeader: false },
    handler: (_req, res) => res.end('ok'),
    async client({ connect, seen }) {
      await (await connect()).send('GET / HTTP/1.1\r\n\r\n').got('ok')
      await seen('res 1 close')
    },
  },
  ...['http://user:word@a/p?q', 'http://a:b:c/', 'ftp://a/p', 'file:///p'].map(
    (target): Scenario => ({
      name: `${target} as a target, and no Host is required`,
      options: { requireHostHeader: false },
      handler: (req, res) => res.end(`it is ${req.url}.`),
      async client({ connect, seen }) {
        const peer = await connect()
        await peer.send(get(target, '')).got(`it is ${target}.`)
        await seen('res 1 close')
      },
    }),
  ),
  {
    name: 'a refusal that nobody answers, and the client ends its side',
    setup: (server, { note }) => void server.on('clientError', () => note('server clientError')),
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send('no HTTP\r\n\r\n')
      await seen('server clientError')
      await peer.finish().ended()
    },
  },
  {
    name: 'more connections than there may be',
    setup(server, { note }) {
      server.maxConnections = 1
      server.on('drop', () => note('server drop'))
    },
    async client(stage) {
      await stage.connect()
      await stage.seen('socket 1 connection')
      await ended(stage)
    },
  },
  {
    name: 'more connections than there may be, as is said while it listens',
    setup(server, { note }) {
      server.on('listening', () => (server.maxConnections = 1))
      server.on('drop', (ends) => note(`server drop ${Object.keys(ends ?? {}).join(' ')}`))
    },
    async client({ connect, seen }) {
      await connect()
      await seen('socket 1 connection')
      const peer = await connect()
      await seen('server drop')
      await peer.ended()
    },
  },
  {
    name: 'Expect: 100-continue',
    handler: (req, res) => void req.on('end', () => res.end('ok')),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(post(2, '', 'Expect: 100-continue\r\n')).got('100 Continue')
      await peer.send('hi').got('ok')
      await seen('res 1 close')
    },
  },
  {
    name: 'Expect: 100-continue, and checkContinue is listened to',
    setup(server, { record, note }) {
      server.on('checkContinue', (req, res) => {
        note(`server checkContinue ${record.name('req', req)}`)
        req.on('end', () => res.end('ok'))
        req.resume()
        res.writeContinue()
      })
    },
    async client({ connect }) {
      const peer = await connect()
      await peer.send(post(2, '', 'Expect: 100-continue\r\n')).got('100 Continue')
      await peer.send('hi').got('ok')
    },
  },
  {
    name: 'Expect: 100-continue, and checkContinue refuses',
    setup(server, { note }) {
      server.on('checkContinue', (_req, res) => {
        note('server checkContinue')
        res.on('close', () => note('closed'))
        res.writeHead(413, { Connection: 'close' }).end()
      })
    },
    async client({ connect }) {
      await (await connect()).send(post(2, '', 'Expect: 100-continue\r\n')).ended()
    },
  },
  {
    name: 'Expect: something else',
    handler: (_req, res) => res.end('ok'),
    async client({ connect }) {
      const peer = await connect()
      await peer.send(get('/', 'Expect: wonders\r\n')).got('\r\n\r\n')
    },
  },
  {
    name: 'Expect: something else, and checkExpectation is listened to',
    setup(server, { note }) {
      server.on('checkExpectation', (req, res) => {
        note(`server checkExpectation ${req.headers.expect}`)
        res.on('close', () => note('closed'))
        res.end('ok')
      })
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get('/', 'Expect: wonders\r\n')).got('ok')
      await seen('closed')
    },
  },
]
