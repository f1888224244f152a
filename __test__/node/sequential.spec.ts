import test from 'ava'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { within } from '../support/deadline.ts'
import { flood } from '../support/flood.ts'

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

// Clients in another process may ask again before JavaScript has told anybody of the answer that they have read.
// A response without a socket is queued, where node has what is written behind `100 Continue` before that.
for (const ioThreads of [0, 1, 2])
  test.serial(
    `who asks one after the other gets whole answers, ${ioThreads} I/O threads`,
    async (t) => {
      let [handled, detached] = [0, 0]
      const body = Buffer.alloc(100, 'x')
      const server = createServer({ ioThreads }, (_req, res) => {
        handled++
        if (res.socket === null) detached++
        res.end(body)
      })
      server.listen(0, '127.0.0.1')
      if (!server.listening) await within('listening', once(server, 'listening'))
      const { port } = server.address() as AddressInfo
      const load = { port, requests: 3000, connections: 8, pipelined: 1, request: REQUEST }
      t.is(await flood(t, load), load.requests)
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await within('close', closed)
      t.true(handled >= load.requests)
      t.is(detached, 0)
    },
  )
