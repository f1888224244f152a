// A primary that opens a port for its workers and lets it go; each worker listens on its descriptor.
import cluster from 'node:cluster'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/index.ts'

/** The number of the descriptor behind those of stdio and the channel. */
const PASSED = 4

if (cluster.isPrimary) {
  const server = createServer(() => 'primary')
  await server.listen({ host: '127.0.0.1' })
  const { port } = server.address() as AddressInfo
  cluster.setupPrimary({ stdio: ['ignore', 'inherit', 'inherit', 'ipc', server.fd()] })
  const workers = [cluster.fork(), cluster.fork()]
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  // The workers have descriptors of their own.
  await server.close()
  console.log(port)
  await once(process.stdin, 'data')
  for (const worker of workers) worker.send('end')
  await Promise.all(workers.map((worker) => once(worker, 'exit')))
  process.stdin.destroy()
} else {
  const server = createServer(() => `worker ${cluster.worker?.id}`, { ioThreads: 1 })
  await server.listen({ fd: PASSED })
  process.send?.('listens')
  process.once('message', () => {
    void server.close()
    process.disconnect()
  })
}
