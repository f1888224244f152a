import test from 'ava'
import { once } from 'node:events'
import http, { type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import type { Scope } from '../support/service.ts'

// What a program writes to a connection besides its answers, and how connections end that way: as with
// node's own server.

const SERVERS: readonly (readonly [whose: string, make: (listener: RequestListener) => Server])[] =
  [
    ['stock', (listener) => http.createServer(listener)],
    ...[0, 1].map(
      (ioThreads) =>
        [`ioThreads ${ioThreads}`, (listener) => createServer({ ioThreads }, listener)] as [
          string,
          (listener: RequestListener) => Server,
        ],
    ),
  ]

/** How long what comes behind the end of a connection is read, of a client that does not end its side. */
const LINGER_MS = 2000
const CLOSES = 20
const LARGE = 'large '.repeat(40_000)
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const LAST = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const EXPECTING =
  'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello'

const answer: RequestListener = (_, res) => {
  res.sendDate = false
  res.writeHead(200, { 'Content-Length': 6, Connection: 'close' }).end('answer')
}
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nanswer'

interface Case {
  readonly sent: string
  readonly listener?: RequestListener
  readonly connected?: (socket: Socket) => void
  /** All that the client gets before the end of the connection. */
  readonly got: string
}

const CASES: Readonly<Record<string, Case>> = {
  'before the first request': {
    sent: LAST,
    connected: (socket) => socket.write('hello '),
    got: `hello ${ANSWER}`,
  },
  'before a request that was sent with it, in several pieces': {
    sent: LAST,
    connected: (socket) => {
      socket.cork()
      socket.write('68656c', 'hex')
      socket.write(Buffer.from('lo '))
      socket.uncork()
      socket.write('\u00e4 ', 'latin1')
    },
    got: `hello \u00e4 ${ANSWER}`,
  },
  'much of it before the first request': {
    sent: LAST,
    connected: (socket) => {
      socket.write(LARGE)
      socket.write('and little ')
    },
    got: `${LARGE}and little ${ANSWER}`,
  },
  'a farewell to whoever comes': {
    sent: GET,
    connected: (socket) => socket.end('bye'),
    got: 'bye',
  },
  'a farewell that is still corked': {
    sent: '',
    connected: (socket) => {
      socket.cork()
      socket.write('good ')
      socket.end('bye')
    },
    got: 'good bye',
  },
  'nothing behind the end of the socket': {
    sent: '',
    connected: (socket) => {
      socket.on('error', () => undefined)
      socket.end('bye')
      socket.write('more')
    },
    got: 'bye',
  },
  'nothing of what is corked when the socket is destroyed': {
    sent: '',
    connected: (socket) => {
      socket.cork()
      socket.write('never')
      socket.destroy()
      socket.uncork()
    },
    got: '',
  },
  'the end of a socket in place of an answer': {
    sent: GET,
    listener: ({ socket }) => socket.end(),
    got: '',
  },
  'the end of a socket behind 100 Continue': {
    sent: EXPECTING,
    listener: ({ socket }) => socket.end(),
    got: 'HTTP/1.1 100 Continue\r\n\r\n',
  },
  'the end of a socket behind an interim response': {
    sent: GET,
    listener: (_, res) => {
      res.writeProcessing()
      res.socket?.end()
    },
    got: 'HTTP/1.1 102 Processing\r\n\r\n',
  },
  'the end of a socket behind an answer that is still corked': {
    sent: GET,
    listener: ({ socket }) => {
      socket.cork()
      socket.write(ANSWER.slice(0, 20))
      socket.write(ANSWER.slice(20))
      socket.end()
    },
    got: ANSWER,
  },
}

async function listen(t: Scope, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  if (!server.listening)
    await within('listening', new Promise<void>((resolve) => server.once('listening', resolve)))
  return (server.address() as AddressInfo).port
}

for (const [whose, make] of SERVERS) {
  for (const [what, { sent, listener = answer, connected, got }] of Object.entries(CASES))
    test(`${what}: ${whose}`, async (t) => {
      const server = make(listener)
      if (connected !== undefined) server.on('connection', connected)
      const client = await Client.connect(await listen(t, server))
      client.send(sent)
      t.is((await client.rest()).toString('latin1'), got)
    })

  test(`between two requests, and for who is idle too long: ${whose}`, async (t) => {
    const server = make((_, res) => res.end('answer'))
    const sockets: Socket[] = []
    server.on('connection', (socket) => sockets.push(socket))
    const client = await Client.connect(await listen(t, server))
    t.is((await client.get('/')).text, 'answer')
    sockets[0]?.write('HTTP/1.1 102 Still here\r\n\r\n')
    t.is((await client.exactly(27)).toString(), 'HTTP/1.1 102 Still here\r\n\r\n')
    t.is((await client.get('/')).text, 'answer')
    server.on('timeout', (socket: Socket) => socket.end('HTTP/1.1 408 Too long\r\n\r\n'))
    sockets[0]?.setTimeout(1)
    t.is((await client.rest()).toString(), 'HTTP/1.1 408 Too long\r\n\r\n')
  })

  test(`close waits for nobody who is only read: ${whose}`, async (t) => {
    // So often, each of which would last as long as what comes behind the end is read.
    const begun = performance.now()
    for (let i = 0; i < CLOSES; i++) {
      const closes: Promise<unknown>[] = []
      const server = make(answer)
      server.on('connection', (socket) => closes.push(once(socket, 'close')))
      const port = await listen(t, server)
      const clients = [await Client.connect(port), await Client.connect(port)]
      for (const client of clients) {
        client.send(LAST)
        t.is((await client.exactly(ANSWER.length)).toString(), ANSWER)
      }
      // Neither client ends its side.
      await within('close', new Promise((resolve) => server.close(resolve)))
      t.is(closes.length, 2)
      await within('close of both', Promise.all(closes))
      for (const client of clients) client.socket.destroy()
    }
    t.true(performance.now() - begun < (CLOSES * LINGER_MS) / 2)
  })
}
