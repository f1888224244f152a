import test from 'ava'
import { once } from 'node:events'
import { stat } from 'node:fs'
import { connect, createServer as listenPlain, type AddressInfo, type Socket } from 'node:net'
import { createServer } from '../../ts/index.ts'
import { createServer as createNodeServer } from '../../ts/node/index.ts'
import { until, within } from '../support/deadline.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** A server whose requests are answered by what it gives, and its port. */
type Door = (asked: (answer: () => void) => void) => Promise<[port: number, close: () => unknown]>

const DOORS: Record<string, Door> = {
  async createServer(asked) {
    const server = createServer(() => new Promise((resolve) => asked(() => resolve('x'))), {
      ioThreads: 0,
    })
    await server.listen(0, '127.0.0.1')
    const { port } = server.address() as AddressInfo
    return [port, () => server.close()]
  },
  async 'fasthttp/node'(asked) {
    const server = createNodeServer({ ioThreads: 0 }, (_req, res) => asked(() => res.end('x')))
    server.listen(0, '127.0.0.1')
    if (!server.listening) await within('listening', once(server, 'listening'))
    const closed = once(server, 'close')
    return [(server.address() as AddressInfo).port, () => (server.close(), closed)]
  },
}

// Node's loop knows a descriptor by its number, until it is told that nobody waits for it any more.
for (const [name, open] of Object.entries(DOORS))
  test(`what is opened as a server ends is heard of: ${name}`, async (t) => {
    const echo = listenPlain((socket) => void socket.pipe(socket)).listen(0, '127.0.0.1')
    await within('listening', once(echo, 'listening'))
    const opened: Socket[] = []
    const heard = new Set<Socket>()
    let ended: Promise<unknown> | undefined
    const [port, close] = await open((answer) => {
      const closed = Promise.resolve(close())
      // Behind the poll, where the turn of the server's loop is not before the next one.
      stat('/', () => {
        client.destroy()
        answer()
        setImmediate(() => {
          for (let i = 0; i < 8; i++) {
            const socket = connect((echo.address() as AddressInfo).port, '127.0.0.1')
            socket.on('error', (error) => t.fail(String(error)))
            socket.on('data', () => heard.add(socket))
            socket.write('x')
            opened.push(socket)
          }
        })
      })
      ended = closed
    })
    const client = connect(port, '127.0.0.1').on('error', () => undefined)
    client.write(GET)
    await until('answers to all', () => opened.length > 0 && heard.size === opened.length)
    await within('close', Promise.resolve(ended))
    for (const socket of opened) socket.destroy()
    echo.close()
    t.is(heard.size, 8)
  })
