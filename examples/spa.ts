// A single page application: its files, an API beside them, and the page for every other address.
import type { AddressInfo } from 'node:net'
import { createServer, file, type HttpRequest, type HttpResult, json, Router, text } from 'fasthttp'

const site = new URL(process.env['SITE'] ?? '../../examples/site/', import.meta.url)
const page = new URL('index.html', site)

/** Addresses within the application lead to its page; a file that is missing is missing. */
function missing(req: HttpRequest): HttpResult {
  const isPage = (req.header('accept') ?? '').includes('text/html')
  if (!isPage || req.path.startsWith('/api/')) return text('Not Found\n', { status: 404 })
  return file(page, { headers: { 'Cache-Control': 'no-cache' } })
}

const router = new Router({ overlap: 'static-first', notFound: missing })
router.get('/api/name', () => json({ name: 'fasthttp' }))
router.serveFiles('/*filepath', site, {
  // A builder gives what is below assets/ a new name with each change.
  cacheControl: (path) =>
    path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
})

const server = createServer(router)
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
