import test from 'ava'
import {
  decodeRequest,
  frameExpectedTotal,
  frameHeadLength,
  type FrameLimits,
  frameRequestLength,
  HttpError,
} from '../../ts/index.ts'

// What V's fasthttp tests of its framing and its parser, by their numbers in the list of list.spec.ts.

const HOST = 'Host: a.test\r\n'
const CHUNKS = 'Transfer-Encoding: chunked\r\n\r\n'
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

/** `text` as V sends it, with the Host that RFC 9112 §3.2 asks for. */
function hosted(text: string): string {
  return text.replace('HTTP/1.1\r\n', `HTTP/1.1\r\n${HOST}`)
}

const GET = `GET / HTTP/1.1\r\n${HOST}\r\n`
const POST = (length: number | string, body: string): string =>
  `POST / HTTP/1.1\r\n${HOST}Content-Length: ${length}\r\n\r\n${body}`
const CHUNKED = (body: string): string => `POST / HTTP/1.1\r\n${HOST}${CHUNKS}${body}`

/** Requests that are complete at their last byte, and at no byte before. */
const FRAMED: [number: string, about: string, text: string][] = [
  ['V 10', 'GET with Host', GET],
  ['V 11', 'GET without any field, of HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
  ['V 12', 'POST with a length of 17', POST(17, '{"name":"fast-h"}')],
  ['V 13', 'the first of two, a POST', POST(3, 'abc')],
  ['V 15', 'chunks', CHUNKED('4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n')],
  ['V 24', 'chunks and a trailer', CHUNKED('4\r\nWiki\r\n0\r\nX-Trailer: v\r\n\r\n')],
  ['V 26', 'spaces behind a length', POST('5  ', 'hello')],
  ['V 27', 'a longer path', GET.replace('/', '/path/to/resource')],
  ['V 34', 'no body', hosted('GET /none HTTP/1.1\r\n\r\n')],
  ['V 36', 'a length of 5 and 5 bytes', POST(5, 'hello')],
  ['V 38', 'chunks and their end', CHUNKED('5\r\nhello\r\n0\r\n\r\n')],
  [
    'V 39',
    'an end within chunk data',
    CHUNKED('20\r\n0\r\n\r\n'.padEnd(36, 'x') + '\r\n0\r\n\r\n'),
  ],
  ['V 40', 'an end within data and one behind', CHUNKED('d\r\n0\r\n\r\n01234567\r\n0\r\n\r\n')],
]

for (const [number, about, text] of FRAMED) {
  test(`${number}: framed exactly, and at no strict prefix: ${about}`, (t) => {
    const bytes = bytesOf(text)
    for (let end = 0; end < bytes.length; end++) {
      t.is(frameRequestLength(bytes.subarray(0, end)), -1, `${end} bytes`)
    }
    t.is(frameRequestLength(bytes), bytes.length)
    t.is(frameRequestLength(bytesOf(text + GET)), bytes.length)
    t.is(decodeRequest(bytesOf(text + GET))?.slices.path.start, text.indexOf('/'))
  })
}

/** Requests of which something is missing. */
const INCOMPLETE: [number: string, about: string, text: string][] = [
  ['V 5', 'a line without CRLF (V: an error; more may come, RFC 9112 §2.2)', 'GET / HTTP/1.1'],
  ['V 16', 'a head without its end', `GET / HTTP/1.1\r\n${HOST}`],
  ['V 16', 'a length of 10 and 5 bytes', POST(10, 'hello')],
  ['V 33', 'a head without a blank line (V: a request)', 'GET / HTTP/1.1\r\nHost: example.com'],
  ['V 35', 'a length of 5 and 3 bytes', POST(5, 'hel')],
  ['V 37', 'chunks without their end', CHUNKED('5\r\nhello\r\n')],
  ['V 39', 'a chunk of 20 whose data has an end', CHUNKED('20\r\n0\r\n\r\n')],
]

for (const [number, about, text] of INCOMPLETE) {
  test(`${number}: incomplete: ${about}`, (t) => {
    t.is(frameRequestLength(bytesOf(text)), -1)
    t.is(decodeRequest(bytesOf(text)), null)
  })
}

/** What is refused, with which status and by which rule. */
const REFUSED: [number: string, about: string, text: string, status: number, l?: FrameLimits][] = [
  ['V 11', 'no Host (V: taken; RFC 9112 §3.2)', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['V 17', 'a head over maxHeader', GET, 431, { maxHeader: 8 }],
  ['V 18', 'a body over maxBody', POST(10, ''), 413, { maxBody: 3 }],
  ['V 22', 'a length (V: 400; it is one, RFC 9110 §15.5.14)', POST(99_999_999_999, ''), 413],
  ['V 23', 'a chunk size (V: 400; RFC 9110 §15.5.14)', CHUNKED('ffffffffff\r\n'), 413],
  ['V 25', 'bare LF (V: taken; RFC 9112 §2.2)', POST(6, 'foobar').replaceAll('\r\n', '\n'), 400],
  ['V 28', 'no request line, within a whole head', 'INVALID REQUEST LINE\r\n\r\n', 400],
  ['V 30', 'no request line, with no end of line', 'INVALID REQUEST LINE', 400],
  ['V 66', 'an LF in front (RFC 9112 §2.2)', `\n${GET}`, 400],
  ['V 66', 'no version (RFC 9112 §3)', 'GET /\r\n\r\n', 400],
  ['V 66', 'two lengths', POST('3\r\nContent-Length: 4', 'abc'), 400],
  ['V 66', 'two equal lengths (V: taken)', POST('3\r\nContent-Length: 3', 'abc'), 400],
  ['V 66', 'an empty length', POST('', ''), 400],
  ['V 66', 'a length and chunks', POST('3\r\nTransfer-Encoding: chunked', 'abc'), 400],
  ['V 66', 'chunked twice', CHUNKED('').replace('chunked', 'chunked, chunked'), 400],
  ['V 66', 'chunked with a parameter', CHUNKED('').replace('chunked', 'chunked;a=b'), 400],
  ['V 66', 'chunks that are not last', CHUNKED('').replace('chunked', 'chunked, gzip'), 400],
  ['V 66', 'chunks in HTTP/1.0 (RFC 9112 §6.1)', CHUNKED('').replace('/1.1', '/1.0'), 400],
  ['V 66', 'an empty chunk size', CHUNKED('\r\nhello\r\n0\r\n\r\n'), 400],
  ['V 66', 'a bare LF behind a chunk size', CHUNKED('5\nhello\r\n0\r\n\r\n'), 400],
  ['V 66', 'no CRLF behind chunk data', CHUNKED('5\r\nhelloxx0\r\n\r\n'), 400],
  ['V 66', 'a chunk size that overflows', CHUNKED('fffffffffffffffff\r\n'), 400],
  ['V 66', 'a control byte in an extension', CHUNKED('5;a=\x01\r\nhello\r\n0\r\n\r\n'), 400],
  ['V 66', 'a trailer that is no field line', CHUNKED('0\r\nno trailer\r\n\r\n'), 400],
  ['V 66', 'trailers without bound', CHUNKED(`0\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), 431],
  ['V 66', 'decoded chunks over maxBody', CHUNKED('4\r\nWiki\r\n'), 413, { maxBody: 3 }],
  ['V 66', 'a space in a name', GET.replace('Host:', 'Host :'), 400],
  ['V 66', 'a NUL in a value', GET.replace('a.test', 'a.te\0st'), 400],
  ['V 66', 'a request line over its limit', `GET /${'x'.repeat(9000)} HTTP/1.1\r\n\r\n`, 414],
]

for (const [number, about, text, status, limits] of REFUSED) {
  test(`${number}: refused with ${status}: ${about}`, (t) => {
    for (const frame of [frameRequestLength, decodeRequest]) {
      const error = t.throws(() => frame(bytesOf(text), limits), { instanceOf: HttpError })
      t.is((error as HttpError).status, status)
    }
  })
}

for (const [number, requests] of [
  ['V 13', [POST(3, 'abc'), GET]],
  ['V 14', [GET, hosted('GET /b HTTP/1.1\r\n\r\n'), hosted('GET /cc HTTP/1.1\r\n\r\n')]],
] as const) {
  test(`${number}: pipelined requests are framed one by one, ${requests.length} of them`, (t) => {
    let rest = bytesOf(requests.join(''))
    for (const request of requests) {
      t.is(frameRequestLength(rest), request.length)
      rest = rest.subarray(request.length)
    }
    t.is(rest.length, 0)
  })
}

test('V 19, V 20, V 21: the expected total, the length of a head, and what is not known yet', (t) => {
  const [whole, head] = [POST(17, '{"name":"fast-h"}'), POST(17, '')]
  const rows: [text: string, total: number, head: number, length: number][] = [
    [whole, whole.length, head.length, whole.length],
    [head, whole.length, head.length, -1],
    [GET, -1, GET.length, GET.length],
    [CHUNKED(''), -1, CHUNKED('').length, -1],
    [head.slice(0, -1), -1, -1, -1],
    ['', -1, -1, -1],
  ]
  for (const [text, ...expected] of rows) {
    const bytes = bytesOf(text)
    const got = [frameExpectedTotal(bytes), frameHeadLength(bytes), frameRequestLength(bytes)]
    t.deepEqual(got, expected, text)
  }
})

/** Requests and their parts. */
type Parts = [method: string, target: string, version: string, fields: string, body: string]
const DECODED: [number: string, text: string, ...Parts][] = [
  [
    'V 3',
    hosted('GET /users/123 HTTP/1.1\r\n\r\n'),
    'GET',
    '/users/123',
    '1.1',
    'Host: a.test',
    '',
  ],
  [
    'V 4',
    hosted('POST /api/data HTTP/1.1\r\n\r\n'),
    'POST',
    '/api/data',
    '1.1',
    'Host: a.test',
    '',
  ],
  ['V 6', hosted('GET /test HTTP/1.1\r\n\r\n'), 'GET', '/test', '1.1', 'Host: a.test', ''],
  ['V 27', 'GET /path/to/resource HTTP/1.0\r\n\r\n', 'GET', '/path/to/resource', '1.0', '', ''],
  ['V 29', 'POST /api/resource HTTP/1.0\r\n\r\n', 'POST', '/api/resource', '1.0', '', ''],
  [
    'V 31',
    'POST /api HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"key":"value"}',
    'POST',
    '/api',
    '1.1',
    'Host: a\r\nContent-Type: application/json\r\nContent-Length: 15',
    '{"key":"value"}',
  ],
  [
    'V 32',
    'GET /index.html HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n',
    'GET',
    '/index.html',
    '1.1',
    'Host: a\r\nAccept: */*',
    '',
  ],
  [
    'V 66',
    CHUNKED('4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n'),
    'POST',
    '/',
    '1.1',
    `${HOST}Transfer-Encoding: chunked`,
    'Wikipedia',
  ],
]

for (const [number, text, method, target, version, fields, body] of DECODED) {
  test(`${number}: the parts of ${method} ${target}, exactly`, (t) => {
    const req = decodeRequest(bytesOf(text))
    if (req === null) return t.fail()
    t.deepEqual([req.method, req.url, req.httpVersion, req.text()], [method, target, version, body])
    const { slices, buffer } = req
    const part = ({ start, len }: { start: number; len: number }): string =>
      Buffer.from(buffer).toString('latin1', start, start + len)
    t.is(part(slices.path), target)
    t.is(part(slices.body), body)
    t.is(part(slices.headerFields), fields)
  })
}

test('V 2: GET / HTTP/1.1 has its method at 0, its path at 4 and its version at 6', (t) => {
  // V decodes a request line alone; here that is no request yet.
  t.is(decodeRequest(bytesOf('GET / HTTP/1.1\r\n')), null)
  const { method, path, version } = decodeRequest(bytesOf(GET))?.slices ?? {}
  t.deepEqual(
    [method, path, version],
    [
      { start: 0, len: 3 },
      { start: 4, len: 1 },
      { start: 6, len: 8 },
    ],
  )
})
