// Text, JSON, an echoed body and an async handler. Ctrl-C answers what was received, then exits.
import { setTimeout as delay } from 'node:timers/promises'
import { createServer, HttpError, type HttpRequest, type HttpResult, json } from 'fasthttp'

async function later(): Promise<HttpResult> {
  await delay(2000)
  return 'answered 2 s later\n'
}

function handler(req: HttpRequest): HttpResult | Promise<HttpResult> {
  switch (req.path) {
    case '/':
      return 'Hello, World!\n'
    case '/json':
      return json({
        hello: req.searchParams.get('name') ?? 'world',
        agent: req.header('user-agent'),
      })
    case '/echo':
      return req.text()
    case '/later':
      return later()
    default:
      throw new HttpError(404, `no ${req.path} here\n`)
  }
}

const server = createServer(handler)
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
const address = server.address()
if (address !== null && typeof address === 'object') {
  console.log(`http://${address.address}:${address.port}/ (also /json, /echo, /later)`)
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
