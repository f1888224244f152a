// One of the instances behind HAProxy: told to end by SIGTERM, it loses no request.
import { createServer } from 'fasthttp'

const server = createServer((req) => `${req.body.length}`)
server.ready('/ready')
server.alive('/alive')
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
console.log('listens')
// Long enough for some checks: by then nobody sends clients here.
process.once('SIGTERM', () => void server.drain({ lameDuck: 1000, keepAliveGrace: 1000 }))
