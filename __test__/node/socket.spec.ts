import test from 'ava'
import http, { type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type NodeServerOptions } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'

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
