// A server that may open few descriptors; tells what it used when its input ends.
import { createServer } from '../../ts/index.ts'

const server = createServer(() => 'ok', { ioThreads: 1, maxConnections: 100_000 })
await server.listen(0, '127.0.0.1')
console.log(JSON.stringify(server.address()))
process.stdin.on('data', () => {
  const { user, system } = process.cpuUsage()
  console.log(JSON.stringify({ cpu: user + system, stats: server.stats() }))
})
process.stdin.on('end', () => void server.close())
