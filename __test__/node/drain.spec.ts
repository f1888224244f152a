import test from 'ava'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getDefaultHighWaterMark } from 'node:stream'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { DOORS, type Make } from '../support/doors.ts'

// Answers in pieces that fill what a connection holds: who writes is told, and hears when there is room.

const PIECE = Buffer.alloc(getDefaultHighWaterMark(false), 'x')
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
/** More than the buffers of the kernel take, on both sides. */
const PIECES = Math.ceil((64 << 20) / PIECE.length)

async function serve(make: Make, listener: RequestListener): Promise<[Client, () => void]> {
  const server = make(listener)
  await within('listening', new Promise<void>((resolve) => server.listen(0, resolve)))
  const client = await Client.connect((server.address() as AddressInfo).port)
  const end = (): void => {
    client.socket.destroy()
    server.closeAllConnections()
    server.close()
  }
  return [client, end]
}

for (const { name, make, writesHere } of DOORS) {
  test(`${name}: a full piece is told, and there is room again when the client takes it`, async (t) => {
    const told: string[] = []
    let done: () => void = () => undefined
    const finished = new Promise<void>((resolve) => (done = resolve))
    const [client, end] = await serve(make, (_, res) => {
      res.setHeader('Content-Length', 2 * PIECE.length)
      told.push(`write ${res.write(PIECE)}`)
      if (writesHere) setImmediate(() => told.push('a turn of the loop'))
      res.once('drain', () => {
        told.push(`drain ${res.writableLength}`)
        res.end(PIECE, done)
      })
    })
    t.teardown(end)
    client.send(GET)
    await within('the answer', finished)
    const turn = writesHere ? ['a turn of the loop'] : []
    // What the kernel takes at once is nothing to wait for.
    t.deepEqual(told.slice(0, 2), ['write false', 'drain 0'])
    if (writesHere) await new Promise((resolve) => setImmediate(resolve))
    t.deepEqual(told.slice(2), turn)
  })

  test(`${name}: there is room again in the context of who wrote last, whoever wrote before`, async (t) => {
    const storage = new AsyncLocalStorage<string | undefined>()
    const told: (string | undefined)[] = []
    const waiting: (string | undefined)[] = []
    const [client, end] = await serve(make, (req, res) =>
      storage.run(req.url, () => {
        // Who has all of an answer before asks for the next one: that waits for nothing.
        if (res.socket === null) waiting.push(req.url)
        res.setHeader('Content-Length', 2 * PIECE.length)
        res.write(PIECE)
        res.once('drain', () => {
          told.push(storage.getStore())
          // Nobody waits for the room that is not left by this.
          res.end(PIECE)
        })
      }),
    )
    t.teardown(end)
    const paths = Array.from({ length: 40 }, (_, round) => `/${round}`)
    for (const path of paths) await within(path, client.get(path))
    t.deepEqual(told, paths)
    t.deepEqual(waiting, [])
  })

  test(`${name}: whoever does not read holds the handler up, and gets everything`, async (t) => {
    let [written, drains] = [0, 0]
    let full: () => void = () => undefined
    const isFull = new Promise<void>((resolve) => (full = resolve))
    const [client, end] = await serve(make, (_, res) => {
      res.setHeader('Content-Length', PIECES * PIECE.length)
      const go = (): void => {
        while (written < PIECES) {
          written++
          if (!res.write(PIECE)) break
        }
        if (written === PIECES) return void res.end()
        full()
        res.once('drain', () => {
          drains++
          go()
        })
      }
      go()
    })
    t.teardown(end)
    client.socket.pause()
    client.send(GET)
    await within('the handler is held up', isFull)
    t.true(written < PIECES)
    let got = 0
    const all = new Promise<void>((resolve, reject) => {
      client.socket.on('data', (bytes: Buffer) => {
        got += bytes.length
        if (got > PIECES * PIECE.length) resolve()
      })
      client.socket.on('close', () => reject(new Error('closed')))
    })
    client.socket.resume()
    await within('all of it', all)
    t.true(drains > 0)
  })
}
