import test, { type ExecutionContext } from 'ava'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'

// A server may listen again while it still serves what it accepted before.

const MADE = [
  ['stock', (listener: http.RequestListener) => http.createServer(listener)],
  ['no threads', (listener: http.RequestListener) => createServer({ ioThreads: 0 }, listener)],
  ['a thread', (listener: http.RequestListener) => createServer({ ioThreads: 1 }, listener)],
] as const

type Held = Record<string, [http.IncomingMessage, http.ServerResponse]>

/** A server that keeps what it is asked, and two clients: of its first life and of its second. */
async function relistened(t: ExecutionContext, made: (typeof MADE)[number][1]) {
  const held: Held = {}
  let heard: () => void = () => undefined
  const server = made((req, res) => {
    held[req.url as string] = [req, res]
    heard()
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const ask = async (path: string): Promise<Client> => {
    const asked = new Promise<void>((resolve) => (heard = resolve))
    const client = await Client.connect((server.address() as AddressInfo).port)
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await within(path, asked)
    return client
  }
  const count = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_error, open) => resolve(open)))
  server.listen(0)
  const old = await ask('/old')
  server.close()
  server.listen(0)
  const fresh = await ask('/fresh')
  return { server, held, ask, count, old, fresh }
}

for (const [what, made] of MADE) {
  test(`a server without clients that listens again has closed before: ${what}`, async (t) => {
    const server = made((_req, res) => res.end('again'))
    const seen: string[] = []
    server.on('close', () => seen.push('close')).on('listening', () => seen.push('listening'))
    server.listen(0, '127.0.0.1')
    const again = new Promise<void>((resolve) =>
      server.once('listening', () => {
        server.close(() => {
          seen.push('closed')
          resolve()
        })
        server.listen(0, '127.0.0.1')
      }),
    )
    await within('the callback of the first close', again)
    const client = await Client.connect((server.address() as AddressInfo).port)
    t.is((await client.get('/')).text, 'again')
    client.socket.destroy()
    await within('close', new Promise((resolve) => server.close(resolve)))
    t.deepEqual(seen, ['listening', 'close', 'closed', 'listening', 'close'])
  })

  test(`a server that listens again ends the connection that is meant: ${what}`, async (t) => {
    const { held, ask, count, old, fresh } = await relistened(t, made)
    t.is(await count(), 2)
    held['/old']![0].destroy()
    await old.closed()
    held['/fresh']![1].end('fresh')
    t.is((await fresh.reply()).text, 'fresh')
    const third = await ask('/third')
    held['/third']![0].destroy()
    await third.closed()
  })

  test(`a server that listens again goes on when its first life is over: ${what}`, async (t) => {
    const { server, held, count, old, fresh } = await relistened(t, made)
    held['/old']![1].end('old')
    t.is((await old.reply()).text, 'old')
    old.socket.destroy()
    // Its first life is over some turns behind that.
    while ((await count()) > 1) await new Promise((resolve) => setImmediate(resolve))
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    server.closeAllConnections()
    await fresh.closed()
    await within('close', new Promise((resolve) => server.close(resolve)))
  })

  test(`closeAllConnections reaches both lives: ${what}`, async (t) => {
    const { server, count, old, fresh } = await relistened(t, made)
    t.is(await count(), 2)
    server.closeAllConnections()
    await Promise.all([old.closed(), fresh.closed()])
    await within('close', new Promise((resolve) => server.close(resolve)))
  })
}
