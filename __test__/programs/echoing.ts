// Bodies that are larger than there is room for, sent back in each way, or answered by as much; prints how many of the
// answers were whole, and what was left of them.
//
//   echoing.js <I/O threads> <way>
import { once } from 'node:events'
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'
import { createServer } from '../../ts/node/index.ts'

const [threads, way = ''] = process.argv.slice(2)

const WAYS: Record<string, (req: IncomingMessage, res: ServerResponse) => void> = {
  pipe: (req, res) => void req.pipe(res),
  pipeline: (req, res) => void pipeline(req, res, () => undefined),
  write(req, res) {
    req.on('data', (chunk: Buffer) => {
      if (res.write(chunk)) return
      req.pause()
      res.once('drain', () => req.resume())
    })
    req.on('end', () => res.end())
  },
  whole(req, res) {
    let length = 0
    req.on('data', (chunk: Buffer) => (length += chunk.length))
    req.on('end', () => res.end(Buffer.alloc(length)))
  },
}

let needsDrain = 0
const server = createServer({ ioThreads: Number(threads) }, (req, res) => {
  if (req.socket.writableNeedDrain) needsDrain++
  WAYS[way]?.(req, res)
})
server.listen(0, '127.0.0.1')
if (!server.listening) await once(server, 'listening')
const { port } = server.address() as AddressInfo
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

async function send(size: number): Promise<number> {
  const req = request({ port, host: '127.0.0.1', method: 'POST', agent })
  req.end(Buffer.alloc(size))
  const [res] = (await once(req, 'response')) as [AsyncIterable<Buffer>]
  let length = 0
  for await (const chunk of res) length += chunk.length
  return length
}

let whole = 0
for (const size of [...Array.from({ length: 20 }, () => 200_000), 3_000_000, 3_000_000])
  if ((await send(size)) === size) whole++
agent.destroy()
server.close()
await once(server, 'close')
console.log(JSON.stringify({ whole, needsDrain }))
