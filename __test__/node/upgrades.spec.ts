import test from 'ava'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'

// Requests that offer another protocol and have a body, as those of Java's client do.

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n'

async function listen(server: http.Server): Promise<Client> {
  await within('listening', new Promise<void>((done) => server.listen(0, '127.0.0.1', done)))
  return Client.connect((server.address() as AddressInfo).port)
}

function end(server: http.Server, client: Client): void {
  client.socket.destroy()
  server.closeAllConnections()
  server.close()
}

for (const [whose, make] of [
  ['stock', () => http.createServer()],
  ['ours, without threads', () => createServer({ ioThreads: 0 })],
  ['ours, with a thread', () => createServer({ ioThreads: 1 })],
] as const)
  for (const size of [5, 1 << 20])
    test(`an upgrade that nobody listens to is a request with its body of ${size}: ${whose}`, async (t) => {
      const server = make()
      let begin: () => void = () => undefined
      const hasBegun = new Promise<void>((resolve) => (begin = resolve))
      server.on('request', (req: http.IncomingMessage, res: http.ServerResponse) => {
        let bytes = 0
        req.on('data', (piece: Buffer) => (bytes += piece.length))
        req.on('end', () => res.end(String(bytes)))
        begin()
      })
      const client = await listen(server)
      t.teardown(() => end(server, client))
      client.send(`${HEAD}Content-Length: ${size}\r\n\r\n`)
      await within('the request', hasBegun)
      client.send(Buffer.alloc(size))
      t.is((await client.reply('POST')).text, String(size))
    })

const BODIES: [what: string, pieces: readonly string[], body: string][] = [
  ['none', [`${HEAD}\r\n`, 'behind'], ''],
  ['a length', [`${HEAD}Content-Length: 4\r\n\r\nbodybehind`], 'body'],
  ['a length, in pieces', [`${HEAD}Content-Length: 4\r\n\r\nbo`, 'dybehind'], 'body'],
  ['chunks', [`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '4\r\nbody\r\n0\r\n\r\nbehind'], 'body'],
]

for (const ioThreads of [0, 1])
  for (const [what, pieces, body] of BODIES)
    test(`an upgrade has its body, and what is behind that is the socket's: ${what}, ioThreads ${ioThreads}`, async (t) => {
      const server = createServer({ ioThreads })
      let [read, behind] = ['', '']
      server.on('upgrade', (req: http.IncomingMessage, socket: Socket, head: Buffer) => {
        socket.unshift(head)
        socket.on('data', (piece: Buffer) => {
          behind += piece.toString()
          if (behind === 'behind') socket.end('done')
        })
        req.on('data', (piece: Buffer) => (read += piece.toString()))
        req.on('end', () => (read += ', end'))
      })
      const client = await listen(server)
      t.teardown(() => end(server, client))
      await client.sendPieces(pieces.map((piece) => Buffer.from(piece)))
      t.is((await within('the end', client.rest())).toString(), 'done')
      t.is(read, `${body}, end`)
    })
