// A reverse proxy with node:http as its client: bodies are streamed both ways, at the pace of who reads.
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { createServer, empty, HttpError, type HttpRequest, type HttpResult, stream } from 'fasthttp'

const upstream = new URL(process.env['UPSTREAM'] ?? 'http://127.0.0.1:8080')
const agent = new Agent({ keepAlive: true })
/** Fields of one connection (RFC 9110 §7.6.1), and Expect, which the server has answered. */
const HOP =
  'connection keep-alive proxy-connection te trailer transfer-encoding upgrade expect'.split(' ')

/** What is for the other end: without the fields of this connection and those that it names. */
function endToEnd(fields: Iterable<[string, string]>, connection = ''): [string, string][] {
  const named = connection.split(',').map((name) => name.trim().toLowerCase())
  return [...fields].filter(([name]) => ![...HOP, ...named].includes(name.toLowerCase()))
}

async function proxy(req: HttpRequest): Promise<HttpResult> {
  if (!req.url.startsWith('/')) throw new HttpError(400, 'not a path\n')
  const fields = endToEnd(req.headers, req.header('connection'))
  fields.push(['X-Forwarded-For', req.remoteAddress], ['Via', `${req.httpVersion} fasthttp`])
  // A body without a length has to be framed anew, or its bytes would be read as a request.
  const isChunked = req.header('transfer-encoding') !== undefined
  if (isChunked) fields.push(['Transfer-Encoding', 'chunked'])
  const { method, url: path, signal } = req
  const { hostname: host, port } = upstream
  const asked = request({ host, port, method, path, agent, signal, headers: fields.flat() })
  asked.setTimeout(30_000, () => asked.destroy(new HttpError(504, 'the upstream is silent\n')))
  // Its failure is the failure of `asked`.
  pipeline(req.stream(), asked).catch(() => undefined)
  try {
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    const { statusCode: status = 502, statusMessage: statusText = '', rawHeaders } = answer
    const pairs = rawHeaders.flatMap((name, i): [string, string][] =>
      i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? '']] : [],
    )
    // When the client leaves, the source is destroyed, and with it the request to the upstream.
    return stream(answer, {
      status,
      statusText,
      headers: endToEnd(pairs, answer.headers.connection),
    })
  } catch (cause) {
    if (signal.aborted) return empty()
    throw cause instanceof HttpError ? cause : new HttpError(502, '', { cause })
  }
}

const server = createServer(proxy, { bodyMode: 'stream', maxBodySize: Infinity })
await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/ -> ${upstream.href}`)
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void server.close({ timeout: 10_000 }).then(() => agent.destroy()))
}
