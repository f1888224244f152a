import test from 'ava'
import { bytes, html, Router } from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

const TEXT = 'text/plain; charset=utf-8'

test('404, 405, OPTIONS and redirects are answered on the I/O thread, byte for byte', async (t) => {
  const router = new Router().get('/a', () => 'a').post('/b', () => 'b')
  const { server, connect } = await serve(t, router, { date: false, keepAliveHeader: false })
  const client = await connect()
  const cases: [string | Buffer, string][] = [
    [
      get('/x'),
      `HTTP/1.1 404 Not Found\r\nContent-Type: ${TEXT}\r\nContent-Length: 9\r\n\r\nNot Found`,
    ],
    [
      get('/b'),
      `HTTP/1.1 405 Method Not Allowed\r\nContent-Type: ${TEXT}\r\nAllow: OPTIONS, POST\r\nContent-Length: 18\r\n\r\nMethod Not Allowed`,
    ],
    [
      get('/A/?q=%41&r=//x\\'),
      'HTTP/1.1 301 Moved Permanently\r\nLocation: /a?q=%41&r=//x\\\r\nContent-Length: 0\r\n\r\n',
    ],
    [
      post('/b/', 'body'),
      'HTTP/1.1 307 Temporary Redirect\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n',
    ],
    [
      'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
      'HTTP/1.1 200 OK\r\nAllow: GET, HEAD, OPTIONS, POST\r\nContent-Length: 0\r\n\r\n',
    ],
    [
      'HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n',
      `HTTP/1.1 404 Not Found\r\nContent-Type: ${TEXT}\r\nContent-Length: 9\r\n\r\n`,
    ],
  ]
  const norm = (answer: string): string[] => {
    const [head, body] = answer.split('\r\n\r\n') as [string, string]
    const [first, ...fields] = head.split('\r\n')
    return [first as string, ...fields.toSorted(), body]
  }
  for (const [sent, expected] of cases) {
    const answer = await within('answer', client.send(sent).exactly(expected.length))
    t.deepEqual(norm(answer.toString('latin1')), norm(expected))
  }
  const { requests, responses } = server.stats()
  t.is(requests, cases.length)
  t.deepEqual([responses['2xx'], responses['3xx'], responses['4xx']], [1, 2, 3])
})

test('JavaScript need not be there for answers that it has no part in', async (t) => {
  const whole = Buffer.from('HTTP/1.1 203 Mine\r\nContent-Length: 2\r\nX: y\r\n\r\nhi')
  const big = Buffer.alloc(100_000, 'big')
  const router = new Router()
    .static('/text', 'plain')
    .static('/html', html('<p>', { status: 201, headers: { 'X-A': 'b' } }))
    .static('/raw', whole)
    .static('/big', bytes(big))
  big.fill('x')
  const { server, connect } = await serve(t, router, { ioThreads: 2 })
  const client = await connect()
  const paths = ['/text', '/html', '/raw', '/big', '/none']
  client.send(paths.map((path) => get(path)).join(''))
  // The event loop has no turn here, so no handler could run.
  const deadline = Date.now() + 60_000
  const count = (): number => {
    const { responses } = server.stats()
    return (responses['2xx'] ?? 0) + (responses['4xx'] ?? 0)
  }
  while (count() < paths.length && Date.now() < deadline);
  t.is(count(), paths.length)
  t.is(server.stats().queue.depth, 0, 'nothing was handed up')
  const [plain, page, raw, large, none] = [
    await client.reply(),
    await client.reply(),
    await client.reply(),
    await client.reply(),
    await client.reply(),
  ]
  t.deepEqual([plain.status, plain.text, plain.header('Content-Type')], [200, 'plain', TEXT])
  t.not(plain.header('Date'), undefined)
  t.deepEqual([page.status, page.text, page.header('X-A')], [201, '<p>', 'b'])
  t.deepEqual([raw.status, raw.reason, raw.text, raw.header('X')], [203, 'Mine', 'hi', 'y'])
  t.true(large.body.equals(Buffer.alloc(100_000, 'big')), 'it was copied')
  t.is(none.status, 404)
})

