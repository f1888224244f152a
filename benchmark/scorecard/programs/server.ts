// The server that the rows measure, a process of its own. Its options come as JSON; it tells its port,
// and its statistics whenever it is asked for them, and can use up its descriptors.

import { closeSync, openSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import { bytes, createServer, empty, type HttpRequest, type HttpResult } from '../../../ts/index.ts'

const page = new Uint8Array(256 << 10).fill(0x61)
const large = new Uint8Array(8 << 20).fill(0x61)

const server = createServer(answer, JSON.parse(process.argv[2] ?? '{}') as object)
await server.listen(0, '127.0.0.1')
process.send!((server.address() as AddressInfo).port)
process.on('message', (message: number | 'stats') => {
  if (message === 'stats') process.send!(server.stats())
  else process.send!(leave(message))
})
process.on('disconnect', () => process.exit())

/** Opens files until so many descriptors are left for those whose connections somebody would take. */
function leave(count: number): number {
  server.on('upgrade', (_req, socket: Socket) => socket.destroy())
  const open: number[] = []
  try {
    for (;;) open.push(openSync('/dev/null', 'r'))
  } catch {
    for (const descriptor of open.splice(0, count)) closeSync(descriptor)
  }
  return open.length
}

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
