// The server of `memory.ts`: answers `/`, keeps what asks for `/kept` waiting, and says what it holds on request.

import type { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const door = (await import(process.argv[2] as string)) as {
  createServer: typeof createServer
}

const server = door.createServer({ keepAliveTimeout: 600_000 }, (req, res) => {
  if (req.url === '/') res.end('hello')
})
server.requestTimeout = 0
server.listen(0, '127.0.0.1', 4096, () => process.send!((server.address() as AddressInfo).port))

process.on('message', () => {
  void measure().then((bytes) => process.send!(bytes))
})

async function measure(): Promise<readonly [resident: number, heap: number]> {
  // Buffers whose owner one round found dead are given back by the next.
  for (let round = 0; round < 4; round++) {
    globalThis.gc!()
    await sleep(150)
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return [rss, heapUsed + external]
}
