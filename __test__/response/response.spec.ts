import test from 'ava'
import {
  bytes,
  empty,
  html,
  type HttpResult,
  json,
  redirect,
  reply,
  Router,
  type ServerOptions,
  stream,
  type ResponseInit,
  text,
} from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { serve } from '../support/service.ts'

const TEXT = 'text/plain; charset=utf-8'
const BINARY = 'application/octet-stream'
const octets = Uint8Array.of(0, 0xff, 0x0d, 0x0a)
const init: ResponseInit = { status: 201, statusText: 'Made', headers: { 'X-A': 'b' } }

/** A result, and status, reason, type and body of its response. */
const RESULTS: [name: string, result: () => HttpResult, ...expected: unknown[]][] = [
  ['a string', () => 'häß', 200, 'OK', TEXT, 'häß'],
  ['an empty string', () => '', 200, 'OK', TEXT, ''],
  ['text', () => text('☃'), 200, 'OK', TEXT, '☃'],
  ['text with init', () => text('x', init), 201, 'Made', TEXT, 'x'],
  ['html', () => html('<p>'), 200, 'OK', 'text/html; charset=utf-8', '<p>'],
  ['json', () => json({ a: [1, null, 'ä'] }), 200, 'OK', 'application/json', '{"a":[1,null,"ä"]}'],
  ['json of null', () => json(null), 200, 'OK', 'application/json', 'null'],
  ['json with init', () => json(1, init), 201, 'Made', 'application/json', '1'],
  ['bytes', () => bytes(octets), 200, 'OK', BINARY, octets],
  ['no bytes', () => bytes(new Uint8Array(0)), 200, 'OK', BINARY, ''],
  ['a part of bytes', () => bytes(octets.subarray(1, 3)), 200, 'OK', BINARY, octets.subarray(1, 3)],
  ['a Buffer', () => bytes(Buffer.from('pooled')), 200, 'OK', BINARY, 'pooled'],
  ['reply with text', () => reply(404, 'no'), 404, 'Not Found', TEXT, 'no'],
  ['reply with bytes', () => reply(200, octets), 200, 'OK', BINARY, octets],
  ['reply with nothing', () => reply(400), 400, 'Bad Request', undefined, ''],
  ['reply with null', () => reply(500, null), 500, 'Internal Server Error', undefined, ''],
  ['empty', () => empty(), 204, 'No Content', undefined, ''],
  ['empty 200', () => empty(200), 200, 'OK', undefined, ''],
  ['a status without a name', () => reply(799, 'x'), 799, '', TEXT, 'x'],
  ['an own type', () => text('x', { headers: { 'content-TYPE': 'a/b' } }), 200, 'OK', 'a/b', 'x'],
  [
    'text of no type',
    () => text('x', { headers: { 'Content-Type': [], a: 'b' } }),
    200,
    'OK',
    undefined,
    'x',
  ],
  [
    'a plain object',
    () => ({ status: 202, headers: { 'Content-Type': 'a/b' }, body: 'plain' }),
    202,
    'Accepted',
    'a/b',
    'plain',
  ],
  [
    'a plain object with bytes',
    () => ({ status: 200, headers: [], body: octets }),
    200,
    'OK',
    BINARY,
    octets,
  ],
]

for (const [name, result, status, reason, type, body] of RESULTS) {
  test(`the response of ${name}`, async (t) => {
    const { connect, errors } = await serve(t, (req) =>
      req.path === '/late' ? Promise.resolve(result()) : result(),
    )
    const client = await connect()
    for (const path of ['/', '/late']) {
      const got = await client.get(path)
      t.deepEqual(
        [got.status, got.reason, got.header('content-type'), got.body],
        [status, reason, type, Buffer.from(body as string)],
      )
      const length = status === 204 ? undefined : String(got.body.length)
      t.is(got.header('content-length'), length)
      t.regex(
        got.header('date') ?? '',
        /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
      )
      t.is(got.header('connection'), undefined)
    }
    t.deepEqual(errors, [])
  })
}

