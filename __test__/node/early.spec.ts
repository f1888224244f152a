import test from 'ava'
import type { EventEmitter } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'

// Answers that are given before the body of their request has come.

const SIZE = 1 << 20
const HEAD = `POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: ${SIZE}\r\n\r\n`
const FIRST = 1000

type Make = (listener: http.RequestListener) => http.Server

const SERVERS: readonly (readonly [string, Make])[] = [
  ['stock', (listener) => http.createServer({ connectionsCheckingInterval: 50 }, listener)],
  ...[0, 1].map(
    (ioThreads) =>
      [`ours, ioThreads ${ioThreads}`, (listener) => createServer({ ioThreads }, listener)] as [
        string,
        Make,
      ],
  ),
]

/** What a handler sees that answers first and may read then. */
class Seen {
  readonly told: string[] = []
  bytes = 0
  readonly req: Promise<http.IncomingMessage>
  readonly take: (req: http.IncomingMessage) => void

  constructor() {
    let take: (req: http.IncomingMessage) => void = () => undefined
    this.req = new Promise((resolve) => (take = resolve))
    this.take = take
  }

  read(req: http.IncomingMessage, pauses: boolean): void {
    for (const event of ['end', 'aborted', 'close']) req.on(event, () => this.told.push(event))
    req.on('error', (error: NodeJS.ErrnoException) => this.told.push(`${error.code}`))
    req.on('data', (piece: Buffer) => {
      this.bytes += piece.length
      if (!pauses) return
      req.pause()
      setImmediate(() => req.resume())
    })
  }
}

/** Unlike `once` it waits for no less although there is an error. */
function closeOf(emitter: EventEmitter): Promise<void> {
  return new Promise((resolve) => emitter.once('close', () => resolve()))
}

async function serve(
  make: Make,
  reads: 'not' | 'at once' | 'slowly',
): Promise<{ seen: Seen; client: Client; end: () => void }> {
  const seen = new Seen()
  const server = make((req, res) => {
    res.end('early')
    if (req.method !== 'POST') return
    if (reads !== 'not') seen.read(req, reads === 'slowly')
    seen.take(req)
  })
  // What comes late on a slow machine is no silence.
  server.keepAliveTimeout = 60_000
  await within('listening', new Promise<void>((resolve) => server.listen(0, resolve)))
  const client = await Client.connect((server.address() as AddressInfo).port)
  const end = (): void => {
    client.socket.destroy()
    server.closeAllConnections()
    server.close()
  }
  return { seen, client, end }
}

for (const [what, make] of SERVERS) {
  for (const reads of ['not', 'at once', 'slowly'] as const) {
    test(`a body goes on behind an early answer, read ${reads}: ${what}`, async (t) => {
      const { seen, client, end } = await serve(make, reads)
      t.teardown(end)
      client.send(HEAD).send(Buffer.alloc(FIRST))
      const early = await client.reply('POST')
      t.deepEqual([early.text, early.header('connection')], ['early', 'keep-alive'])
      const req = await seen.req
      const closed = reads === 'not' ? undefined : closeOf(req)
      client.send(Buffer.alloc(SIZE - FIRST))
      t.is((await client.get('/')).text, 'early')
      if (closed !== undefined) await within('the end of the body', closed)
      t.true(req.complete)
      const all = reads === 'not' ? [0] : [SIZE, 'end', 'close']
      t.deepEqual([seen.bytes, ...seen.told], all)
    })
  }

  for (const listens of ['clientError', 'connection'] as const) {
    test(`a body that is late behind an early answer; ${listens} is listened to: ${what}`, async (t) => {
      const server = make((_req, res) => res.end('early'))
      server.requestTimeout = server.headersTimeout = 1000
      const told = new Promise<unknown>((resolve) => {
        if (listens === 'clientError')
          server.on(listens, (error: NodeJS.ErrnoException, socket) => {
            socket.end()
            resolve(error.code)
          })
        else
          server.on(listens, (socket) =>
            socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
          )
      })
      await within('listening', new Promise<void>((resolve) => server.listen(0, resolve)))
      const client = await Client.connect((server.address() as AddressInfo).port)
      t.teardown(() => {
        client.socket.destroy()
        server.closeAllConnections()
        server.close()
      })
      client.send(HEAD).send(Buffer.alloc(FIRST))
      t.is((await client.reply('POST')).text, 'early')
      t.is(await within('the end of the time', told), 'ERR_HTTP_REQUEST_TIMEOUT')
    })
  }

  for (const reads of ['not', 'at once'] as const) {
    test(`who leaves within a body behind an early answer, read ${reads}: ${what}`, async (t) => {
      const { seen, client, end } = await serve(make, reads)
      t.teardown(end)
      client.send(HEAD).send(Buffer.alloc(FIRST))
      await client.reply('POST')
      const req = await seen.req
      const over = closeOf(req.socket)
      client.socket.destroy()
      await within('the end of the connection', over)
      t.false(req.complete)
      // As little as node tells its reader.
      t.deepEqual(seen.told, [])
    })
  }
}
