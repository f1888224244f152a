// Serves a port that it shares with others, and closes on SIGTERM; the process has nothing else to do.
import { createServer } from '../../ts/index.ts'

const server = createServer((req) => req.path, { ioThreads: 2 })
await server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', reusePort: true })
process.once('SIGTERM', () => void server.close({ timeout: 10_000 }))
console.log('listens')