test('redirects', async (t) => {
  const ANSWERS: [HttpResult, number][] = [
    [redirect('/a'), 302],
    [redirect('http://b/?c', 301), 301],
    [redirect('/a', 303, { headers: { 'X-A': 'b' } }), 303],
    [redirect('/a', 307, { headers: [['X-A', 'b']] }), 307],
    [redirect('/a', 308), 308],
  ]
  const { connect } = await serve(t, (req) => ANSWERS[Number(req.path.slice(1))]?.[0] ?? '')
  const client = await connect()
  for (const [i, [, status]] of ANSWERS.entries()) {
    const got = await client.get(`/${i}`)
    t.is(got.status, status)
    t.is(got.header('location'), i === 1 ? 'http://b/?c' : '/a')
    t.is(got.header('x-a'), i === 2 || i === 3 ? 'b' : undefined)
    t.is(got.body.length, 0)
  }
})

/** Field lines given, and as sent. */
const HEADERS: [NonNullable<ResponseInit['headers']>, [string, string][]][] = [
  [
    { 'X-A': 'b', 'x-C': '' },
    [
      ['X-A', 'b'],
      ['x-C', ''],
    ],
  ],
  [
    { 'Set-Cookie': ['a=1', 'b=2'] },
    [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ],
  ],
  [
    [
      ['a', '1'],
      ['A', '2'],
    ],
    [
      ['a', '1'],
      ['A', '2'],
    ],
  ],
  [new Map([['a', '\xe4\t\xff']]), [['a', 'ä\tÿ']]],
  [new Headers({ 'x-a': 'b' }), [['x-a', 'b']]],
  [
    JSON.parse('{"__proto__":"p","toString":"t"}'),
    [
      ['__proto__', 'p'],
      ['toString', 't'],
    ],
  ],
]

test('field lines go out in order, names as given, duplicates kept', async (t) => {
  const { connect } = await serve(
    t,
    (req) => text('x', { headers: HEADERS[Number(req.path.slice(1))]?.[0] ?? {} }),
    { keepAliveHeader: false },
  )
  const client = await connect()
  const own = ['content-type', 'content-length', 'date']
  for (const [i, [, sent]] of HEADERS.entries()) {
    const { headers } = await client.get(`/${i}`)
    t.deepEqual(headers.filter(([name]) => !own.includes(name.toLowerCase())) as unknown, sent)
  }
})

test('a response value is sent as often as it is returned', async (t) => {
  const once = (function* (): Generator<readonly [string, string]> {
    yield ['X-A', 'b']
  })()
  const kept = json({ a: 1 }, { headers: once })
  const { connect } = await serve(t, () => kept)
  const client = await connect()
  for (let i = 0; i < 3; i++) {
    const got = await client.get('/')
    t.is(got.text, '{"a":1}')
    t.is(got.header('x-a'), 'b')
  }
})

test('HEAD gets the head of a GET, and no body', async (t) => {
  const { connect } = await serve(t, (req) => RESULTS[Number(req.path.slice(1))]?.[1]() ?? '')
  const client = await connect()
  for (const i of RESULTS.keys()) {
    const [a, b] = [
      await client.get(`/${i}`),
      await client.send(`HEAD /${i} HTTP/1.1\r\nHost: a\r\n\r\n`).reply('HEAD'),
    ]
    t.is(b.status, a.status)
    t.is(b.body.length, 0)
    for (const name of ['content-type', 'content-length']) t.is(b.header(name), a.header(name))
  }
})

