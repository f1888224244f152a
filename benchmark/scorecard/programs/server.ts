// The server that the rows measure, a process of its own. Its options come as JSON; it tells its port,
// and its statistics whenever it is asked for them.

import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import { bytes, createServer, empty, type HttpRequest, type HttpResult } from '../../../ts/index.ts'

const page = new Uint8Array(256 << 10).fill(0x61)
const large = new Uint8Array(8 << 20).fill(0x61)

const server = createServer(answer, JSON.parse(process.argv[2] ?? '{}') as object)
await server.listen(0, '127.0.0.1')
process.send!((server.address() as AddressInfo).port)
process.on('message', () => process.send!(server.stats()))
process.on('disconnect', () => process.exit())

function answer(req: HttpRequest): HttpResult | Promise<HttpResult> {
  switch (req.path) {
    case '/':
      return 'Hello, World!'
    case '/echo':
      return req.text()
    case '/slow':
      return delay(50, 'slow')
    case '/page':
      return bytes(page)
    case '/large':
      return bytes(large)
    default:
      return empty(404)
  }
}
