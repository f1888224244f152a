// A server whose handler of /block blocks the event loop for so many milliseconds and says so.
import { createServer } from '../../ts/index.ts'

const ms = Number(process.argv[2])
const server = createServer((req) => {
  if (req.path !== '/block') return req.text() || 'ok'
  console.log('blocked')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  console.log('unblocked')
  return 'over'
})
await server.listen(0, '127.0.0.1')
console.log(JSON.stringify(server.address()))
process.stdin.on('data', () => console.log(JSON.stringify(server.stats())))
process.stdin.on('end', () => void server.close())
