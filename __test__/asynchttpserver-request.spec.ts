import test from 'ava'
import type { Socket } from 'node:net'
import {
  type Callback,
  Http200,
  Http201,
  Http204,
  Http404,
  Http413,
  HttpCode,
  HttpHeaders,
  newHttpHeaders,
  type Request,
  respond,
  sendHeaders,
} from '../ts/asynchttpserver/index.ts'
import { HttpError } from '../ts/index.ts'
import { serveNim } from './asynchttpserver.ts'
import { get, post } from './client.ts'
import { gate, until, within } from './deadline.ts'

const ok: Callback = (req) => req.respond(Http200, 'ok')

/** What is answered, and what arrives: status line, fields but Date, body. */
const ANSWERS: [name: string, callback: Callback, status: string, fields: object, body: string][] =
  [
    ['text', ok, '200 OK', {}, 'ok'],
    ['nothing', (req) => req.respond(Http200), '200 OK', {}, ''],
    ['a number', (req) => req.respond(404, 'x'), '404 Not Found', {}, 'x'],
    [
      'text beyond latin1',
      (req) => req.respond(Http200, '\u00e9\u20ac'),
      '200 OK',
      {},
      '\u00e9\u20ac',
    ],
    ['bytes', (req) => req.respond(Http200, Buffer.from('b')), '200 OK', {}, 'b'],
    ['a text of Nim', (req) => req.respond(Http413), '413 Request Entity Too Large', {}, ''],
    ['a code of nobody', (req) => req.respond(HttpCode(299), 'x'), '299 ', {}, 'x'],
    ['null for headers', (req) => req.respond(Http200, 'x', null), '200 OK', {}, 'x'],
    [
      'a record',
      (req) => req.respond(Http201, '', { a: ['1', '2'] }),
      '201 Created',
      { a: '1|2' },
      '',
    ],
    ['pairs', (req) => req.respond(Http200, 'x', [['a', '1']]), '200 OK', { a: '1' }, 'x'],
    [
      'headers, with a type',
      (req) => req.respond(Http200, 'x', newHttpHeaders([['Content-Type', 'text/html']])),
      '200 OK',
      { 'content-type': 'text/html' },
      'x',
    ],
    [
      'headers in title case',
      (req) => req.respond(Http200, 'x', newHttpHeaders([['x-ONE', '1']], true)),
      '200 OK',
      { 'X-One': '1' },
      'x',
    ],
    [
      'the right length',
      (req) => req.respond(200, 'abc', { 'content-length': '3' }),
      '200 OK',
      {},
      'abc',
    ],
    ['no body', (req) => req.respond(Http204, ''), '204 No Content', {}, ''],
    ['a body that has no place', (req) => req.respond(Http204, 'x'), '204 No Content', {}, ''],
    [
      'the free function',
      (req) => respond(req, Http200, 'x', { a: '1' }),
      '200 OK',
      { a: '1' },
      'x',
    ],
    ['no promise', (req) => void req.respond(Http200, 'x'), '200 OK', {}, 'x'],
    [
      'later',
      async (req) => {
        await new Promise((resolve) => setImmediate(resolve))
        await req.respond(Http200, 'x')
      },
      '200 OK',
      {},
      'x',
    ],
    [
      'a promise of somebody',
      (req) => ({
        // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
        then: (done: () => void) => setImmediate(() => void req.respond(200, 'x').then(done)),
      }),
      '200 OK',
      {},
      'x',
    ],
    [
      'an error with a status',
      () => {
        throw new HttpError(404, 'none')
      },
      '404 Not Found',
      { 'Content-Type': 'text/plain; charset=utf-8' },
      'none',
    ],
  ]

for (const [name, callback, status, fields, body] of ANSWERS) {
  test(`an answer of ${name}`, async (t) => {
    const { connect, errors } = await serveNim(t, callback)
    const client = await connect()
    for (let i = 0; i < 2; i++) {
      const reply = await client.get('/')
      const got = new Map<string, string>()
      for (const [key, value] of reply.headers) {
        if (['Date', 'Content-Length'].includes(key)) continue
        got.set(key, got.has(key) ? `${got.get(key)}|${value}` : value)
      }
      t.is(`${reply.status} ${reply.reason}`, status)
      t.deepEqual(Object.fromEntries(got), { ...fields })
      t.is(reply.text, body)
    }
    t.deepEqual(errors, [])
  })
}

