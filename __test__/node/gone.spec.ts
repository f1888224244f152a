import test from 'ava'
import { once } from 'node:events'
import http from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { until, within } from '../support/deadline.ts'

// What a thread has handed over is on its way while JavaScript ends its connection, or the client leaves.

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc'
const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'
const CLIENTS = 300

for (const ioThreads of [0, 1])
  for (const [how, bytes] of [
    ['destroy', GET],
    ['resetAndDestroy', GET + GET],
    ['destroy', POST],
    ['destroy', UPGRADE],
  ] as const)
    test(`nothing is served on a connection behind ${how} of it, ${bytes.slice(0, 4)}${bytes.length}, ${ioThreads} I/O threads`, async (t) => {
      let [served, closed] = [0, 0]
      const server = createServer({ ioThreads }, (_req, res) => {
        served++
        res.end('served')
      })
      server.on('upgrade', (_req, socket) => {
        served++
        socket.destroy()
      })
      server.on('connection', (socket) => {
        socket.on('close', () => closed++)
        socket[how]()
      })
      server.listen(0, '127.0.0.1')
      if (!server.listening) await within('listening', once(server, 'listening'))
      const { port } = server.address() as AddressInfo
      const clients = Array.from({ length: CLIENTS }, () => {
        const client = connect(port, '127.0.0.1').on('error', () => undefined)
        client.write(bytes)
        return client
      })
      await until('all are closed', () => closed === CLIENTS)
      t.is(served, 0)
      for (const client of clients) client.destroy()
      await within('close', new Promise((resolve) => server.close(resolve)))
    })

for (const ioThreads of [0, 1])
  for (const size of [60_000, 500_000, 1_500_000])
    test(`what was written before a connection is destroyed is sent as far as the kernel has room, ${size} bytes, ${ioThreads} I/O threads`, async (t) => {
      const received: number[] = []
      for (const make of [http.createServer, createServer]) {
        const server = (make as typeof createServer)({ ioThreads }, (req, res) => {
          res.end(Buffer.alloc(size))
          req.socket.destroy()
        })
        server.listen(0, '127.0.0.1')
        if (!server.listening) await within('listening', once(server, 'listening'))
        const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
        client.write(GET)
        let length = 0
        client.on('data', (chunk) => (length += chunk.length))
        await within('close of a client', once(client, 'close'))
        received.push(length)
        await within('close', new Promise((resolve) => server.close(resolve)))
      }
      const [stock = 0, ours = 0] = received
      t.true(ours >= stock, `${ours} bytes, and ${stock} with stock`)
    })

/** Opens so many connections, `AT_ONCE` at a time, which send this and are reset at once. */
async function reset(port: number, count: number, bytes: string): Promise<void> {
  const one = async (): Promise<void> => {
    const client = connect(port, '127.0.0.1').on('error', () => undefined)
    client.on('connect', () => {
      client.write(bytes)
      client.resetAndDestroy()
    })
    await within('close of a client', once(client, 'close'))
  }
  for (let i = 0; i < count; i += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, async () => one()))
}

const AT_ONCE = 20

for (const ioThreads of [0, 1])
  for (const head of [UPGRADE, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'])
    test.serial(
      `clients that reset behind ${head.slice(0, 7)} end nothing but their connections, ${ioThreads} I/O threads`,
      async (t) => {
        const server = createServer({ ioThreads })
        const take = (_req: object, socket: object): void => {
          ;(socket as Socket).on('error', () => undefined).destroy()
        }
        server.on('upgrade', take).on('connect', take)
        server.listen(0, '127.0.0.1')
        if (!server.listening) await within('listening', once(server, 'listening'))
        await reset((server.address() as AddressInfo).port, 2000, head)
        await within('close', new Promise((resolve) => server.close(resolve)))
        t.pass()
      },
    )
