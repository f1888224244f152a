import test from 'ava'
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { until, within } from '../support/deadline.ts'

// Clients whose bytes come together share a batch, and nothing else: what a listener of one has entered is not there
// for the request of another.

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const BAD = 'no HTTP\r\n\r\n'

/** Who enters something, what is sent before the requests, and to how many connections at most. */
const LISTENERS: Record<string, (server: Server, enter: () => void) => void> = {
  connection: (server, enter) => void server.on('connection', enter),
  clientError: (server, enter) =>
    void server.on('clientError', (_error, socket) => {
      enter()
      socket.destroy()
    }),
  end: (server, enter) => void server.on('connection', (socket) => void socket.on('end', enter)),
  drop(server, enter) {
    server.maxConnections = 8
    server.on('drop', enter)
  },
}

for (const [event, listen] of Object.entries(LISTENERS))
  for (const ioThreads of [0, 1])
    test(`what a listener of ${event} enters reaches no request, ${ioThreads} I/O threads`, async (t) => {
      const storage = new AsyncLocalStorage<string>()
      const stores: unknown[] = []
      let entered = 0
      const server = createServer({ ioThreads }, (_req, res) => {
        stores.push(storage.getStore())
        res.end()
      })
      listen(server, () => {
        entered++
        storage.enterWith(`of ${event}`)
      })
      server.listen(0, '127.0.0.1')
      if (!server.listening) await within('listening', once(server, 'listening'))
      const { port } = server.address() as AddressInfo
      const sockets: Socket[] = []
      const open = (bytes: string): Socket => {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined)
        sockets.push(socket)
        socket.write(bytes)
        return socket
      }
      for (let i = 0; i < 4; i++) {
        open(GET)
        open(event === 'clientError' ? BAD : GET).end()
      }
      if (event === 'drop') for (let i = 0; i < 8; i++) open(GET)
      const served = event === 'clientError' ? 4 : 8
      await until('answers', () => stores.length >= served && entered > 0)
      // Behind all of that, on connections that are there already.
      for (const socket of sockets) if (socket.writable) socket.write(GET)
      await until('more answers', () => stores.length >= served + 4)
      t.deepEqual([...new Set(stores)], [undefined])
      for (const socket of sockets) socket.destroy()
      await within('close', new Promise((resolve) => server.close(resolve)))
    })
