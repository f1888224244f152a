// Reads uploads as they come; says by how many bytes its memory has grown at most.
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { createServer, type HttpRequest } from '../../ts/index.ts'

let most = 0
const look = (): void => {
  most = Math.max(most, process.memoryUsage.rss())
}

async function count(req: HttpRequest): Promise<string> {
  let length = 0
  for await (const piece of req) {
    length += piece.length
    look()
  }
  return String(length)
}

const server = createServer(count, { bodyMode: 'stream', maxBodySize: 64 << 20 })
await server.listen(0, '127.0.0.1')
console.log((server.address() as AddressInfo).port)
let before = 0
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'begin') {
    before = most = process.memoryUsage.rss()
    console.log(before)
  } else {
    console.log(most - before)
    break
  }
}
await server.close()
process.stdin.destroy()
