import test from 'ava'
import { get } from '../support/client.ts'
import { until } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'
const OPEN_END = 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nok'

/** Requests, response bytes, and status, Connection, body, and whether the connection goes on. */
type Row = [
  name: string,
  request: string,
  raw: string,
  ...expected: [number, unknown, string, boolean],
]
const HEAD = 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n'
const OLD = 'GET / HTTP/1.0\r\n\r\n'
const OLD_KEPT = 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'
const LAST = get('/', 'Connection: close\r\n')
const GOOD: Row[] = [
  ['a length', get('/'), LENGTH, 200, undefined, 'ok', true],
  [
    'a length of 0',
    get('/'),
    'HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n',
    404,
    undefined,
    '',
    true,
  ],
  ['chunks', get('/'), CHUNKED, 200, undefined, 'ok', true],
  ['trailers', get('/'), CHUNKED.replace('0\r\n', '0\r\nX: y\r\n'), 200, undefined, 'ok', true],
  ['no length', get('/'), OPEN_END, 200, 'close', 'ok', false],
  ['a 204', get('/'), 'HTTP/1.1 204 No Content\r\n\r\n', 204, undefined, '', true],
  [
    'a 304 with a length',
    get('/'),
    'HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n',
    304,
    undefined,
    '',
    true,
  ],
  ['an empty reason', get('/'), LENGTH.replace('OK', ''), 200, undefined, 'ok', true],
  [
    'an own close',
    get('/'),
    LENGTH.replace('OK\r\n', 'OK\r\nConnection: close\r\n'),
    200,
    'close',
    'ok',
    false,
  ],
  ['a close asked for', LAST, LENGTH, 200, 'close', 'ok', false],
  ['a close asked for, chunks', LAST, CHUNKED, 200, 'close', 'ok', false],
  ['HEAD with a body', HEAD, LENGTH, 200, undefined, '', true],
  ['HEAD without a body', HEAD, LENGTH.slice(0, -2), 200, undefined, '', true],
  ['HEAD with chunks', HEAD, CHUNKED, 200, undefined, '', true],
  ['HEAD with a chunked head', HEAD, CHUNKED.slice(0, 47), 200, undefined, '', true],
  ['an HTTP/1.0 client, a length', OLD, LENGTH, 200, 'close', 'ok', false],
  ['an HTTP/1.0 client, chunks', OLD, CHUNKED, 200, 'close', 'ok', false],
  ['an HTTP/1.0 client, no length', OLD, OPEN_END, 200, 'close', 'ok', false],
  ['an HTTP/1.0 client that persists', OLD_KEPT, LENGTH, 200, 'keep-alive', 'ok', true],
  ['an HTTP/1.0 client that persists, chunks', OLD_KEPT, CHUNKED, 200, 'close', 'ok', false],
]

for (const [name, request, raw, status, connection, body, persists] of GOOD) {
  for (const how of ['at once', 'late']) {
    test(`response bytes with ${name}, ${how}`, async (t) => {
      const { connect, errors } = await serve(t, () =>
        how === 'late' ? new Promise((yes) => setImmediate(yes, bytesOf(raw))) : bytesOf(raw),
      )
      const client = await connect()
      for (let i = 0; i < (persists ? 3 : 1); i++) {
        const got = await client.send(request).reply(request.slice(0, request.indexOf(' ')))
        t.deepEqual([got.status, got.text], [status, body])
        t.is(got.header('connection')?.toLowerCase(), connection as string | undefined)
        if (request.includes('HTTP/1.0')) t.is(got.header('transfer-encoding'), undefined)
      }
      if (!persists) await client.closed()
      t.deepEqual(errors, [])
    })
  }
}

