// Serves from the main thread and from a worker, by import and by require, and says how many
// binaries that took.
import { createServer } from 'fasthttp'
import { Http200, newAsyncHttpServer } from 'fasthttp/asynchttpserver'
import { serve as serveFetch } from 'fasthttp/fetch'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isMainThread, Worker } from 'node:worker_threads'

async function serve(create) {
  const server = create((req) => `${req.method} ${req.path}`)
  await server.listen(0, '127.0.0.1')
  const response = await fetch(`http://127.0.0.1:${server.address().port}/here`)
  if ((await response.text()) !== 'GET /here') throw new Error('wrong answer')
  await server.close()
}

async function serveByNim() {
  const server = newAsyncHttpServer()
  await server.listen(0, '127.0.0.1')
  const accepted = server.acceptRequest((req) => req.respond(Http200, req.url.path))
  const response = await fetch(`http://127.0.0.1:${server.getPort()}/here`)
  if ((await response.text()) !== '/here') throw new Error('wrong answer')
  await accepted
  await server.close()
}

async function serveByFetch() {
  const fetched = (req) => new Response(new URL(req.url).pathname)
  const server = await serveFetch({ fetch: fetched, port: 0, hostname: '127.0.0.1' })
  const response = await fetch(`http://127.0.0.1:${server.address().port}/here`)
  if ((await response.text()) !== '/here') throw new Error('wrong answer')
  await server.close()
}

const required = createRequire(import.meta.url)('fasthttp')
if (required.createServer !== createServer) throw new Error('require gives another module')
await serve(createServer)
await serveByNim()
await serveByFetch()
await serve(required.createServer)
if (isMainThread) {
  await new Promise((resolve, reject) => {
    new Worker(new URL(import.meta.url))
      .on('error', reject)
      .on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`worker: ${code}`))))
  })
  const maps = process.platform === 'linux' ? readFileSync('/proc/self/maps', 'utf8') : ''
  const binaries = new Set(maps.match(/\/\S*fasthttp\S*\.node$/gm))
  console.log(`served with ${binaries.size} binary: ${[...binaries].join(' ')}`)
}
