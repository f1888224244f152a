import test from 'ava'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'

// A socket that an upgrade or a CONNECT hands out stays one of the server's connections until it ends.

const MADE = [
  ['stock', () => http.createServer()],
  ['no threads', () => createServer({ ioThreads: 0 })],
  ['a thread', () => createServer({ ioThreads: 1 })],
] as const

const ASKED = [
  ['upgrade', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
  ['connect', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'],
] as const

for (const [what, made] of MADE)
  for (const [event, head] of ASKED)
    test(`a server counts what it has handed out, and waits for it: ${event}, ${what}`, async (t) => {
      const server = made()
      const count = (): Promise<number> =>
        new Promise((resolve) => server.getConnections((_error, open) => resolve(open)))
      const given = new Promise<Duplex>((resolve) =>
        server.on(event, (_req: http.IncomingMessage, socket: Duplex) => resolve(socket)),
      )
      server.listen(0)
      const client = await Client.connect((server.address() as AddressInfo).port)
      t.teardown(() => client.socket.destroy())
      client.send(head)
      const socket = await within(event, given)
      t.is(await count(), 1)
      let isClosed = false
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      void closed.then(() => (isClosed = true))
      t.is(await count(), 1)
      server.closeAllConnections()
      client.send('ping')
      const pinged = new Promise((resolve) => socket.once('data', resolve))
      t.is(String(await within('data', pinged)), 'ping')
      t.false(isClosed)
      socket.destroy()
      await within('close', closed)
      t.is(await count(), 0)
    })
