// A line of JSON for each request, and /metrics for Prometheus.
import { subscribe } from 'node:diagnostics_channel'
import type { AddressInfo } from 'node:net'
import { createServer, type HttpRequest, type RequestMessage, Router, text } from 'fasthttp'

const begun = new WeakMap<HttpRequest, number>()
const handled = { count: 0, seconds: 0 }

/** The status of what a handler gave: text is 200, and bytes say it themselves. */
function statusOf(response: unknown): number | undefined {
  if (typeof response === 'string') return 200
  if (response instanceof Uint8Array) return Number(Buffer.from(response).toString('latin1', 9, 12))
  return (response as { status?: number } | undefined)?.status
}

subscribe('fasthttp.server.request.start', (message) => {
  begun.set((message as RequestMessage).request, performance.now())
})
subscribe('fasthttp.server.response.finish', (message) => {
  const { request: req, response, outcome } = message as RequestMessage
  const ms = Number((performance.now() - (begun.get(req) ?? 0)).toFixed(3))
  handled.count++
  handled.seconds += ms / 1000
  const { method, path, remoteAddress } = req
  const status = statusOf(response)
  console.log(JSON.stringify({ method, path, status, outcome, ms, remoteAddress }))
})

/** One metric in the text format of Prometheus: its values by label. */
function metric(name: string, type: string, values: Record<string, number>): string {
  const lines = Object.entries(values).map(
    ([label, value]) => `fasthttp_${name}${label} ${value}\n`,
  )
  return `# TYPE fasthttp_${name} ${type}\n${lines.join('')}`
}

function metrics(): string {
  const { connections, requests, responses, bytes, refused, queue } = server.stats()
  const classes = Object.entries(responses).map(([name, n]) => [`{class="${name}"}`, n] as const)
  return [
    metric('connections', 'gauge', { '': connections.open }),
    metric('requests_total', 'counter', { '': requests }),
    metric('responses_total', 'counter', Object.fromEntries(classes)),
    metric('bytes_total', 'counter', { '{way="in"}': bytes.in, '{way="out"}': bytes.out }),
    metric('refused_total', 'counter', { '': refused }),
    metric('queue_delay_ms', 'gauge', { '': queue.delay }),
    metric('handler_seconds', 'summary', { _sum: handled.seconds, _count: handled.count }),
  ].join('')
}

const TYPE = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }
const router = new Router()
  .get('/', () => 'Hello, World!\n')
  .get('/metrics', () => text(metrics(), { headers: TYPE }))
const server = createServer(router)
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
