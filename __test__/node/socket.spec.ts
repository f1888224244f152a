import test from 'ava'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type NodeServerOptions } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'

// What a handler finds in the socket of its request: the same as with node's server.

/** What is looked at, when the whole request is there. */
function look(req: IncomingMessage, res: ServerResponse): unknown {
  const { socket } = req
  return {
    marks: [
      req.readableHighWaterMark,
      res.writableHighWaterMark,
      socket.readableHighWaterMark,
      socket.writableHighWaterMark,
    ],
    read: socket.bytesRead,
    ends: [(socket as unknown as { allowHalfOpen: boolean }).allowHalfOpen, socket.readyState],
    room: [res.write('a'.repeat(900)), res.write('a'.repeat(900)), res.writableNeedDrain],
  }
}

const REQUESTS = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
]

async function seen(made: http.Server): Promise<unknown[]> {
  const all: unknown[] = []
  made.on('request', (req: IncomingMessage, res: ServerResponse) => {
    req.resume().on('end', () => {
      all.push(look(req, res))
      res.end()
    })
  })
  made.listen(0)
  const client = await Client.connect((made.address() as AddressInfo).port)
  for (const request of REQUESTS) {
    client.send(request)
    await client.reply()
  }
  client.socket.destroy()
  made.closeAllConnections()
  made.close()
  return all
}

for (const options of [{}, { highWaterMark: 1000 }] as (ServerOptions & NodeServerOptions)[])
  for (const ioThreads of [0, 1])
    test(`a socket says what node's does: ${JSON.stringify({ ...options, ioThreads })}`, async (t) => {
      const stock = await seen(http.createServer(options))
      t.is(stock.length, REQUESTS.length)
      t.deepEqual(await seen(createServer({ ...options, ioThreads })), stock)
    })

/** What is written one by one: strings of more bytes than units and of less, and bytes. */
const WRITTEN = [['\u00e9'.repeat(10)], ['61'.repeat(10), 'hex'], [Buffer.alloc(10, 'b')]] as const

/** What a socket says that was written: as soon as it was, whether that has been handed on or not, and at the end. */
async function counted(server: http.Server, isCorked: boolean): Promise<unknown> {
  const all: number[][] = []
  server.on('request', ({ socket }: IncomingMessage, res: ServerResponse) => {
    const said = [socket.bytesWritten]
    all.push(said)
    if (isCorked) socket.cork()
    for (const [chunk, encoding] of WRITTEN) {
      res.write(chunk, encoding as BufferEncoding)
      said.push(socket.bytesWritten)
    }
    if (isCorked) socket.uncork()
    res.on('finish', () => said.push(socket.bytesWritten))
    res.end()
  })
  server.listen(0, '127.0.0.1')
  await within('listening', once(server, 'listening'))
  const client = await Client.connect((server.address() as AddressInfo).port)
  for (const path of ['/1', '/2']) await client.get(path)
  client.socket.destroy()
  server.close()
  return all
}

for (const ioThreads of [0, 1])
  for (const isCorked of [false, true])
    test(`a socket counts what node's does: ${JSON.stringify({ isCorked, ioThreads })}`, async (t) => {
      const ours = await counted(createServer({ ioThreads }), isCorked)
      t.deepEqual(ours, await counted(http.createServer(), isCorked))
    })
