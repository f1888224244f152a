// Several processes on one port (Linux, FreeBSD). I/O threads share one JavaScript heap already: this is for
// handlers that need more than a core for themselves, or whose crash must not be everybody's.
import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'fasthttp'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** A fixed one: workers share it by the kernel, which gives each new connection to one of them. */
const PORT = Number(process.env['PORT'] ?? 3000)
const WORKERS = Number(process.env['WORKERS'] ?? 2)

async function work(): Promise<void> {
  const server = createServer(() => `answered by ${process.pid}\n`, { ioThreads: 1 })
  for (const signal of SIGNALS) {
    process.once(
      signal,
      () => void server.close({ timeout: 10_000 }).then(() => process.disconnect()),
    )
  }
  // In a worker `reusePort` is implied.
  await server.listen(PORT, '127.0.0.1')
  process.send?.('listening')
}

async function supervise(): Promise<void> {
  let isClosing = false
  const workers = Array.from({ length: WORKERS }, () => cluster.fork())
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      isClosing = true
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal)
    })
  }
  const listening = new Set<number>()
  cluster.on('message', (worker) => void listening.add(worker.id))
  cluster.on('exit', (worker, code) => {
    if (isClosing) return
    if (!listening.has(worker.id)) {
      // The next one would not fare better: the port is taken, or the program is wrong.
      console.error(`worker ${worker.process.pid} ended with ${code} before it listened: giving up`)
      process.exit(1)
    }
    console.error(`worker ${worker.process.pid} ended with ${code}: another one takes its place`)
    cluster.fork()
  })
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  console.log(`http://127.0.0.1:${PORT}/ (${WORKERS} workers)`)
}

await (cluster.isPrimary ? supervise() : work())
