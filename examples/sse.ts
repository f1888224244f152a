// Server-sent events: a page that counts. A client that comes back gets what it has missed.
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createServer, html, type HttpRequest, Router, type ServerSentEvent, sse } from 'fasthttp'

const PAGE = `<!doctype html><title>Ticks</title><p id="tick">-</p>
<script>
  new EventSource('/ticks').addEventListener('tick', (event) => {
    document.getElementById('tick').textContent = event.data
  })
</script>`

const closing = new AbortController()

/** A number a second, from behind the last one that the client has seen. */
async function* ticks(req: HttpRequest): AsyncGenerator<ServerSentEvent> {
  // The server cancels a generator when it yields; the signals end its wait.
  const signal = AbortSignal.any([req.signal, closing.signal])
  const seen = Number(req.header('last-event-id') ?? 0)
  for (let n = Number.isInteger(seen) ? seen + 1 : 1; !signal.aborted; n++) {
    yield { event: 'tick', id: String(n), data: { n, at: new Date().toISOString() } }
    await delay(1000, undefined, { signal }).catch(() => undefined)
  }
}

const router = new Router()
  .get('/', () => html(PAGE))
  .get('/ticks', (req) => sse(ticks(req), { keepAlive: 15_000 }))

const server = createServer(router)
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    // Streams have no end of their own: close would wait for them.
    closing.abort()
    void server.close()
  })
}
