// Ends without losing a request: not ready any more, then what was received is answered, then the end.
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createServer, Router, text } from 'fasthttp'

/** Milliseconds in which a load balancer learns that no more requests are wanted; 0 without one. */
const NOTICE = Number(process.env['NOTICE'] ?? 0)
/** Milliseconds for requests that are being answered. Kubernetes kills after 30 s by default. */
const TIMEOUT = 10_000
let isReady = true

const router = new Router()
  .get('/', () => 'Hello, World!\n')
  .get('/ready', () => (isReady ? 'yes\n' : text('no\n', { status: 503 })))
  .get('/slow', async () => {
    await delay(500)
    return 'answered all the same\n'
  })

const server = createServer(router)
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/ (also /ready, /slow)`)

async function shutDown(signal: string): Promise<void> {
  isReady = false
  console.log(`${signal}: closing`)
  await delay(NOTICE)
  // Nobody else is accepted; the last answer of each connection says `Connection: close`.
  await server.close({ timeout: TIMEOUT })
  console.log('closed')
  // Close here what else keeps the process alive: pools, timers. Then it ends by itself, with 0.
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void shutDown(signal)
    // Who asks twice does not want to wait.
    process.once(signal, () => process.exit(1))
  })
}
