// Two servers, one after the other, each asked twice; says what they answered, and what the process was warned of.

import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { counted } from '../../ts/node/counted.ts'

const warnings: { code: string; message: string }[] = []
// Not removed: they are printed as well, where nobody looks.
process.on('warning', (warning) => {
  const { code = '', message } = warning as NodeJS.ErrnoException
  if (code.startsWith('FASTHTTP')) warnings.push({ code, message })
})

async function ask(port: number, method: string, path: string, body?: string): Promise<string> {
  const req = request({ port, host: '127.0.0.1', method, path, agent: false })
  req.end(body)
  const [res] = (await once(req, 'response')) as [AsyncIterable<Buffer>]
  let text = ''
  for await (const chunk of res) text += chunk.toString()
  return text
}

const answers: string[] = []
for (let i = 0; i < 2; i++) {
  const server = createServer((req, res) => {
    let text = `${req.method} ${req.url}`
    req.on('data', (chunk: Buffer) => (text += ` ${chunk}`))
    req.on('end', () => res.end(text))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  answers.push(await ask(port, 'GET', '/a'), await ask(port, 'POST', '/b', 'hi'))
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
const { fallbacks } = counted
console.log(JSON.stringify({ answers, warnings, fallbacks }))
process.exit()