const ok = (fields: string, body = 'ok'): string => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`
/** Bytes that are not exactly one response, and a word of what onError is told. */
const BAD: [name: string, raw: string, word: RegExp][] = [
  ['nothing', '', /status line/],
  ['text', 'hello', /status line/],
  ['half a status line', 'HTTP/1.1 200', /status line/],
  ['another protocol', 'HTTP/2 200 OK\r\n\r\n', /status line/],
  ['a bare LF', 'HTTP/1.1 200 OK\n\n', /status line/],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', /status line/],
  ['an interim status', 'HTTP/1.1 100 Continue\r\n\r\n', /1xx/],
  ['a switch of protocols', 'HTTP/1.1 101 Switching\r\n\r\n', /1xx/],
  ['no end of the head', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n', /end with/],
  ['a space before a colon', ok('Content-Length : 2\r\n'), /field line/],
  ['a folded line', ok('X-A: b\r\n c\r\nContent-Length: 2\r\n'), /field line/],
  ['a bare CR', ok('X-A: b\rc\r\nContent-Length: 2\r\n'), /field line/],
  ['a NUL', ok('X-A: \0\r\nContent-Length: 2\r\n'), /field line/],
  ['a short length', ok('Content-Length: 1\r\n'), /Content-Length/],
  ['a long length', ok('Content-Length: 3\r\n'), /Content-Length/],
  ['a huge length', ok('Content-Length: 99999999999999999999\r\n'), /Content-Length/],
  ['a length with a sign', ok('Content-Length: +2\r\n'), /digits/],
  ['two lengths', ok('Content-Length: 2\r\nContent-Length: 2\r\n'), /one Content-Length/],
  ['a length list', ok('Content-Length: 2, 2\r\n'), /Content-Length/],
  ['length and chunks', ok('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n'), /both/],
  ['another coding', ok('Transfer-Encoding: gzip\r\n'), /chunked/],
  ['chunked twice', ok('Transfer-Encoding: chunked, chunked\r\n'), /chunked/],
  ['chunks without an end', ok('Transfer-Encoding: chunked\r\n', '2\r\nok\r\n'), /chunk/],
  [
    'a chunk of the wrong size',
    ok('Transfer-Encoding: chunked\r\n', '3\r\nok\r\n0\r\n\r\n'),
    /chunk/,
  ],
  ['chunks in HTTP/1.0', CHUNKED.replace('1.1', '1.0'), /HTTP\/1.1/],
  ['two responses', LENGTH + LENGTH, /Content-Length|one response/],
  ['two chunked responses', CHUNKED + CHUNKED, /one response/],
  ['bytes behind the chunks', `${CHUNKED}x`, /one response/],
  ['a 204 with a body', 'HTTP/1.1 204 X\r\n\r\nok', /204/],
  ['a 204 with a length', 'HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n', /204/],
  ['a 304 with a body', 'HTTP/1.1 304 X\r\n\r\nok', /304/],
]

test('bytes that are not exactly one response: 500, onError says what to do', async (t) => {
  let raw = bytesOf('')
  const { connect, errors } = await serve(t, () => raw)
  const client = await connect()
  for (const [name, text, word] of BAD) {
    raw = bytesOf(text)
    errors.length = 0
    const got = await client.get('/')
    t.deepEqual([got.status, got.text], [500, 'Internal Server Error'], name)
    await until(`onError hears of ${name}`, () => errors.length > 0)
    t.regex(String(errors[0]?.error), word, name)
    raw = bytesOf(LENGTH)
    t.is((await client.get('/')).text, 'ok', name)
  }
})

test('an answer to a pipelined HEAD and one with lies do not shift the others', async (t) => {
  const answers: Record<string, string> = {
    '/1': LENGTH,
    '/2': ok('Content-Length: 200\r\n'),
    '/3': CHUNKED,
    '/4': LENGTH + LENGTH,
    '/5': LENGTH,
  }
  const { connect } = await serve(t, (req) => bytesOf(answers[req.path] ?? ''))
  const client = await connect()
  client.send(
    Object.keys(answers)
      .map((path) => get(path))
      .join(''),
  )
  const statuses = []
  for (let i = 0; i < 5; i++) statuses.push((await client.reply()).status)
  t.deepEqual(statuses, [200, 500, 200, 500, 200])
})

test('large response bytes arrive whole, also with a field line inserted', async (t) => {
  const size = 3 << 20
  const raw = bytesOf(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`)
  const { connect } = await serve(t, () => raw)
  const client = await connect()
  t.is((await client.get('/')).body.length, size)
  const last = await client.send(LAST).reply()
  t.is(last.body.length, size)
  t.is(last.header('connection'), 'close')
  await client.closed()
})
