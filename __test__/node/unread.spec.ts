import test, { type ExecutionContext } from 'ava'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { getDefaultHighWaterMark } from 'node:stream'
import { createServer, type Server } from '../../ts/node/index.ts'
import { until, within } from '../support/deadline.ts'

// A client leaves within a body of which more has come than its reader has room for: node sees that when it reads on.

/** More than a request's stream holds, and less than is asked for ahead of its reader. */
const SENT = getDefaultHighWaterMark(false) + 1000
/** Answers to others after which the end of a client is known. */
const ROUNDS = 20

/** What becomes of an upload. */
interface Upload {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** What was told of it. */
  readonly told: string[]
}

/** Has others served, so that what has happened meanwhile is known. */
async function rounds(server: Server): Promise<void> {
  for (let i = 0; i < ROUNDS; i++) {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    client.resume()
    await within('an answer', once(client, 'close'))
  }
}

/** An upload of so many bytes whose client has left behind the first of them. */
async function left(
  t: ExecutionContext,
  options: object,
  length: number = 10 * SENT,
): Promise<Upload & { server: Server }> {
  const told: string[] = []
  const server = createServer(options)
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const upload = new Promise<Upload>((resolve) => {
    server.on('request', (req, res) => {
      if (req.method !== 'PUT') return void res.end()
      for (const event of ['aborted', 'error', 'close']) req.on(event, () => told.push(event))
      res.on('close', () => told.push('close of the answer'))
      resolve({ req, res, told })
    })
  })
  server.listen(0, '127.0.0.1')
  if (!server.listening) await within('listening', once(server, 'listening'))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const head = `PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`
  client.on('error', () => undefined).resume()
  client.end(head + 'x'.repeat(SENT))
  const { req, res } = await within('a request', upload)
  await rounds(server)
  return { server, req, res, told }
}

const ENDS = ['aborted', 'close', 'close of the answer', 'error']

for (const ioThreads of [0, 1]) {
  test(`who reads late has all of it before he hears of that, ${ioThreads} I/O threads`, async (t) => {
    const { server, req, told } = await left(t, { ioThreads })
    t.deepEqual(told, [])
    let received = 0
    let taken = Promise.resolve()
    req.on('data', (chunk: Buffer) => {
      t.deepEqual(told, [])
      received += chunk.length
      // It is taken from him piece by piece.
      req.pause()
      taken = rounds(server).then(() => void req.resume())
    })
    await until('it is over', () => told.length === ENDS.length)
    await taken
    t.is(received, SENT)
    t.deepEqual(told.toSorted(), ENDS)
  })

  test(`who has left behind a whole body is missed at once, ${ioThreads} I/O threads`, async (t) => {
    const { told } = await left(t, { ioThreads }, SENT)
    await until('it is over', () => told.length === ENDS.length)
    t.deepEqual(told.toSorted(), ENDS)
  })

  test(`who answers first hears of it behind that, ${ioThreads} I/O threads`, async (t) => {
    const { req, res, told } = await left(t, { ioThreads })
    // As a monitor wraps it.
    const { socket } = req
    const { write } = socket
    let written = 0
    const wrapped = (...given: unknown[]): boolean => {
      written++
      return Reflect.apply(write, socket, given) as boolean
    }
    Object.assign(socket, { write: wrapped })
    res.write('too large')
    await until('it is over', () => told.length === ENDS.length)
    t.deepEqual(told.toSorted(), ENDS)
    t.true(written > 0)
    t.is(socket.write as unknown, wrapped)
  })

  test(`who ends the connection hears of it, ${ioThreads} I/O threads`, async (t) => {
    const { server, req, told } = await left(t, { ioThreads })
    req.socket.destroy()
    await until('it is over', () => told.length === ENDS.length)
    t.deepEqual(told.toSorted(), ENDS)
    await within('close', new Promise((resolve) => server.close(resolve)))
  })

  test(`who does neither hears of it when the time of the request is over, ${ioThreads} I/O threads`, async (t) => {
    const { told } = await left(t, { ioThreads, requestTimeout: 2000, headersTimeout: 2000 })
    await until('it is over', () => told.length === ENDS.length)
    t.deepEqual(told.toSorted(), ENDS)
  })

  test(`a server that closes waits for nobody who does neither, ${ioThreads} I/O threads`, async (t) => {
    const { server, told } = await left(t, { ioThreads })
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await within('close', closed)
    await until('it is over', () => told.length === ENDS.length)
    t.deepEqual(told.toSorted(), ENDS)
  })
}
