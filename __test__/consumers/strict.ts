import { createServer, type Handler, HttpError, json, type ServerOptions, text } from 'fasthttp'
import { type Callback, newAsyncHttpServer, newHttpHeaders } from 'fasthttp/asynchttpserver'
import { createServer as createFetchServer, type FetchHandler, toHandler } from 'fasthttp/fetch'
import {
  createServer as createNodeServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server as NodeServer,
} from 'fasthttp/node'
import type { AddressInfo } from 'node:net'

const callback: Callback = (req) => req.respond(200, req.headers.get('host'))
void newAsyncHttpServer({ readTimeout: 1000 })
  .acceptRequest(callback)
  .catch(() => undefined)
const fetched: FetchHandler = (req, { remoteAddress }) =>
  new Response(JSON.stringify({ url: req.native().url, remoteAddress }))
void createFetchServer(fetched, { error: () => new Response(null, { status: 500 }) })
void createServer(toHandler((req: Request) => new Response(req.url)))
const listener: RequestListener = (req, res) => {
  const headers: IncomingHttpHeaders = req.headers
  res.end(headers.host)
}
const nodeServer: NodeServer = createNodeServer({ ioThreads: 1 }, listener)
nodeServer.on('connection', (socket) => socket.unref())
const handler: Handler = (req) => {
  if (req.path !== '/here') throw new HttpError(404)
  return json({ path: req.path, agent: req.header('user-agent') ?? null })
}
const echo: Handler = (req) => new Response(req.body)
void createServer(echo)
void [
  text('', { headers: [['a', 'b']] }),
  newHttpHeaders([
    ['a', 'b'],
    ['c', ['d']],
  ]),
]
const options: ServerOptions = { ioThreads: 1, keepAliveTimeout: 1000 }

// What is compiled to CommonJS has no `await` outside of a function.
async function main(): Promise<void> {
  const server = await createServer(handler, options).listen(0, '127.0.0.1')
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/here`)
  const { path } = (await response.json()) as { path: string }
  if (path !== '/here') throw new Error('wrong answer')
  await server.close()
  console.log('served')
}

void main()
