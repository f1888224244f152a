import test from 'ava'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'

// What a socket says of itself at each moment of its life, beside what node's says.

type Make = (listener: http.RequestListener) => http.Server

const NAMES = [
  'timeout',
  'bufferSize',
  'pending',
  'connecting',
  'readyState',
  'destroyed',
  'closed',
  'readable',
  'readableLength',
  'readableDidRead',
  'readableEncoding',
  'readableAborted',
  'writable',
  'writableLength',
  'writableCorked',
  'writableNeedDrain',
  'writableAborted',
  'remoteAddress',
  'remoteFamily',
  'allowHalfOpen',
  'errored',
]

/** Those values, and how much is in the buffers. */
function valuesOf(socket: Socket): Record<string, unknown> {
  const all = socket as unknown as Record<string, unknown>
  return {
    ...Object.fromEntries(NAMES.map((name) => [name, all[name]])),
    buffers: ['readableBuffer', 'writableBuffer'].map((name) => (all[name] as unknown[]).length),
  }
}

type Said = Record<string, Record<string, unknown>>

/** Two requests of a connection, which the client ends then. */
async function play(make: Make): Promise<Said> {
  const said: Said = {}
  let over: () => void = () => undefined
  const closed = new Promise<void>((resolve) => (over = resolve))
  const server = make((req, res) => {
    const { socket } = req
    said[`request ${req.url}`] = valuesOf(socket)
    res.on('finish', () => (said[`finish ${req.url}`] = valuesOf(socket)))
    res.on('close', () => (said[`close ${req.url}`] = valuesOf(socket)))
    res.end('ok')
  })
  // Long enough for a slow machine.
  server.keepAliveTimeout = 600_000
  server.on('connection', (socket) => {
    said['connection'] = valuesOf(socket)
    socket.on('close', () => {
      said['close'] = valuesOf(socket)
      over()
    })
  })
  await within('listening', new Promise<void>((done) => server.listen(0, '127.0.0.1', done)))
  const client = await Client.connect((server.address() as AddressInfo).port)
  for (const path of ['/1', '/2']) await client.get(path)
  client.socket.destroy()
  await within('close of the socket', closed)
  server.close()
  return said
}

for (const ioThreads of [0, 1])
  test(`a socket says the same of itself as node's: ioThreads ${ioThreads}`, async (t) => {
    const stock = await play((listener) => http.createServer(listener))
    const ours = await play((listener) => createServer({ ioThreads }, listener))
    t.is(Object.keys(stock).length, 8)
    t.deepEqual(ours, stock)
  })