const wrong = (value: unknown): never => value as never
/** What `respond` refuses. */
const REFUSED: [name: string, answer: (req: Request) => unknown][] = [
  ['an interim code', (req) => req.respond(101)],
  ['code 0', (req) => req.respond(0)],
  ['code 600', (req) => req.respond(600)],
  ['no code', (req) => req.respond(wrong(undefined))],
  ['content that is a number', (req) => req.respond(200, wrong(7))],
  ['content that is null', (req) => req.respond(200, wrong(null))],
  ['a detached body', (req) => req.respond(200, detached())],
  ['LF in a value', (req) => req.respond(200, '', { a: 'b\nc: d' })],
  ['CR in a value', (req) => req.respond(200, '', { a: 'b\rc: d' })],
  ['NUL in a value', (req) => req.respond(200, '', { a: 'b\0' })],
  ['a value beyond latin1', (req) => req.respond(200, '', newHttpHeaders([['a', '\u20ac']]))],
  ['LF in a name', (req) => req.respond(200, '', { 'a\nb': 'c' })],
  ['a name that is no token', (req) => req.respond(200, '', newHttpHeaders([['a b', 'c']]))],
  ['an empty name', (req) => req.respond(200, '', newHttpHeaders([['', 'c']]))],
  ['a coding', (req) => req.respond(200, '', { 'transfer-encoding': 'chunked' })],
  ['a length that is too small', (req) => req.respond(200, 'abc', { 'content-length': '2' })],
  ['a length that is too large', (req) => req.respond(200, 'abc', { 'content-length': '4' })],
  ['a length that is none', (req) => req.respond(200, 'abc', { 'content-length': '+3' })],
  ['two lengths', (req) => req.respond(200, 'abc', { 'content-length': ['3', '4'] })],
  ['headers of text', (req) => req.respond(200, '', wrong('a: b'))],
  ['pairs of one', (req) => req.respond(200, '', wrong([['a']]))],
  ['text in the place of pairs', (req) => req.respond(200, '', wrong(['ab']))],
]

function detached(): Uint8Array {
  const bytes = new Uint8Array(8)
  structuredClone(bytes, { transfer: [bytes.buffer] })
  return bytes
}

for (const [name, answer] of REFUSED) {
  test(`respond refuses ${name}, and the right answer can follow`, async (t) => {
    const { connect, errors } = await serveNim(t, async (req) => {
      if (req.url.path === '/fail') return answer(req)
      const error = t.throws(() => void answer(req), { any: true })
      t.true(error instanceof TypeError || error instanceof RangeError, String(error))
      return req.respond(Http200, 'right')
    })
    const client = await connect()
    t.is((await client.get('/')).text, 'right')
    t.is((await client.get('/fail')).status, 500)
    t.is(errors.length, 1)
    t.is((await client.get('/')).text, 'right')
  })
}

test('an answer without a body may say how long one would be', async (t) => {
  const { connect, errors } = await serveNim(t, (req) =>
    req.respond(req.url.path === '/304' ? 304 : 200, '', { 'content-length': '5' }),
  )
  const client = await connect()
  const head = await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
  t.deepEqual([head.status, head.header('content-length')], [200, '5'])
  const unchanged = await client.get('/304')
  t.deepEqual([unchanged.status, unchanged.header('content-length')], [304, '5'])
  t.is((await client.get('/')).status, 500)
  t.is(errors.length, 1)
})

test('a HEAD gets no body, and its length', async (t) => {
  const { connect } = await serveNim(t, (req) => req.respond(200, 'hello'))
  const client = await connect()
  const head = await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
  t.deepEqual([head.header('content-length'), head.text], ['5', ''])
  t.is((await client.get('/')).text, 'hello')
})

test('a callback sees the request in its parts', async (t) => {
  const seen = gate<Request>()
  const { connect } = await serveNim(t, async (req) => {
    if (req.reqMethod === 'POST') seen.open(req)
    await ok(req)
  })
  const client = await connect()
  client.send(
    post(
      '/a%20b?q=1',
      'h\u00e9',
      'X-List: a, b\r\nx-list: "c,d"\r\nCookie: a=1\r\nCookie: b=2\r\n',
    ),
  )
  await client.reply()
  const req = await within('the request', seen.promise)
  // Q7: the next request does not change this one.
  await client.get('/other', 'X-List: other\r\n')
  t.is(req.reqMethod, 'POST')
  t.deepEqual(req.protocol, { orig: 'HTTP/1.1', major: 1, minor: 1 })
  t.deepEqual([req.url.path, req.url.query, req.hostname], ['/a%20b', 'q=1', '127.0.0.1'])
  t.is(req.body, 'h\u00e9')
  t.deepEqual([...req.bodyBytes], [0x68, 0xc3, 0xa9])
  t.deepEqual([...req.headers.getAll('X-LIST')], ['a, b', '"c,d"'])
  t.deepEqual([...req.headers.getAll('cookie')], ['a=1', 'b=2'])
  t.is(req.headers, req.headers)
  req.headers.set('x-own', '1')
  t.is(req.headers.get('X-Own'), '1')
})

test('a body may be as long as maxBody, however it is framed and whatever the method', async (t) => {
  const { connect } = await serveNim(t, (req) => req.respond(200, String(req.body.length)), {
    maxBody: 10,
  })
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    for (const [length, status] of [
      [10, 200],
      [11, 413],
    ] as const) {
      const bodies = [
        `Content-Length: ${length}\r\n\r\n${'x'.repeat(length)}`,
        `Transfer-Encoding: chunked\r\n\r\n${length.toString(16)}\r\n${'x'.repeat(length)}\r\n0\r\n\r\n`,
        `Transfer-Encoding: chunked\r\n\r\n5\r\nxxxxx\r\n${(length - 5).toString(16)}\r\n${'x'.repeat(length - 5)}\r\n0\r\n\r\n`,
      ]
      for (const body of bodies) {
        const client = await connect()
        const reply = await client.send(`${method} / HTTP/1.1\r\nHost: a\r\n${body}`).reply()
        t.is(reply.status, status)
        if (status === 200) t.is(reply.text, String(length))
        else await client.closed()
      }
    }
  }
})

