// Answers at once, late, and with what it copied; obeys "rss" and "close" on its standard input.
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { createServer, type HttpResult } from '../../ts/index.ts'

let count = 0

const server = createServer((req): HttpResult | Promise<HttpResult> => {
  count++
  const answer = `${req.path}${req.query}${req.header('x-two') ?? ''}`
  if (count % 16 === 0) return new Promise((resolve) => setImmediate(resolve, answer))
  if (count % 64 === 1) return req.buffer.length > 0 ? answer : ''
  return answer
})
await server.listen(0, '127.0.0.1')
console.log((server.address() as AddressInfo).port)
const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => {
  if (line === 'rss') console.log(process.memoryUsage.rss())
  if (line === 'close') {
    void server.close()
    lines.close()
    process.stdin.destroy()
  }
})
