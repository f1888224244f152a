// A server of node's API is sent to a child, which goes on with it by one of its own; prints what happened.
//
//   sent.js <I/O threads>
import { fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createServer } from '../../ts/node/index.ts'
import { counted } from '../../ts/node/counted.ts'

const ioThreads = Number(process.argv[2])

async function ask(port: number): Promise<string> {
  const req = http.get({ port, host: '127.0.0.1', agent: false })
  const [res] = (await once(req, 'response')) as [AsyncIterable<Buffer>]
  let text = ''
  for await (const chunk of res) text += chunk.toString()
  return text
}

if (process.argv[3] === 'child') {
  process.once('message', (_message, handle) => {
    // What came is a server that listens by now.
    const server = createServer({ ioThreads }, (_req, res) =>
      res.end(`child ${counted.fallbacks}`, () => setImmediate(() => process.disconnect())),
    )
    server.listen(handle as NetServer, () => process.send?.('listens'))
    process.once('disconnect', () => server.close())
  })
} else {
  const server = createServer({ ioThreads }, (_req, res) => res.end('parent'))
  server.listen(0, '127.0.0.1')
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const said = [await ask(port)]
  const args = [String(ioThreads), 'child']
  const child = fork(fileURLToPath(import.meta.url), args)
  child.send('server', server)
  await once(child, 'message')
  server.close()
  await once(server, 'close')
  said.push(await ask(port))
  const [code] = (await once(child, 'exit')) as [number]
  console.log(JSON.stringify([...said, `exit ${code}`]))
}
