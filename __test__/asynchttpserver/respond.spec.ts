import test from 'ava'
import {
  type Callback,
  Http200,
  Http201,
  Http204,
  Http413,
  HttpCode,
  newHttpHeaders,
  type Request,
  respond,
} from '../../ts/asynchttpserver/index.ts'
import { HttpError } from '../../ts/index.ts'
import { serveNim } from './served.ts'

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
