// A server that is asked how it is while its JavaScript is told to spin, until the file of its last argument is there.
import type { AddressInfo } from 'node:net'
import { existsSync } from 'node:fs'
import { createServer } from '../../ts/index.ts'

const [readyAfter = '300', stuckAfter = '6000', over = ''] = process.argv.slice(2)

function spin(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end && !existsSync(over));
}

const server = createServer((req) => {
  if (req.path === '/spin') spin(Number(req.query))
  if (req.path === '/drain') {
    void server.drain({ lameDuck: 1e6 })
    spin(1e9)
  }
  return 'ok'
})
server.ready('/ready', { readyAfter: Number(readyAfter) })
server.alive('/alive', { stuckAfter: Number(stuckAfter) })
await server.listen({ host: '127.0.0.1', notify: true })
console.log((server.address() as AddressInfo).port)
process.stdin.once('data', () => spin(1e9))
