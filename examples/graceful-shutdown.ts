// Ends without losing a request: not ready any more, then what is on its way is answered, then the end.
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createServer, Router } from 'fasthttp'

/** Milliseconds in which a load balancer learns that no more requests are wanted; 0 without one. */
const NOTICE = Number(process.env['NOTICE'] ?? 0)
/** Milliseconds for requests that are being answered. Kubernetes kills after 30 s by default. */
const TIMEOUT = 10_000

const router = new Router()
  .get('/', () => 'Hello, World!\n')
  .get('/slow', async () => {
    await delay(2000)
    return 'answered all the same\n'
  })

const server = createServer(router)
server.ready('/ready')
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/ (also /ready, /slow)`)

async function shutDown(signal: string): Promise<void> {
  // For NOTICE clients are served as ever, but for `Connection: close`, and /ready says 503; then nobody is accepted.
  const drained = server.drain({ lameDuck: NOTICE, timeout: NOTICE + TIMEOUT })
  console.log(`${signal}: closing`)
  const { cut } = await drained
  console.log(cut === 0 ? 'closed' : `closed, and ${cut} connections were cut`)
  // Close here what else keeps the process alive: pools, timers. Then it ends by itself, with 0.
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void shutDown(signal)
    // Who asks twice does not want to wait.
    process.once(signal, () => process.exit(1))
  })
}
