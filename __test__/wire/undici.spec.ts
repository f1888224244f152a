import test, { type ExecutionContext } from 'ava'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Client, fetch, FormData, Pool } from 'undici'
import { bytes, file, type HttpRequest, type HttpResult, sse, stream } from '../../ts/index.ts'
import { gate, until, within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { inParallel, type Service, serve } from '../support/service.ts'
import { digest, expected } from '../support/upload.ts'

// The server as undici sees it, node's own client.

type Options = Parameters<typeof serve>[2]
type Handle = (req: HttpRequest) => HttpResult | Promise<HttpResult>

/** A server, and a pool of undici's for it. */
async function pool(
  t: ExecutionContext,
  handler: Handle,
  options: Options = {},
  client: Pool.Options = {},
): Promise<Service & { pool: Pool; origin: string }> {
  const service = await serve(t, handler, options)
  const origin = `http://127.0.0.1:${service.port}`
  const made = new Pool(origin, { connections: 4, ...client })
  t.teardown(() => made.destroy())
  return { ...service, pool: made, origin }
}

async function* counting(count: number): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) yield `${i},`
}

const numbers = (count: number): string => Array.from({ length: count }, (_, i) => `${i},`).join('')

for (const pipelining of [1, 10]) {
  test(`1000 requests of every kind over 4 connections, ${pipelining} at a time`, async (t) => {
    const path = join(folder(t), 'f')
    const content = randomBytes(100_000)
    writeFileSync(path, content)
    const {
      pool: agent,
      server,
      errors,
    } = await pool(
      t,
      async (req) => {
        const { path: asked } = req
        if (asked.startsWith('/stream')) return stream(counting(Number(req.query)))
        if (asked.startsWith('/file')) return file(path)
        if (asked.startsWith('/late')) await new Promise((resolve) => setImmediate(resolve))
        if (asked.startsWith('/raw')) {
          req.raw().end(`HTTP/1.1 200 OK\r\nContent-Length: ${asked.length}\r\n\r\n${asked}`)
        }
        return `${asked}${req.text()}`
      },
      {},
      { pipelining },
    )
    const ask = async (i: number): Promise<void> => {
      const kind = ['text', 'stream', 'file', 'late', 'raw', 'post'][i % 6] as string
      const target = kind === 'stream' ? `/stream?${i}` : `/${kind}/${i}`
      const got = await agent.request(
        kind === 'post'
          ? { method: 'POST', path: target, body: `body ${i}` }
          : { method: 'GET', path: target },
      )
      const body = Buffer.from(await got.body.arrayBuffer())
      t.is(got.statusCode, 200)
      if (kind === 'file') t.true(body.equals(content))
      else if (kind === 'stream') t.is(body.toString(), numbers(i))
      else t.is(body.toString(), kind === 'post' ? `${target}body ${i}` : target)
    }
    const all = Array.from({ length: 1000 }, (_, i) => i)
    await inParallel(all, 50, (i) => within(`request ${i}`, ask(i)))
    t.true(server.stats().connections.total <= 4, 'connections are used again')
    t.deepEqual(errors, [])
  })
}

/** Bodies as fetch and request take them. */
const BODIES: Record<string, (body: Buffer) => BodyInit | Readable> = {
  bytes: (body) => body,
  'a Readable': (body) => Readable.from([body.subarray(0, 10), body.subarray(10)]),
  'a web stream': (body) => new Blob([body]).stream(),
  'a Blob': (body) => new Blob([body]),
}
type BodyInit = string | Uint8Array | ReadableStream | Blob

