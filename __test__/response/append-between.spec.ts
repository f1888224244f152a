import test from 'ava'
import { channel } from 'node:diagnostics_channel'
import {
  bytes,
  createServer,
  type HttpRequest,
  type HttpResult,
  reply,
  type ResponseOut,
} from '../../ts/index.ts'
import { CONTROL, DOWN } from '../../ts/crossing/layout.ts'
import { recordOf } from '../../ts/request/friends.ts'
import { get } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { connectFor, serve } from '../support/service.ts'

// What else is sent while a handler writes its response piece by piece goes its own way.

const LINK = '</style.css>; rel=preload'

/** A record that asks for a file, as the ring would hold it. */
const RECORD = (() => {
  const path = '0  0 /etc/passwd'
  const words = new Int32Array([48, DOWN.file | (200 << 16), 0, 1, 0, 0, 0, path.length])
  return Buffer.concat([Buffer.from(words.buffer), Buffer.from(path)])
})()

/** Wants more of a body, which the answer takes away. */
const pull = (req: HttpRequest): void =>
  void req[Symbol.asyncIterator]()
    .next()
    .catch(() => undefined)

/** What a handler may do between two writes, by name; `earlier` are requests that wait. */
const BETWEEN: Record<string, (req: HttpRequest, earlier: HttpRequest[]) => unknown> = {
  'early hints': (req) => req.earlyHints(LINK),
  'many early hints': (req) => {
    for (let i = 0; i < 50; i++) req.earlyHints([LINK, LINK])
  },
  'a pull of its body': pull,
  'pulls of earlier bodies': (_req, earlier) => earlier.forEach(pull),
  'early hints of earlier requests': (_req, earlier) =>
    earlier.forEach((one) => one.earlyHints(LINK)),
}

for (const [what, between] of Object.entries(BETWEEN)) {
  test(`${what} between two writes`, async (t) => {
    const earlier: HttpRequest[] = []
    const waits = (req: HttpRequest): void => void earlier.push(req)
    const { connect, server, errors } = await serve(t, undefined, {
      bodyMode: 'stream',
      append: (req, out) => {
        if (req.path === '/keep') return void waits(req)
        if (req.path === '/record') {
          out.write(RECORD.subarray(0, 8))
          between(req, earlier)
          return void out.write(RECORD.subarray(8))
        }
        out.write('HTTP/1.1 200 OK\r\nContent-')
        between(req, earlier)
        out.write(`Length: ${req.path.length}\r\n\r\n`)
        between(req, earlier)
        out.write(req.path)
      },
    })
    const put = (path: string): string =>
      `PUT ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\nabc`
    // Its empty answer is refused; until its connection is gone it is a request like any other.
    ;(await connect()).send(put('/keep'))
    for (const path of ['/a', '/bc', '/a-path-that-is-longer']) {
      const client = (await connect()).send(put(path))
      t.deepEqual(await client.reply().then(({ status, text }) => [status, text]), [200, path])
    }
    const refused = await (await connect()).send(put('/record')).reply()
    t.deepEqual([refused.status, refused.text], [500, 'Internal Server Error'])
    t.true(errors.length > 0)
    const closed = server.close()
    server.closeAllConnections()
    await within('close', closed)
  })
}

// Serial: what is patched is everybody's.
for (const what of ['charCodeAt', 'latin1Write', 'utf8Write'] as const) {
  test.serial(`a patched ${what} that sends something within an answer`, async (t) => {
    const body = `${'long '.repeat(what === 'utf8Write' ? 20 : 1)}answer`
    let waiting: HttpRequest | undefined
    const { connect, errors } = await serve(t, (req) => {
      if (req.path !== '/wait') return reply(200, body, { 'x-path': req.path })
      waiting = req
      return new Promise<HttpResult>((resolve) => (answer = resolve))
    })
    let answer: (result: HttpResult) => void = () => undefined
    const [holder, client] = [await connect(), await connect()]
    holder.send(get('/wait'))
    await until('it waits', () => waiting !== undefined)
    const owner = (what === 'charCodeAt' ? String.prototype : Buffer.prototype) as never as Record<
      string,
      (...args: unknown[]) => unknown
    >
    const original = owner[what] as (...args: unknown[]) => unknown
    const isOurs = (value: unknown): boolean => /answer|x-path/.test(String(value))
    let sent = 0
    owner[what] = function (this: unknown, ...args) {
      if (isOurs(what === 'charCodeAt' ? this : args[0]) && sent++ % 2 === 0)
        waiting?.earlyHints(LINK)
      return original.apply(this, args)
    }
    try {
      for (const path of ['/a', '/bc', '/def']) {
        const got = await client.get(path)
        t.deepEqual([got.status, got.header('x-path'), got.text], [200, path, body])
      }
    } finally {
      owner[what] = original
    }
    // Those of buffers are taken when the package is loaded.
    t.is(sent > 0, what === 'charCodeAt')
    answer('ok')
    t.is((await holder.reply()).text, 'ok')
    t.deepEqual(errors, [])
  })
}