test('headerLimit field lines are served, one more is 431', async (t) => {
  const { connect } = await serveNim(t, (req) => req.respond(200, String(req.headers.len)))
  const lines = (count: number): string =>
    Array.from({ length: count - 1 }, (_, i) => `h${i}: 1\r\n`).join('')
  const client = await connect()
  t.is((await client.get('/', lines(10_000))).text, '10000')
  const refused = await connect()
  t.is((await refused.get('/', lines(10_001))).status, 431)
  await refused.closed()
  const large = await connect()
  t.is((await large.get('/', `a: ${'x'.repeat(200_000)}\r\n`)).status, 431)
})

test('whoever answers late, or fails behind the answer, is reported and harms nobody', async (t) => {
  const { connect, errors } = await serveNim(t, async (req) => {
    await ok(req)
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error('late')
  })
  const client = await connect()
  for (let i = 1; i <= 3; i++) {
    t.is((await client.get('/')).text, 'ok')
    await until('the report', () => errors.length === i)
  }
  t.is(String(errors[0]), 'Error: late')
})

test('a synchronous callback that fails behind the answer is reported, and the answer is sent', async (t) => {
  const { connect, errors } = await serveNim(t, (req) => {
    void req.respond(Http200, 'ok')
    throw new Error('behind')
  })
  t.is((await (await connect()).get('/')).text, 'ok')
  t.deepEqual(errors.map(String), ['Error: behind'])
})

test('an answer to a client that is gone is dropped', async (t) => {
  const [come, go, answered] = [gate(), gate(), gate()]
  const { connect, errors } = await serveNim(t, async (req) => {
    if (req.url.path !== '/slow') return void (await ok(req))
    come.open()
    await go.promise
    await req.respond(Http200, 'late')
    answered.open()
  })
  const [client, other] = [await connect(), await connect()]
  client.send(get('/slow'))
  await within('the request', come.promise)
  client.reset()
  t.is((await other.get('/')).text, 'ok')
  go.open()
  await within('the answer', answered.promise)
  t.is((await other.get('/')).text, 'ok')
  t.deepEqual(errors, [])
})

test('a callback that gives up because its client has gone is no failure', async (t) => {
  const [come, go, done] = [gate(), gate(), gate()]
  const { connect, errors } = await serveNim(t, async (req) => {
    if (req.url.path !== '/slow') return void (await ok(req))
    come.open()
    await go.promise
    setImmediate(() => done.open())
  })
  const [client, other] = [await connect(), await connect()]
  client.send(get('/slow'))
  await within('the request', come.promise)
  client.reset()
  for (let i = 0; i < 20; i++) await other.get('/')
  go.open()
  await within('the end', done.promise)
  t.deepEqual(errors, [])
})

test('requests of one connection are handled one after the other', async (t) => {
  let [running, most] = [0, 0]
  const { connect } = await serveNim(t, async (req) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
    await req.respond(Http200, req.url.path)
  })
  const client = await connect()
  client.send(Array.from({ length: 20 }, (_, i) => get(`/${i}`)).join(''))
  for (let i = 0; i < 20; i++) t.is((await client.reply()).text, `/${i}`)
  t.is(most, 1)
})

test('two servers of a process know nothing of each other', async (t) => {
  const [one, two] = [
    await serveNim(t, (req) => req.respond(Http200, 'one')),
    await serveNim(t, (req) => req.respond(Http200, 'two')),
  ]
  const clients = [await one.connect(), await two.connect()] as const
  t.deepEqual([(await clients[0].get('/')).text, (await clients[1].get('/')).text], ['one', 'two'])
  clients[0].finish()
  await one.server.close()
  await one.served
  t.is((await clients[1].get('/')).text, 'two')
})

test('close answers what was received', async (t) => {
  const [come, go] = [gate(), gate()]
  const { connect, server, served } = await serveNim(t, async (req) => {
    come.open()
    await go.promise
    await ok(req)
  })
  const client = await connect()
  client.send(get('/'))
  await within('the request', come.promise)
  const closed = server.close()
  go.open()
  const reply = await client.reply()
  t.deepEqual([reply.text, reply.header('connection')], ['ok', 'close'])
  await client.closed()
  await within('close', Promise.all([closed, served]))
})

test('a Socket that is taken is a socket of node', async (t) => {
  const taken = gate<Socket>()
  const { connect } = await serveNim(t, (req) => taken.open(req.client.takeover()))
  const client = await connect()
  client.send(get('/'))
  const socket = await within('the socket', taken.promise)
  const headers = new HttpHeaders([['a', '1']])
  t.is(String(headers), 'a: 1\r\n')
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
  t.is((await client.reply()).status, Number(Http404))
  t.is(typeof sendHeaders, 'function')
})