for (const bodyMode of ['buffer', 'stream'] as const) {
  for (const [name, make] of Object.entries(BODIES)) {
    test(`fetch and request send ${name}, ${bodyMode}`, async (t) => {
      const { pool: agent, origin } = await pool(t, digest, { bodyMode, maxBodySize: 4 << 20 })
      const body = randomBytes(2 << 20)
      const got = await fetch(`${origin}/await`, {
        method: 'POST',
        body: make(body) as BodyInit,
        duplex: 'half',
        dispatcher: agent,
      })
      t.is(await got.text(), expected(body))
      const sent = make(body)
      const isWeb = sent instanceof ReadableStream || sent instanceof Blob
      const again = await agent.request({
        method: 'PUT',
        path: '/web',
        body: isWeb ? Readable.fromWeb(sent instanceof Blob ? sent.stream() : sent) : sent,
      })
      t.is(await again.body.text(), expected(body))
    })
  }

  test(`stream() and pipeline() carry bodies through, ${bodyMode}`, async (t) => {
    const { pool: agent } = await pool(
      t,
      (req) => (bodyMode === 'stream' ? stream(req) : bytes(req.body)),
      { bodyMode, maxBodySize: 4 << 20 },
    )
    const body = randomBytes(2 << 20)
    const collected: Buffer[] = []
    const sink = (): Writable =>
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          collected.push(chunk)
          done()
        },
      })
    await within('stream', agent.stream({ method: 'POST', path: '/', body }, sink))
    t.true(Buffer.concat(collected.splice(0)).equals(body))
    const duplex = agent.pipeline({ method: 'POST', path: '/' }, ({ body: answer }) => answer)
    await within('pipeline', pipeline(Readable.from([body]), duplex, sink()))
    t.true(Buffer.concat(collected).equals(body))
  })
}

test('fetch reads text, JSON, forms, events and empty answers, and follows a redirect', async (t) => {
  const { pool: dispatcher, origin } = await pool(t, async (req) => {
    if (req.path === '/events') return sse([{ event: 'a', data: '1' }, 'two'])
    if (req.path === '/form')
      return `${req.header('content-type')?.slice(0, 19)} ${req.body.length > 100}`
    if (req.path === '/none') return Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')
    if (req.path === '/moved') {
      return Buffer.from('HTTP/1.1 307 X\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n')
    }
    return req.path
  })
  const events = await fetch(`${origin}/events`, { dispatcher })
  t.is(await events.text(), 'event: a\ndata: 1\n\ndata: two\n\n')
  const form = new FormData()
  form.set('field', 'x'.repeat(100))
  const posted = await fetch(`${origin}/form`, { method: 'POST', body: form, dispatcher })
  t.is(await posted.text(), 'multipart/form-data true')
  t.is((await fetch(`${origin}/none`, { dispatcher })).status, 204)
  const moved = await fetch(`${origin}/moved`, { dispatcher })
  t.deepEqual([moved.redirected, await moved.text()], [true, '/there'])
  const head = await fetch(`${origin}/x`, { method: 'HEAD', dispatcher })
  t.deepEqual([head.headers.get('content-length'), await head.text()], ['2', ''])
})

test('early hints are information, and the answer comes behind them', async (t) => {
  const { pool: agent } = await pool(t, (req) => {
    req.earlyHints('</style.css>; rel=preload')
    return req.text()
  })
  const heard: [number, unknown][] = []
  const onInfo = (info: { statusCode: number; headers: Record<string, unknown> }): void =>
    void heard.push([info.statusCode, info.headers['link']])
  const got = await agent.request({ method: 'GET', path: '/', onInfo })
  t.is(await got.body.text(), '')
  t.deepEqual(heard, [[103, '</style.css>; rel=preload']])
})

