// A handler from Request to Response: JSON, an upload, a stream. What Hono, h3 or tRPC give is one as well.
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type FetchContext, serve } from 'fasthttp/fetch'

const encoder = new TextEncoder()

/** Counts down, and stops when nobody listens any more. */
function countdown(signal: AbortSignal): ReadableStream<Uint8Array> {
  let left = 3
  return new ReadableStream({
    async pull(controller) {
      if (left === 0) return controller.close()
      controller.enqueue(encoder.encode(`${left--}\n`))
      await delay(100, undefined, { signal }).catch(() => undefined)
    },
  })
}

/** The digest of a body of any length, none of which is kept. */
async function digest(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of body ?? []) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

async function app(req: Request, { remoteAddress }: FetchContext): Promise<Response> {
  const { pathname, searchParams } = new URL(req.url)
  switch (`${req.method} ${pathname}`) {
    case 'GET /':
      return new Response(`Hello, ${searchParams.get('name') ?? 'World'}!\n`)
    case 'GET /me':
      return Response.json({ address: remoteAddress, agent: req.headers.get('user-agent') })
    case 'POST /digest':
      return new Response(await digest(req.body as ReadableStream<Uint8Array> | null))
    case 'GET /countdown':
      return new Response(countdown(req.signal), { headers: { 'Content-Type': 'text/plain' } })
    default:
      return new Response(`no ${pathname} here\n`, { status: 404 })
  }
}

const server = await serve({
  fetch: app,
  port: Number(process.env['PORT'] ?? 3000),
  hostname: '127.0.0.1',
  maxBodySize: Infinity,
  error: () => new Response('Sorry\n', { status: 500 }),
})
const address = server.address()
if (address !== null && typeof address === 'object')
  console.log(`http://${address.address}:${address.port}/ (also /me, /digest, /countdown)`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
