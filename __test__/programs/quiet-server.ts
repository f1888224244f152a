// Answers each request with its path, with as many I/O threads as its argument says; ends with its standard input.
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/index.ts'

const server = createServer((req) => req.path, { ioThreads: Number(process.argv[2]) })
await server.listen(0, '127.0.0.1')
console.log((server.address() as AddressInfo).port)
// Whoever traces it may be gone before.
process.stdin.on('end', () => process.exit()).resume()