test('a response that was sent is no answer to another request', async (t) => {
  let kept: ResponseOut | undefined
  const { connect, errors } = await serve(t, undefined, {
    append: (_req, out) => {
      kept = out
      out.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret')
    },
  })
  const other = await serve(t, () => kept as never)
  t.is((await (await connect()).get('/')).text, 'secret')
  t.is((await (await other.connect()).get('/')).status, 500)
  t.deepEqual(
    [...errors, ...other.errors].map(({ error }) => (error as { code?: string }).code),
    ['ERR_INVALID_STATE'],
  )
})

test('bytes that lie about their length are measured all the same', async (t) => {
  class Liar extends Buffer {
    override get byteLength(): number {
      return 3
    }
  }
  const lie = (size: number): Uint8Array =>
    Object.setPrototypeOf(Buffer.alloc(size, 'x'), Liar.prototype) as Uint8Array
  const { connect, errors } = await serve(t, (req) => {
    const size = Number(req.query)
    if (req.path === '/bytes') return bytes(lie(size))
    const out = req.raw()
    out.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
    out.end(lie(size))
    return ''
  })
  const client = await connect()
  for (const path of ['/bytes', '/raw']) {
    for (const size of [0, 5, 20_000, 100_000]) {
      const { status, body } = await client.get(`${path}?${size}`)
      t.deepEqual([status, body.length], [200, size], path)
    }
  }
  t.deepEqual(errors, [])
})

test('a subscriber that sends something else before the response is published', async (t) => {
  const requests: HttpRequest[] = []
  const { connect } = await serve(t, undefined, {
    append: (req, out) => {
      requests.push(req)
      out.write(`HTTP/1.1 200 OK\r\nContent-Length: ${req.path.length}\r\n\r\n`).write(req.path)
    },
  })
  const created = channel('fasthttp.server.response.created')
  const hint = (): void => requests.at(-1)?.earlyHints(LINK)
  created.subscribe(hint)
  t.teardown(() => void created.unsubscribe(hint))
  const client = await connect()
  for (const path of ['/a', '/bc', '/def']) {
    const { text, interim } = await client.get(path)
    t.deepEqual([text, interim], [path, [103]])
  }
})

test('a response appended is nobody else’s, however late it is sent', async (t) => {
  const outs: ResponseOut[] = []
  const { connect } = await serve(t, undefined, {
    append: (req, out) => {
      outs.push(out)
      out.write('HTTP/1.1 200 OK\r\n')
      if (req.path === '/throw') throw new Error('in between')
      if (req.path === '/letter') out.write('\u0100')
      out.write(`Content-Length: ${req.query.length}\r\n\r\n`).write(req.query)
    },
  })
  const client = await connect()
  const rows = [
    '/throw',
    '/?a',
    '/letter',
    `/?${'b'.repeat(20_000 - 16_000)}`,
    '/?c',
    '/throw',
    '/?d',
  ]
  for (const path of rows) {
    const { status, text } = await client.get(path)
    const [, query] = path.split('?')
    t.deepEqual([status, text], query === undefined ? [500, 'Internal Server Error'] : [200, query])
  }
  for (const out of outs) t.throws(() => out.write('x'), { code: 'ERR_STREAM_WRITE_AFTER_END' })
})

test('a ring that holds what is no record ends its server, which says so', async (t) => {
  const server = createServer((req) => {
    Atomics.add(recordOf(req).chunk.lane.words, CONTROL.tail, 64)
    return new Promise<HttpResult>(() => undefined)
  })
  const failed = gate<unknown>()
  server.on('error', failed.open)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.address() as { port: number }
  const client = (await connectFor(t, port)).send(get('/'))
  // Whatever wakes the thread.
  await connectFor(t, port)
  t.regex(String(await within('error', failed.promise)), /no record/)
  await within('close', server.close())
  await client.gone()
  t.false(server.listening)
})

for (const broken of [0, 1]) {
  test(`a thread that fails ends its server, whichever of them it is: ${broken}`, async (t) => {
    const lanes = new Map<number, HttpRequest>()
    const both = gate()
    const server = createServer({ ioThreads: 2 }, (req) => {
      lanes.set(recordOf(req).chunk.lane.id, req)
      if (lanes.size === 2) both.open()
      return new Promise<HttpResult>(() => undefined)
    })
    const errors: unknown[] = []
    const failed = gate()
    server.on('error', (error) => {
      errors.push(error)
      failed.open()
    })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = server.address() as { port: number }
    const clients = [await connectFor(t, port), await connectFor(t, port)]
    for (const client of clients) client.send(get('/'))
    await within('both threads', both.promise)
    const { lane } = recordOf(lanes.get(broken) as HttpRequest).chunk
    Atomics.add(lane.words, CONTROL.tail, 64)
    lane.ring.flush()
    // Wakes the threads.
    server.closeIdleConnections()
    await within('error', failed.promise)
    t.false(server.listening)
    t.is(server.address(), null)
    await within('close', server.close())
    for (const client of clients) await client.gone()
    t.is(errors.length, 1)
    t.is(server.stats().connections.open, 0)
    await within('listen', server.listen({ host: '127.0.0.1', port: 0 }))
    t.true(server.listening)
    await within('close', server.close())
  })
}
