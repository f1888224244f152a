// A server in a worker thread that closes with its first request; says how the thread ended.
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { createServer } from '../../ts/index.ts'

if (isMainThread) {
  const worker = new Worker(fileURLToPath(import.meta.url))
  worker.on('message', (port) => console.log(port))
  worker.on('exit', (code) => console.log(`exit ${code}`))
} else {
  const server = createServer(() => {
    void server.close()
    return 'from a worker'
  })
  await server.listen(0, '127.0.0.1')
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage((server.address() as AddressInfo).port)
}
