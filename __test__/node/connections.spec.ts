import test from 'ava'
import http from 'node:http'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { Client, get } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { waitUntilItHasCome } from '../support/kernel.ts'

// Connections that a server has not accepted itself: whoever has one may emit it.

for (const [what, made] of [
  ['stock', () => http.createServer()],
  ['ours', () => createServer()],
] as const) {
  test(`a socket that is given by emit is served: ${what}`, async (t) => {
    const server = made()
    const seen: string[] = []
    server.on('request', (req: http.IncomingMessage, res: http.ServerResponse) => {
      seen.push(`${req.method} ${req.url}`)
      req.resume().on('end', () => res.end(`for ${req.url}`))
    })
    t.is(server.listenerCount('connection'), 1)
    server.on('connection', () => seen.push('connection'))
    const gate = createNetServer((socket) => void server.emit('connection', socket))
    await within('listening', new Promise<void>((resolve) => gate.listen(0, resolve)))
    t.teardown(() => void gate.close())
    const client = await Client.connect((gate.address() as AddressInfo).port)
    t.is((await client.get('/a')).text, 'for /a')
    client.send('POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi')
    t.is((await client.reply()).text, 'for /b')
    t.deepEqual(seen, ['connection', 'GET /a', 'POST /b'])
    // It is one of the server's as soon as that listens.
    await within('listening', new Promise<void>((resolve) => server.listen(0, resolve)))
    const [other, own] = await Promise.all([
      Client.connect((gate.address() as AddressInfo).port),
      Client.connect((server.address() as AddressInfo).port),
    ])
    for (const one of [other, own]) t.is((await one.get('/c')).text, 'for /c')
    server.closeAllConnections()
    await Promise.all([other.closed(), own.closed()])
    client.socket.destroy()
    await within('close', new Promise((resolve) => server.close(resolve)))
  })
}

for (const [what, made] of [
  ['stock', (listener: http.RequestListener) => http.createServer(listener)],
  ['ours', (listener: http.RequestListener) => createServer(listener)],
] as const) {
  test(`a connection goes on behind an answer that was sooner than a large body: ${what}`, async (t) => {
    const server = made((req, res) => {
      res.statusCode = req.method === 'POST' ? 413 : 200
      res.end('answered')
    })
    server.listen(0)
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    const client = await Client.connect((server.address() as AddressInfo).port)
    const size = 2 << 20
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
    const early = await client.reply()
    t.deepEqual([early.status, early.header('connection')], [413, 'keep-alive'])
    client.send(Buffer.alloc(size))
    t.is((await client.get('/')).text, 'answered')
  })
}

type Handler = (req: http.IncomingMessage, res: http.ServerResponse, server: http.Server) => void

const UNANSWERED: [what: string, handler: Handler][] = [
  ['ends its socket', (req) => void req.socket.end()],
  ['destroys its socket', (req) => void req.socket.destroy()],
  ['closes all connections', (_req, _res, server) => server.closeAllConnections()],
]

for (const [whose, made] of [
  ['stock', () => http.createServer()],
  ['ours', () => createServer()],
] as const)
  for (const [what, handler] of UNANSWERED)
    test(`nothing is sent behind a handler that ${what}: ${whose}`, async (t) => {
      const server = made()
      server.on('request', (req: http.IncomingMessage, res: http.ServerResponse) => {
        handler(req, res, server)
        res.on('error', () => undefined).end('late')
      })
      server.listen(0)
      t.teardown(() => {
        server.closeAllConnections()
        server.close()
      })
      const client = await Client.connect((server.address() as AddressInfo).port)
      client.send(get('/'))
      t.is((await within('close', client.rest())).toString(), '')
    })

for (const ioThreads of [0, 1]) {
  test(`a request that the kernel has is answered when the server closes: ioThreads ${ioThreads}`, async (t) => {
    const server = createServer({ ioThreads }, (req, res) => void res.end(req.url))
    // Nobody is idle for too long on a slow machine.
    server.keepAliveTimeout = 60_000
    await within('listening', new Promise<void>((resolve) => server.listen(0, resolve)))
    const { port } = server.address() as AddressInfo
    const clients = await Promise.all(Array.from({ length: 20 }, () => Client.connect(port)))
    for (const client of clients) t.is((await client.get('/first')).text, '/first')
    // Written at once; JavaScript goes on, so that without threads nobody can have read it.
    for (const client of clients) client.send(get('/last'))
    waitUntilItHasCome(clients)
    const closed = new Promise((resolve) => server.close(resolve))
    for (const client of clients) t.is((await client.reply()).text, '/last')
    server.closeIdleConnections()
    await within('close', closed)
    for (const client of clients) client.socket.destroy()
  })
}
