import test, { type ExecutionContext } from 'ava'
import { HttpError, type HttpRequest, type ServerOptions, type Slice } from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { serve } from '../support/service.ts'

/** What a server makes of one request. */
async function requestOf(
  t: ExecutionContext,
  bytes: string | Uint8Array,
  options: ServerOptions = {},
): Promise<HttpRequest> {
  const seen: HttpRequest[] = []
  const { connect } = await serve(
    t,
    (req) => {
      seen.push(req)
      return 'ok'
    },
    options,
  )
  const client = await connect()
  const method = Buffer.from(bytes as string).toString('latin1', 0, 4) === 'HEAD' ? 'HEAD' : 'GET'
  const { status } = await client.send(bytes).reply(method)
  if (status !== 200) throw new Error(`status ${status}`)
  return seen[0] as HttpRequest
}

/** Targets, and url, path, query of each. */
const TARGETS: [line: string, url: string, path: string, query: string][] = [
  ['GET /', '/', '/', ''],
  ['GET /a/b', '/a/b', '/a/b', ''],
  ['GET /a?', '/a?', '/a', ''],
  ['GET /a?b=c', '/a?b=c', '/a', 'b=c'],
  ['GET /a?b?c', '/a?b?c', '/a', 'b?c'],
  ['GET /?', '/?', '/', ''],
  ['GET /%2F%41?%3F', '/%2F%41?%3F', '/%2FA', '%3F'],
  ['GET //a/../b', '//a/../b', '//a/../b', ''],
  ['GET http://a.test/p?q', 'http://a.test/p?q', '/p', 'q'],
  ['GET http://a.test', 'http://a.test', '/', ''],
  ['GET http://a.test?q', 'http://a.test?q', '/', 'q'],
  ['GET http://a.test:8080/', 'http://a.test:8080/', '/', ''],
  ['OPTIONS *', '*', '*', ''],
  ['OPTIONS /a', '/a', '/a', ''],
]