test('204, 205 and 304 carry no body', async (t) => {
  const { connect } = await serve(t, (req) => {
    const status = Number(req.path.slice(1))
    return req.query === 'with' ? reply(status, 'a body') : empty(status)
  })
  const client = await connect()
  const none = { 204: undefined, 205: '0', 304: undefined }
  for (const [status, length] of Object.entries(none)) {
    for (const query of ['with', 'without']) {
      const got = await client.get(`/${status}?${query}`)
      t.is(got.status, Number(status))
      t.is(got.header('content-length'), length)
      t.is(got.header('transfer-encoding'), undefined)
    }
  }
})

/** Requests and whether the connection is to persist, with the field that says so. */
const PERSISTENCE: [request: string, own: string, connection: string | undefined][] = [
  [get('/'), '', undefined],
  [get('/', 'Connection: close\r\n'), '', 'close'],
  [get('/', 'Connection: x, Close\r\n'), '', 'close'],
  [get('/'), 'close', 'close'],
  [get('/'), 'Close', 'close'],
  [get('/'), 'keep-alive', undefined],
  ['GET / HTTP/1.0\r\n\r\n', '', 'close'],
  ['GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', '', 'keep-alive'],
  ['GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', 'close', 'close'],
  ['GET / HTTP/1.0\r\n\r\n', 'keep-alive', 'close'],
]

test('Connection says what becomes of the connection, once', async (t) => {
  let own = ''
  const { connect } = await serve(t, () =>
    text('x', own === '' ? {} : { headers: { Connection: own } }),
  )
  for (const [request, value, connection] of PERSISTENCE) {
    own = value
    const client = await connect()
    const got = await client.send(request).reply()
    t.is(got.header('connection')?.toLowerCase(), connection, `${request} ${own}`)
    if (connection === 'close') await client.closed()
    else t.is((await client.send(request).reply()).text, 'x')
  }
})

test("an own Date replaces the server's", async (t) => {
  const { connect } = await serve(t, () => text('x', { headers: { dAtE: 'today' } }))
  t.is((await (await connect()).get('/')).header('date'), 'today')
})

test('a reason phrase is no longer than its word in a record', (t) => {
  const statusText = 'x'.repeat(0xffffff)
  t.is(text('', { statusText }).status, 200)
  const message = /statusText must have at most 16777215 characters, got 16777216/
  for (const make of [text, html, json]) {
    t.throws(() => make('', { statusText: `${statusText}x` }), { instanceOf: RangeError, message })
  }
})

/** Options, what is asked for, and the value of Keep-Alive. */
const KEPT: [options: ServerOptions, request: string, value: string | undefined][] = [
  [{}, get('/'), 'timeout=64'],
  [{ keepAliveTimeout: 5999 }, get('/'), 'timeout=4'],
  [{ keepAliveTimeout: 1999 }, get('/'), undefined],
  [{ keepAliveTimeout: 0 }, get('/'), undefined],
  [{ keepAliveHeader: false }, get('/'), undefined],
  [{}, get('/', 'Connection: close\r\n'), undefined],
  [{}, 'GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n', 'timeout=64'],
  [{}, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n', undefined],
  [{}, get('/own'), 'timeout=1'],
  [{}, get('/stream'), 'timeout=64'],
  [{}, get('/static'), 'timeout=64'],
  [{}, get('/none'), 'timeout=64'],
  [{}, get('/raw'), undefined],
  [{}, 'nonsense\r\n\r\n', undefined],
]

test('answers say how long their connection is kept, a second less than the truth', async (t) => {
  const router = new Router()
    .get('/', () => 'ok')
    .get('/own', () => text('', { headers: { 'keep-alive': 'timeout=1' } }))
    .get('/stream', () => stream(['a']))
    .static('/static', 'fixed')
    .get('/raw', () => Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
  for (const [options, request, value] of KEPT) {
    const { connect } = await serve(t, router, options)
    const got = await (await connect()).send(request).reply()
    const lines = got.headers.filter(([name]) => name.toLowerCase() === 'keep-alive')
    t.deepEqual(
      lines.map(([, sent]) => sent),
      value === undefined ? [] : [value],
      request,
    )
  }
})
