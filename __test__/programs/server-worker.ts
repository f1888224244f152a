// A server in a worker thread, to be terminated.
import type { AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { loadedServer } from '../support/loaded.ts'

const { exitAfter } = workerData as { exitAfter: number }
let count = 0
const server = loadedServer(() => {
  if (++count === exitAfter) process.exit(0)
})
await server.listen(0, '127.0.0.1')
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage((server.address() as AddressInfo).port)
