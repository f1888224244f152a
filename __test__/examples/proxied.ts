import type { ExecutionContext } from 'ava'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { get, post } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import type { Ask } from './asked.ts'
import type { Example } from './example.ts'

/** The server behind the proxy, and what it has seen. */
interface Upstream {
  readonly server: Server
  readonly seen: { line: string; fields: string[]; body: string }[]
  /** Paths whose clients have left before the end of the answer. */
  readonly left: Set<string>
}

/** A server of node:http that echoes, waits, breaks off or never ends, as its path says. */
async function startUpstream(t: ExecutionContext, port: number): Promise<Upstream> {
  const left = new Set<string>()
  const seen: Upstream['seen'] = []
  const server = createServer((req, res) => {
    const { method, url = '', rawHeaders } = req
    const entry = { line: `${method} ${url}`, fields: rawHeaders, body: '' }
    seen.push(entry)
    req.on('data', (chunk: Buffer) => (entry.body += chunk.toString()))
    res.on('close', () => res.writableFinished || left.add(url))
    const answer = ANSWERS[url]
    if (answer !== undefined) answer(req, res)
    else res.writeHead(404).end('nothing')
  })
  server.listen(port, '127.0.0.1')
  await within('listen', once(server, 'listening'))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { server, seen, left }
}

const ANSWERS: Record<string, (req: IncomingMessage, res: ServerResponse) => void> = {
  '/echo?a=b': (req, res) => void req.pipe(res),
  '/fields': (_, res) => {
    const fields = ['X-Of-Connection', '1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Own', '2']
    res.writeHead(201, 'Made', ['Connection', 'x-of-connection', ...fields, 'Content-Length', '2'])
    res.end('ok')
  },
  '/wait': () => undefined,
  '/endless': (_, res) => {
    const more = (): void => {
      while (res.write('x'.repeat(1000)));
      res.once('drain', more)
    }
    more()
  },
  '/broken': (_, res) => {
    res.writeHead(200, { 'Content-Length': 1000 })
    res.write('a part')
    setImmediate(() => res.destroy())
  },
}

const CHUNKED = 'Transfer-Encoding: chunked\r\n'

export const askProxy: Ask = async (t, example, { UPSTREAM = '' }) => {
  t.is((await example.ask('/fields')).status, 502)
  const upstream = await startUpstream(t, Number(new URL(UPSTREAM).port))
  await askBodies(t, example, upstream)
  await askFields(t, example, upstream)
  await askLeaving(t, example, upstream)
}

async function askBodies(t: ExecutionContext, { connect }: Example, { seen }: Upstream) {
  const client = await connect()
  // What the client sends arrives, and comes back, before it sends more.
  client.send(`POST /echo?a=b HTTP/1.1\r\nHost: a.test\r\n${CHUNKED}\r\n5\r\nfirst\r\n`)
  await within('the first half', client.through('first\r\n'))
  client.send('6\r\nsecond\r\n0\r\n\r\n')
  await within('the end', client.through('second\r\n0\r\n\r\n'))
  t.is(seen[0]?.body, 'firstsecond')

  // A body of a GET is a body, not a second request.
  const hidden = 'GET /fields HTTP/1.1\r\n\r\n'
  const size = hidden.length.toString(16)
  client.send(get('/none', CHUNKED)).send(`${size}\r\n${hidden}\r\n0\r\n\r\n`)
  t.is((await client.reply()).status, 404)
  await until('the body', () => seen[1]?.body === hidden)
  t.deepEqual(
    seen.map(({ line }) => line),
    ['POST /echo?a=b', 'GET /none'],
  )
}

async function askFields(t: ExecutionContext, { connect }: Example, { seen }: Upstream) {
  const client = await connect()
  const own =
    'Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nX-End: 2\r\n'
  const reply = await client.send(post('/fields', 'body', own)).reply('POST')
  t.deepEqual([reply.status, reply.reason, reply.text], [201, 'Made', 'ok'])
  const came = reply.headers.map(([name, value]) => `${name}: ${value}`)
  for (const line of ['Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-Own: 2']) t.true(came.includes(line))
  t.false(came.some((line) => /^x-of-connection/i.test(line)))
  const { fields = [], body } = seen.at(-1) ?? {}
  t.is(body, 'body')
  const went = fields.map((name, i) => (i % 2 === 0 ? `${name}: ${fields[i + 1]}` : '')).join('\n')
  t.regex(went, /^X-End: 2$/m)
  t.regex(went, /^Host: a\.test$/m)
  t.regex(went, /^X-Forwarded-For: 127\.0\.0\.1$/m)
  t.notRegex(went, /^(x-hop|keep-alive|te|transfer-encoding):/im)
  const head = await client.send('HEAD /fields HTTP/1.1\r\nHost: a.test\r\n\r\n').reply('HEAD')
  t.deepEqual([head.status, head.header('content-length')], [201, '2'])
}

async function askLeaving(t: ExecutionContext, { connect }: Example, { seen, left }: Upstream) {
  // Before the answer, and in the middle of it: the upstream hears of both.
  for (const [path, size] of [
    ['/wait', 0],
    ['/endless', 1 << 20],
  ] as const) {
    const client = await connect()
    client.send(get(path))
    await until(path, () => seen.at(-1)?.line === `GET ${path}`)
    await within(`much of ${path}`, client.exactly(size))
    client.reset()
    await until(`the end of ${path}`, () => left.has(path))
  }
  const broken = await connect()
  broken.send(get('/broken'))
  await within('a part', broken.through('a part'))
  await broken.gone()
  t.is((await (await connect()).get('/fields')).status, 201)
}
