// The example of Nim's manual: the loop decides itself when the next client is accepted.
import { setTimeout as delay } from 'node:timers/promises'
import { Http200, newAsyncHttpServer, newHttpHeaders, type Request } from 'fasthttp/asynchttpserver'

const server = newAsyncHttpServer()
const headers = newHttpHeaders([['Content-Type', 'text/plain; charset=utf-8']])

async function callback(req: Request): Promise<void> {
  console.log(req.reqMethod, String(req.url), req.headers.get('user-agent'))
  await req.respond(Http200, 'Hello World', headers)
}

async function main(): Promise<void> {
  await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
  console.log(`curl http://127.0.0.1:${server.getPort()}/`)
  for (;;) {
    if (server.shouldAcceptRequest()) await server.acceptRequest(callback)
    // Too many descriptors are open: some will be closed.
    else await delay(500)
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
await main().catch((error: NodeJS.ErrnoException) => {
  // Who waited for a client when the server closed.
  if (error.code !== 'ERR_SERVER_NOT_RUNNING') throw error
})
