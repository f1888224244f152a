// Echoes bodies and gives large answers on two I/O threads, or without any where other servers have none, for
// a test that injects faults into them; ends when its standard input does.
import type { AddressInfo } from 'node:net'
import { bytes, createServer } from '../../ts/index.ts'
import { hasThreads } from '../support/shared-thread.ts'

const large = new Uint8Array(300_000).fill(0x61)

const server = createServer((req) => (req.path === '/large' ? bytes(large) : req.text()), {
  ioThreads: hasThreads ? 2 : 0,
})
await server.listen(0, '127.0.0.1')
console.log((server.address() as AddressInfo).port)
process.stdin.on('end', () => void server.close({ timeout: 0 })).resume()