test('upgrade() and connect() get the socket, and what they send', async (t) => {
  const service = await pool(t, () => 'ordinary', { shouldUpgradeCallback: () => true })
  const shout = (socket: Socket, head: Buffer): void => {
    socket.write(head.toString().toUpperCase())
    socket.on('data', (chunk) => socket.write(chunk.toString().toUpperCase()))
    socket.on('end', () => socket.end()).on('error', () => undefined)
  }
  service.server.on('upgrade', (_req, socket: Socket, head: Buffer) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n',
    )
    shout(socket, head)
  })
  service.server.on('connect', (_req, socket: Socket, head: Buffer) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    shout(socket, head)
  })
  for (const open of [
    () => service.pool.upgrade({ path: '/', protocol: 'shout' }),
    () => service.pool.connect({ path: 'a.test:80' }),
  ]) {
    const { socket } = await within('socket', open())
    socket.write('hello')
    const [said] = (await within(
      'echo',
      new Promise((resolve) => socket.once('data', (chunk) => resolve([chunk]))),
    )) as [Buffer]
    t.is(said.toString(), 'HELLO')
    socket.destroy()
  }
  t.is(await (await service.pool.request({ method: 'GET', path: '/' })).body.text(), 'ordinary')
  t.is(service.server.stats().takeovers, 2)
})

/** Where a request is broken off; each says when it is there. */
const POINTS = [
  'in the handler',
  'before a byte of the body',
  'within the body',
  'while it is sent',
]

for (const point of POINTS) {
  test(`an abort ${point} is heard, and everybody else goes on`, async (t) => {
    const [arrived, aborted] = [gate(), gate()]
    let ends = 0
    async function* source(req: HttpRequest): AsyncGenerator<string> {
      try {
        if (point === 'within the body') yield 'half'
        await aborted.promise
        req.signal.throwIfAborted()
        yield 'never'
      } finally {
        ends++
      }
    }
    const {
      pool: agent,
      server,
      errors,
    } = await pool(
      t,
      async (req) => {
        if (req.path === '/') return 'ok'
        req.signal.addEventListener('abort', () => aborted.open())
        arrived.open()
        if (point === 'in the handler') await aborted.promise
        if (point !== 'while it is sent') return stream(source(req))
        const failure = await t.throwsAsync(digest(req))
        t.is((failure as { code?: string }).code, 'ECONNRESET')
        ends++
        return ''
      },
      { bodyMode: 'stream' },
    )
    const controller = new AbortController()
    const body = point === 'while it is sent' ? new Readable({ read: () => undefined }) : null
    body?.push('half')
    const asked = agent.request({
      method: body === null ? 'GET' : 'POST',
      path: '/abort',
      body,
      signal: controller.signal,
    })
    asked.catch(() => undefined)
    await within('handler', arrived.promise)
    if (body === null && point !== 'in the handler') {
      const got = await within('head', asked)
      got.body.on('error', () => undefined)
      if (point === 'within the body')
        await new Promise((resolve) => got.body.once('data', resolve))
    }
    controller.abort()
    await within('abort', aborted.promise)
    await until('end', () => ends === (point === 'in the handler' ? 0 : 1))
    for (let i = 0; i < 5; i++) {
      t.is(await (await agent.request({ method: 'GET', path: '/' })).body.text(), 'ok')
    }
    await agent.close()
    await until('no connection', () => server.stats().connections.open === 0)
    t.deepEqual(errors, [])
  })
}

test('a connection is used again behind every kind of answer, and replaced when it was closed', async (t) => {
  const { port, server } = await serve(t, (req) => {
    if (req.path === '/close') return bytes(Buffer.from('x'), { headers: { Connection: 'close' } })
    if (req.path === '/cut')
      return stream(
        (function* () {
          yield 'x'
          throw new Error('a fault')
        })(),
      )
    return req.path
  })
  const client = new Client(`http://127.0.0.1:${port}`, { pipelining: 1 })
  t.teardown(() => client.destroy())
  const ask = async (path: string): Promise<string> =>
    (await client.request({ method: 'GET', path })).body.text()
  for (let i = 0; i < 20; i++) t.is(await ask('/a'), '/a')
  t.is(server.stats().connections.total, 1)
  t.is(await ask('/close'), 'x')
  t.is(await ask('/b'), '/b')
  t.is(server.stats().connections.total, 2)
  await t.throwsAsync(ask('/cut'), { code: 'UND_ERR_SOCKET' })
  t.is(await ask('/c'), '/c')
  t.is(server.stats().connections.total, 3)
})