for (const [line, url, path, query] of TARGETS) {
  test(`${line}: url, path and query`, async (t) => {
    const host = line.includes(':8080') ? 'a.test:8080' : 'a.test'
    const req = await requestOf(t, `${line} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    t.deepEqual([req.url, req.path, req.query], [url, path, query])
    t.is(req.path, path)
    t.is(req.searchParams.toString(), new URLSearchParams(query).toString())
    t.is(req.searchParams, req.searchParams)
  })
}

test('the method is the token as sent', async (t) => {
  const methods = [
    'GET',
    'POST',
    'HEAD',
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'TRACE',
    'get',
    'Post',
  ]
  for (const method of [...methods, 'PROPFIND', 'M-SEARCH', "!#$%&'*+-.^_`|~09", 'G', 'GETS']) {
    const req = await requestOf(t, `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)
    t.is(req.method, method)
  }
})

test('the version is 1.0 or 1.1', async (t) => {
  for (const [sent, version] of [
    ['1.0', '1.0'],
    ['1.1', '1.1'],
    ['1.2', '1.1'],
  ] as const) {
    t.is((await requestOf(t, `GET / HTTP/${sent}\r\nHost: a\r\n\r\n`)).httpVersion, version)
  }
})

test('searchParams decodes', async (t) => {
  const { searchParams } = await requestOf(t, get('/?a=1&a=2&b=%E2%98%83+x&__proto__=y'))
  t.deepEqual(searchParams.getAll('a'), ['1', '2'])
  t.is(searchParams.get('b'), '☃ x')
  t.is(searchParams.get('__proto__'), 'y')
})

const FIELDS =
  'X-One: 1\r\nx-one:2\r\nCookie: a=b\r\nX-ONE: \t3 \t\r\ncookie: c=d\r\nEmpty:\r\n' +
  '__proto__: p\r\nconstructor: c\r\ntoString: t\r\nLatin: \xe4\xff\r\n'

test('header ignores case and joins field lines', async (t) => {
  const req = await requestOf(t, get('/', FIELDS))
  const EXPECTED: [string, string | undefined][] = [
    ['host', 'a.test'],
    ['HOST', 'a.test'],
    ['x-one', '1, 2, 3'],
    ['X-One', '1, 2, 3'],
    ['Cookie', 'a=b; c=d'],
    ['COOKIE', 'a=b; c=d'],
    ['empty', ''],
    ['latin', 'äÿ'],
    ['__proto__', 'p'],
    ['constructor', 'c'],
    ['tostring', 't'],
    ['none', undefined],
    ['', undefined],
    ['hasOwnProperty', undefined],
    ['x_one', undefined],
    ['x-on\x05', undefined],
    ['M-one', undefined],
    ['x\u012done', undefined],
    ['hos\u0174', undefined],
  ]
  for (const [name, value] of EXPECTED) {
    t.is(req.header(name), value, name)
    t.is(req.headers.get(name), value, name)
    t.is(req.headers.has(name), value !== undefined, name)
  }
  t.deepEqual(req.headers.getAll('X-one'), ['1', '2', '3'])
  t.deepEqual(req.headers.getAll('cookie'), ['a=b', 'c=d'])
  t.deepEqual(req.headers.getAll('none'), [])
})

test('lookups do not take @ for ` nor other bytes for letters of another case', async (t) => {
  const req = await requestOf(t, get('/', 'a`b: 1\r\na^b: 2\r\na~b: 3\r\n'))
  for (const name of ['a@b', 'a\x1eb', 'a[b', 'a{b', 'A\x7eB', 'a^b', 'a`b']) {
    const expected = { 'a`b': '1', 'a^b': '2', 'A~B': '3' }[name]
    t.is(req.header(name), expected, name)
  }
})

test('headers iterates in order, names as sent, duplicates kept, __proto__ an ordinary name', async (t) => {
  const { headers } = await requestOf(t, get('/', FIELDS))
  t.deepEqual(
    [...headers],
    [
      ['Host', 'a.test'],
      ['X-One', '1'],
      ['x-one', '2'],
      ['Cookie', 'a=b'],
      ['X-ONE', '3'],
      ['cookie', 'c=d'],
      ['Empty', ''],
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['toString', 't'],
      ['Latin', 'äÿ'],
    ],
  )
  t.is(headers.size, 11)
  t.is(({} as Record<string, unknown>)['p'], undefined)
})

function part({ buffer }: HttpRequest, { start, len }: Slice): string {
  return Buffer.from(buffer.subarray(start, start + len)).toString('latin1')
}

test('slices are the places of the parts in buffer', async (t) => {
  const sent = post('/p?q', 'body', 'X: \xe4\r\n')
  const req = await requestOf(t, sent)
  t.deepEqual(Buffer.from(req.buffer), sent)
  const { method, path, version, headerFields, body } = req.slices
  t.is(part(req, method), 'POST')
  t.is(part(req, path), '/p?q')
  t.is(part(req, version), 'HTTP/1.1')
  t.is(part(req, headerFields), 'Host: a.test\r\nContent-Length: 4\r\nX: \xe4')
  t.is(part(req, body), 'body')
})

test('slices of a request without fields, and of one behind an empty line', async (t) => {
  const bare = await requestOf(t, 'GET / HTTP/1.0\r\n\r\n')
  t.is(Buffer.from(bare.buffer).toString(), 'GET / HTTP/1.0\r\n\r\n')
  t.is(part(bare, bare.slices.headerFields), '')
  t.is(bare.slices.body.len, 0)
  t.is(bare.headers.size, 0)
  const later = await requestOf(t, `\r\n${get('/x')}`)
  t.is(part(later, later.slices.path), '/x')
  t.is(part(later, later.slices.headerFields), 'Host: a.test')
})

test('a chunked body is decoded, in body and in buffer, and trailers are dropped', async (t) => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
  const req = await requestOf(t, `${head}5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: t\r\n\r\n`)
  t.is(req.text(), 'hello!')
  t.is(Buffer.from(req.buffer).toString(), `${head}hello!`)
  t.is(part(req, req.slices.body), 'hello!')
  t.is(req.header('x-trailer'), undefined)
})

test('body and buffer are copies of their own, made once', async (t) => {
  const req = await requestOf(t, post('/', 'body'))
  t.is(req.body, req.body)
  t.is(req.buffer, req.buffer)
  t.is(req.body.byteOffset, 0)
  t.is(req.body.buffer.byteLength, 4)
  t.is(req.buffer.buffer.byteLength, req.buffer.length)
  t.not(req.body.buffer, req.buffer.buffer)
  req.body.fill(0)
  req.buffer.fill(0)
  t.is(req.text(), 'body')
  t.is(req.method, 'POST')
  t.is(req.header('host'), 'a.test')
})

test('text is UTF-8', async (t) => {
  t.is((await requestOf(t, post('/', 'häß ☃ 😀'))).text(), 'häß ☃ 😀')
  t.is((await requestOf(t, post('/', Uint8Array.of(0x61, 0xff, 0xc3)))).text(), 'a\ufffd\ufffd')
  t.is((await requestOf(t, get('/'))).text(), '')
})

test('json parses, or throws HttpError 400 without quoting the body', async (t) => {
  const req = await requestOf(t, post('/', '{"a":[1,"ä"],"__proto__":1}'))
  t.deepEqual(req.json<{ a: unknown }>().a, [1, 'ä'])
  for (const body of ['', '{', 'undefined', '{"secret":', '\xff']) {
    const bad = await requestOf(t, post('/', body))
    const error = t.throws(() => bad.json(), { instanceOf: HttpError })
    t.is(error?.status, 400)
    t.false(error?.message.includes('secret'))
  }
})

test('params and pattern without a router', async (t) => {
  const { params, pattern } = await requestOf(t, get('/'))
  t.is(Object.getPrototypeOf(params), null)
  t.deepEqual(Object.keys(params), [])
  t.is(pattern, undefined)
})

test('signal is made once and is not aborted while the client is there', async (t) => {
  const req = await requestOf(t, get('/'))
  t.is(req.signal, req.signal)
  t.false(req.signal.aborted)
})
