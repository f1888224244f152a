import test from 'ava'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { gate, within } from '../support/deadline.ts'

// The memory that requests come in is filled again as soon as it is read: what is under way keeps what it needs.

/** Bytes of the heads that fill it, and how many of them are more than all of it. */
const [FILL, TIMES] = [4 << 10, 100]
const BODY = 'b'.repeat(200_000)

for (const ioThreads of [0, 1])
  test(`requests that wait while others come, ioThreads ${ioThreads}`, async (t) => {
    const held: [IncomingMessage, ServerResponse][] = []
    let came = gate()
    const ended = gate()
    let early = 0
    const server = createServer({ ioThreads }, (req, res) => {
      if (req.url === '/fill') return void res.end('filled')
      if (req.url === '/early') {
        // It is read on when its answer is out.
        req.on('data', (piece: Buffer) => (early += piece.length))
        req.once('end', () => ended.open())
        res.end('early')
      } else held.push([req, res])
      came.open()
    })
    server.listen(0)
    t.teardown(() => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    })
    const { port } = server.address() as AddressInfo
    const clients: Client[] = []
    for (const head of [
      'GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n',
      'POST /b HTTP/1.1\r\nHost: a\r\nX: 2\r\nContent-Length: 4\r\n\r\nbody',
      `POST /c HTTP/1.1\r\nHost: a\r\nX: 3\r\nContent-Length: ${BODY.length}\r\n\r\n`,
      `POST /early HTTP/1.1\r\nHost: a\r\nX: 4\r\nContent-Length: ${BODY.length}\r\n\r\n`,
    ]) {
      came = gate()
      const client = await Client.connect(port)
      clients.push(client)
      client.send(head)
      await within('the request', came.promise)
    }
    const filling = await Client.connect(port)
    const fill = `GET /fill HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(FILL)}\r\n\r\n`
    for (let i = 0; i < TIMES; i++) {
      filling.send(fill)
      t.is((await filling.reply()).text, 'filled')
    }
    for (const client of clients.slice(2)) client.send(BODY)
    const bodies = held.map(async ([req, res]) => {
      let body = ''
      for await (const piece of req.setEncoding('latin1')) body += piece as string
      res.end(`${req.url} ${String(req.headers['x'])}`)
      return body
    })
    t.deepEqual(
      (await within('the bodies', Promise.all(bodies))).map((body) => body.length),
      [0, 4, BODY.length],
    )
    await within('the early body', ended.promise)
    t.is(early, BODY.length)
    const texts = clients.map(async (client) => (await client.reply()).text)
    t.deepEqual(await within('the answers', Promise.all(texts)), ['/a 1', '/b 2', '/c 3', 'early'])
    for (const client of [...clients, filling]) client.socket.destroy()
  })
