// A worker with streams, uploads and taken sockets under way, to be terminated.
import type { AddressInfo } from 'node:net'
import { parentPort } from 'node:worker_threads'
import { createServer, stream } from '../../ts/index.ts'
import { hasThreads } from '../support/shared-thread.ts'

const kept: unknown[] = []

async function* forever(): AsyncGenerator<string> {
  for (;;) {
    yield 'x'.repeat(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const server = createServer(
  async (req) => {
    if (req.path === '/take') {
      const socket = req.takeover().on('error', () => undefined)
      kept.push(socket.pipe(socket))
      return ''
    }
    if (req.path === '/stream') return stream(forever())
    let length = 0
    for await (const piece of req) length += piece.length
    return String(length)
  },
  {
    bodyMode: 'stream',
    maxBodySize: 1 << 30,
    ioThreads: hasThreads ? 2 : 0,
    onError: () => undefined,
  },
)
await server.listen(0, '127.0.0.1')
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage((server.address() as AddressInfo).port)