test('answers keep the order of requests, whoever gives them', async (t) => {
  const held = gate()
  const router = new Router({ headFromGet: true })
    .get('/slow', async () => {
      await held.promise
      return 'slow'
    })
    .get('/fast', () => 'fast')
    .static('/fixed', 'fixed')
  const { connect } = await serve(t, router)
  const [client, witness] = [await connect(), await connect()]
  client.send(get('/slow') + get('/none') + get('/fixed') + get('/fast') + get('/fast/'))
  t.is((await witness.get('/fixed')).text, 'fixed')
  t.true(client.isQuiet)
  held.open()
  const texts: string[] = []
  for (let i = 0; i < 5; i++) texts.push((await client.reply()).text)
  t.deepEqual(texts, ['slow', 'Not Found', 'fixed', 'fast', ''])
  const head = await client.send('HEAD /fixed HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
  t.deepEqual([head.status, head.header('Content-Length'), head.text], [200, '5', ''])
})

test('connections end as they would after a handler', async (t) => {
  const router = new Router().static('/fixed', 'fixed').get('/js', () => 'js')
  const { connect } = await serve(t, router, { maxRequestsPerSocket: 3 })
  for (const path of ['/fixed', '/none', '/js', '/JS']) {
    const closing = await connect()
    const last = await closing.get(path, 'Connection: close\r\n')
    t.is(last.header('Connection'), 'close', path)
    await closing.closed()
    const old = await connect()
    const stays = await old.send(`GET ${path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`).reply()
    t.is(stays.header('Connection'), 'keep-alive', path)
    await old.send(`GET ${path} HTTP/1.0\r\n\r\n`).reply()
    await old.closed()
    const third = await connect()
    third.send(get(path).repeat(5))
    for (let i = 0; i < 3; i++) {
      t.is((await third.reply()).header('Connection'), i === 2 ? 'close' : undefined)
    }
    await third.closed()
  }
})

test('close() answers what was received, and only the last answer says so', async (t) => {
  const held = gate()
  const router = new Router().static('/fixed', 'fixed').get('/slow', async () => {
    await held.promise
    return 'slow'
  })
  const { server, connect } = await serve(t, router, { ioThreads: 1 })
  const client = await connect()
  client.send(get('/slow') + get('/fixed') + get('/none'))
  await until('requests', () => server.stats().requests === 3)
  const closed = server.close()
  held.open()
  const replies = [await client.reply(), await client.reply(), await client.reply()]
  t.deepEqual(
    replies.map((answer) => [answer.text, answer.header('Connection')]),
    [
      ['slow', undefined],
      ['fixed', undefined],
      ['Not Found', 'close'],
    ],
  )
  await client.closed()
  await within('close', closed)
})

test('requests that arrive while the server closes are answered to the last one', async (t) => {
  const held = gate()
  const router = new Router().static('/fixed', 'fixed').post('/slow', async () => {
    await held.promise
    return 'slow'
  })
  const { server, connect } = await serve(t, router, { ioThreads: 1 })
  const client = await connect()
  // A POST holds back what is behind it: that is looked at when the server closes already.
  client.send(post('/slow', 'x') + get('/fixed') + get('/none') + get('/fixed'))
  await until('requests', () => server.stats().requests === 1)
  const closed = server.close()
  held.open()
  const fields: [string, string | undefined][] = []
  for (let i = 0; i < 4; i++) {
    const answer = await client.reply()
    fields.push([answer.text, answer.header('Connection')])
  }
  t.deepEqual(fields, [
    ['slow', undefined],
    ['fixed', undefined],
    ['Not Found', undefined],
    ['fixed', 'close'],
  ])
  await client.closed()
  await within('close', closed)
})

test('thousands of pipelined requests without a handler all get their answers', async (t) => {
  const router = new Router().static('/fixed', 'fixed')
  const { connect } = await serve(t, router, { ioThreads: 1 })
  const client = await connect()
  client.send(get('/fixed').repeat(5000))
  for (let i = 0; i < 5000; i++) t.is((await client.reply()).text, 'fixed')
})

for (const bodyMode of ['buffer', 'stream'] as const) {
  test(`who waits for a 100 hears the final answer at once where no handler gives it: ${bodyMode}`, async (t) => {
    const router = new Router().get('/a', () => 'a').post('/b', (req) => req.header('expect') ?? '')
    const { server, connect } = await serve(t, router, { bodyMode, maxBodySize: 100 })
    for (const [method, path, status] of [
      ['POST', '/none', 404],
      ['POST', '/a', 405],
      ['POST', '/b/', 307],
    ] as const) {
      const client = await connect()
      const head = `${method} ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n`
      const got = await client.send(head).reply()
      t.deepEqual([got.status, got.header('Connection'), got.interim], [status, 'close', []])
      await client.closed()
    }
    t.is(server.stats().responses['4xx'], 2)
    const client = await connect()
    client.send(
      'POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: ,100-Continue,\r\n\r\n',
    )
    if (bodyMode === 'buffer')
      t.is(
        (await within('100', client.through('\r\n\r\n'))).toString(),
        'HTTP/1.1 100 Continue\r\n\r\n',
      )
    t.is((await client.send('ab').reply()).text, ',100-Continue,')
    const other = (await connect()).send(
      'POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue, more\r\n\r\n',
    )
    t.is((await other.reply()).status, 417)
  })
}
