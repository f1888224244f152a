import test from 'ava'
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { within } from '../support/deadline.ts'
import { DOORS, type Make } from '../support/doors.ts'

// Bytes that are sent from where they are belong to the server until their callback is called, and to the
// handler from then on: what a pool does with them must never reach a client.

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
/** More than the buffers of the kernel take, on both sides. */
const SIZE = 24 << 20
const PIECE = 32 << 10
const PIECES = 800
/** More than is gathered: what follows goes the same way. */
const FIRST = 100 << 10

interface Case {
  readonly name: string
  /** Bytes of the answer, and of the buffer that is written. */
  readonly length: number
  readonly size: number
  answer(res: ServerResponse, buffer: Buffer, spoil: () => void): void
}

const CASES: readonly Case[] = [
  {
    name: 'behind the callback of end',
    length: SIZE,
    size: SIZE,
    answer: (res, buffer, spoil) => void res.end(buffer, spoil),
  },
  {
    name: 'behind finish',
    length: SIZE,
    size: SIZE,
    answer: (res, buffer, spoil) => void res.on('finish', spoil).end(buffer),
  },
  {
    name: 'behind finish, written before',
    length: SIZE,
    size: SIZE,
    answer(res, buffer, spoil) {
      res.on('finish', spoil).write(buffer)
      setImmediate(() => res.end())
    },
  },
  {
    name: 'behind the callback of write',
    length: SIZE,
    size: SIZE,
    answer(res, buffer, spoil) {
      res.write(buffer, spoil)
      res.end()
    },
  },
  {
    name: 'one buffer for all pieces, each behind the callback of the one before',
    length: FIRST + PIECE * PIECES,
    size: PIECE,
    answer(res, buffer, spoil) {
      let written = 0
      const next = (): void => {
        if (written++ === PIECES) res.end()
        else res.write(buffer.fill('a'), () => (spoil(), next()))
      }
      res.write(Buffer.alloc(FIRST, 'a'))
      next()
    },
  },
]

/** Serves one client, who reads nothing before the server has written all that there is room for. */
async function served(
  make: Make,
  listener: RequestListener,
  use: (client: net.Socket) => Promise<void>,
): Promise<void> {
  const server = make((req, res) => {
    listener(req, res)
    asked()
  })
  let asked: () => void = () => undefined
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  await within('listening', new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined).pause()
  client.write(GET)
  await within('a request', isAsked)
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  try {
    await use(client)
  } finally {
    client.destroy()
    server.closeAllConnections()
    server.close()
  }
}

async function received(client: net.Socket): Promise<Buffer> {
  const pieces: Buffer[] = []
  client.on('data', (piece: Buffer) => pieces.push(piece)).resume()
  await within('the end', once(client, 'end'))
  return Buffer.concat(pieces)
}

for (const { name, make } of DOORS) {
  for (const { name: when, length, size, answer } of CASES)
    test.serial(`${name}: bytes are the handler's again ${when}`, async (t) => {
      const listener: RequestListener = (_, res) => {
        res.setHeader('Content-Length', length)
        const buffer = Buffer.alloc(size, 'a')
        answer(res, buffer, () => void buffer.fill('X'))
      }
      await served(make, listener, async (client) => {
        const all = await received(client)
        const body = all.subarray(all.indexOf('\r\n\r\n') + 4)
        t.is(body.length, length)
        t.is(body.indexOf('X'), -1)
      })
    })

  test.serial(
    `${name}: what goes past the length gives nothing back that is before it`,
    async (t) => {
      const listener: RequestListener = (_, res) => {
        res.setHeader('Content-Length', SIZE)
        const buffer = Buffer.alloc(SIZE, 'a')
        res.write(buffer, () => void buffer.fill('X'))
        setImmediate(() => {
          res.write(Buffer.alloc(2 << 20, 'c'))
          res.end()
        })
      }
      await served(make, listener, async (client) => {
        const all = await received(client)
        const body = all.subarray(all.indexOf('\r\n\r\n') + 4)
        t.true(body.length >= SIZE)
        t.is(body.subarray(0, SIZE).indexOf('X'), -1)
      })
    },
  )

  test.serial(`${name}: who waits is told in the context in which it wrote`, async (t) => {
    const storage = new AsyncLocalStorage<string>()
    const told: string[] = []
    const tell = (what: string) => (): void => void told.push(`${what} ${storage.getStore()}`)
    let close: () => void = () => undefined
    const isClosed = new Promise<void>((resolve) => (close = resolve))
    const write = (res: ServerResponse): void => {
      res.on('finish', tell('finish'))
      res.on('close', tell('close'))
      res.on('close', close)
      res.once('drain', () => {
        tell('drain')()
        res.end(Buffer.alloc(SIZE), tell('end'))
      })
      res.write(Buffer.alloc(SIZE), tell('write'))
    }
    const listener: RequestListener = (_, res) => storage.run('own', () => write(res))
    await served(make, listener, async (client) => {
      await received(client)
      await within('close', isClosed)
    })
    t.deepEqual(told.toSorted(), ['close own', 'drain own', 'end own', 'finish own', 'write own'])
    t.is(told.at(-1), 'close own')
  })

  test.serial(`${name}: who waits is told when the client leaves`, async (t) => {
    const told: string[] = []
    let close: () => void = () => undefined
    const isClosed = new Promise<void>((resolve) => (close = resolve))
    const listener: RequestListener = (_, res) => {
      res.on('close', close)
      res.write(Buffer.alloc(SIZE), () => void told.push('told'))
    }
    await served(make, listener, async (client) => {
      client.destroy()
      await within('close', isClosed)
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
      t.deepEqual(told, ['told'])
    })
  })
}
