import test from 'ava'
import {
  decodeRequest,
  frameExpectedTotal,
  frameHeadLength,
  type FrameLimits,
  frameRequestLength,
  HttpError,
  type HttpRequest,
} from '../../ts/index.ts'

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
const HOST = 'Host: a.test\r\n'
const GET = `GET /path/to/resource HTTP/1.1\r\n${HOST}\r\n`
const POST = `POST /api HTTP/1.1\r\n${HOST}Content-Length: 17\r\n\r\n{"name":"fast-h"}`
const CHUNKED = `POST /c HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n`
const TRAILER = CHUNKED.replace('0\r\n\r\n', '0\r\nX-Trailer: v\r\n\r\n')

/** Requests that are complete at their last byte and at no byte before. */
const FRAMED: [name: string, text: string][] = [
  ['GET with Host', GET],
  ['POST with a length', POST],
  ['a chunked body', CHUNKED],
  ['a chunked body with trailers', TRAILER],
  ['spaces behind a length', POST.replace('17\r\n', '17  \r\n')],
  ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n'],
  ['a length of 0', `POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`],
  ['an empty line in front', `\r\n${GET}`],
  ['chunk data that looks like an end', CHUNKED.replace('4\r\nWiki', '7\r\n0\r\n\r\n\r\n')],
]

for (const [name, text] of FRAMED) {
  test(`every strict prefix is incomplete, the whole is exact: ${name}`, (t) => {
    const bytes = bytesOf(text)
    for (let end = 0; end < bytes.length; end++) {
      t.is(frameRequestLength(bytes.subarray(0, end)), -1, `${end}`)
      t.is(decodeRequest(bytes.subarray(0, end)), null, `${end}`)
    }
    t.is(frameRequestLength(bytes), bytes.length)
    t.is(frameRequestLength(bytesOf(`${text}GET / HT`)), bytes.length)
    const head = text.indexOf('\r\n\r\n') + 4
    for (let end = text.startsWith('\r') ? 2 : 0; end < head; end++) {
      t.is(frameHeadLength(bytes.subarray(0, end)), -1)
      t.is(frameExpectedTotal(bytes.subarray(0, end)), -1)
    }
    t.is(frameHeadLength(bytes), head)
  })
}

test('pipelined requests are framed one by one, and all bytes belong to one of them', (t) => {
  const requests = [POST, GET, CHUNKED, GET, GET]
  let rest = bytesOf(requests.join(''))
  for (const request of requests) {
    t.is(frameRequestLength(rest), request.length)
    rest = rest.subarray(request.length)
  }
  t.is(rest.length, 0)
})

test('the expected total is known from the head, for a declared length only', (t) => {
  const head = POST.slice(0, POST.indexOf('\r\n\r\n') + 4)
  t.is(frameExpectedTotal(bytesOf(POST)), POST.length)
  t.is(frameExpectedTotal(bytesOf(head)), POST.length)
  t.is(frameExpectedTotal(bytesOf(GET)), -1)
  t.is(frameExpectedTotal(bytesOf(CHUNKED)), -1)
  const huge = head.replace('17', '99999999999')
  t.is(frameExpectedTotal(bytesOf(huge)), huge.length + 99_999_999_999)
})

/** What is refused, with which status. `V` says where V's fasthttp differs, and by which rule. */
const REFUSED: [name: string, text: string, status: number, limits?: FrameLimits][] = [
  ['a head over maxHeader', GET, 431, { maxHeader: 8 + 24 }],
  ['a body over maxBody', POST, 413, { maxBody: 3 }],
  ['decoded chunks over maxBody', CHUNKED, 413, { maxBody: 8 }],
  ['any body with maxBody 0', POST, 413, { maxBody: 0 }],
  ['a length over the default', POST.replace('17', '99999999999'), 413],
  ['a chunk size over the default', CHUNKED.replace('4\r\n', 'ffffffffff\r\n'), 413],
  ['a chunk size of 17 digits', CHUNKED.replace('4\r\n', '00000000000000004\r\n'), 400],
  ['no request line', 'INVALID REQUEST LINE\r\n\r\n', 400],
  ['a length that is no number', POST.replace('17', '1x'), 400],
  [
    'two lengths (V: the last one wins; RFC 9112 §6.3)',
    POST.replace(HOST, 'Content-Length: 17\r\n' + HOST),
    400,
  ],
  [
    'length and chunks (V: chunks win; RFC 9112 §6.3)',
    POST.replace(HOST, HOST + 'Transfer-Encoding: chunked\r\n'),
    400,
  ],
  ['bare LF (V: taken; RFC 9112 §2.2)', POST.replaceAll('\r\n', '\n'), 400],
  ['no Host (V: taken; RFC 9112 §3.2)', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['no version (V: taken; RFC 9112 §3)', 'GET /\r\n\r\n', 400],
  ['two spaces before the target (V: taken; RFC 9112 §3)', GET.replace(' ', '  '), 400],
  [
    'no CRLF behind chunk data (V: not looked at; RFC 9112 §7.1)',
    CHUNKED.replace('Wiki\r\n', 'Wikixx'),
    400,
  ],
  ['an empty chunk size (V: 0; RFC 9112 §7.1)', CHUNKED.replace('4\r\n', '\r\n'), 400],
  ['a space before a colon (V: taken; RFC 9112 §5.1)', GET.replace('Host:', 'Host :'), 400],
  ['another coding', CHUNKED.replace('chunked', 'gzip, chunked'), 501],
  ['CONNECT', `CONNECT a.test:1 HTTP/1.1\r\n${HOST}\r\n`, 501],
  ['HTTP/2', GET.replace('1.1', '2.0'), 505],
  ['a long target', `GET /${'x'.repeat(9000)} HTTP/1.1\r\n${HOST}\r\n`, 414],
  ['another expectation', POST.replace(HOST, `${HOST}Expect: x\r\n`), 417],
]

test('what is refused carries the status of the answer', (t) => {
  for (const [name, text, status, limits] of REFUSED) {
    for (const frame of [frameRequestLength, decodeRequest]) {
      const error = t.throws(() => frame(bytesOf(text), limits), { instanceOf: HttpError }, name)
      t.is((error as HttpError | undefined)?.status, status, name)
    }
  }
  for (const frame of [frameHeadLength, frameExpectedTotal]) {
    t.is(t.throws<HttpError>(() => frame(bytesOf('G@T / HTTP/1.1\r\n')))?.status, 400)
  }
})

test('Infinity lifts a limit, 0 and less, fractions and strings are no limits', (t) => {
  const large = POST.replace('17', '3000000').replace(/\{.*/, 'x'.repeat(3_000_000))
  t.is(frameRequestLength(bytesOf(large), { maxBody: Infinity }), large.length)
  t.is(decodeRequest(bytesOf(large), { maxBody: Infinity })?.body.length, 3_000_000)
  const wide = GET.replace(HOST, `${HOST}X: ${'x'.repeat(20_000)}\r\n`)
  t.is(frameRequestLength(bytesOf(wide), { maxHeader: Infinity }), wide.length)
  for (const limits of [{ maxHeader: 0 }, { maxHeader: 1.5 }, { maxBody: -1 }, { maxBody: NaN }]) {
    t.throws(() => frameRequestLength(bytesOf(GET), limits), { instanceOf: RangeError })
  }
  for (const limits of [{ maxHeader: '8' }, null, 3]) {
    t.throws(() => frameRequestLength(bytesOf(GET), limits as never), { instanceOf: TypeError })
  }
})

test('bytes must be a Uint8Array that is there; shared memory is read at rest', (t) => {
  for (const wrong of ['GET', new ArrayBuffer(8), new DataView(new ArrayBuffer(8)), undefined]) {
    t.throws(() => frameRequestLength(wrong as never), { instanceOf: TypeError })
  }
  const gone = bytesOf(GET)
  structuredClone(gone.buffer, { transfer: [gone.buffer as ArrayBuffer] })
  t.throws(() => frameHeadLength(gone), { message: /detached/ })
  const shared = new Uint8Array(new SharedArrayBuffer(GET.length))
  shared.set(bytesOf(GET))
  t.is(frameRequestLength(shared), GET.length)
  t.is(frameRequestLength(Buffer.from(`xx${GET}`).subarray(2)), GET.length)
})

/** Requests and their parts: method, url, version, field lines, body. */
const DECODED: [text: string, ...parts: [string, string, string, string[][], string]][] = [
  [GET, 'GET', '/path/to/resource', '1.1', [['Host', 'a.test']], ''],
  ['POST /api/resource HTTP/1.0\r\n\r\n', 'POST', '/api/resource', '1.0', [], ''],
  [
    `POST /api?a=1 HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{"key":"value"}`,
    'POST',
    '/api?a=1',
    '1.1',
    [
      ['Host', 'a.test'],
      ['Content-Type', 'application/json'],
      ['Content-Length', '15'],
    ],
    '{"key":"value"}',
  ],
  [
    CHUNKED,
    'POST',
    '/c',
    '1.1',
    [
      ['Host', 'a.test'],
      ['Transfer-Encoding', 'chunked'],
    ],
    'Wikipedia',
  ],
]

test('a decoded request is what a handler would see', (t) => {
  for (const [text, method, url, version, fields, body] of DECODED) {
    const bytes = bytesOf(`${text}GET /next`)
    const req = decodeRequest(bytes)
    if (req === null) return t.fail(text)
    // It has memory of its own.
    bytes.fill(0)
    t.deepEqual([req.method, req.url, req.httpVersion, req.text()], [method, url, version, body])
    t.deepEqual([...req.headers], fields as [string, string][])
    t.is(req.header('HOST'), fields[0]?.[1])
    const { buffer, slices } = req
    const part = ({ start, len }: { start: number; len: number }): string =>
      Buffer.from(buffer).toString('latin1', start, start + len)
    t.is(part(slices.method), method)
    t.is(part(slices.path), url)
    t.is(part(slices.version), `HTTP/${version}`)
    t.is(part(slices.headerFields), fields.map((field) => field.join(': ')).join('\r\n'))
    t.is(part(slices.body), body)
    t.deepEqual([req.remoteAddress, req.remotePort, req.signal.aborted], ['', 0, false])
  }
})

test('a total is one that a number can count, or the body is too large', (t) => {
  const head = (length: string): Buffer =>
    Buffer.from(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`)
  const size = head('9000000000000000').length
  for (const limits of [undefined, { maxBody: Infinity }, { maxBody: Number.MAX_SAFE_INTEGER }]) {
    t.is(frameExpectedTotal(head('9000000000000000'), limits), 9_000_000_000_000_000 + size)
    for (const length of [
      '9007199254740991',
      '9223372036854775807',
      '18446744073709551614',
      '18446744073709551615',
      '18446744073709551616',
    ]) {
      const error = t.throws(() => frameExpectedTotal(head(length), limits), undefined, length)
      t.is((error as { status?: number } | undefined)?.status, 413, length)
    }
  }
})

/** What of a request is done with its connection. */
const OF_CONNECTIONS: Record<string, (req: HttpRequest) => unknown> = {
  earlyHints: (req) => req.earlyHints('</a.css>; rel=preload'),
  raw: (req) => req.raw(),
  takeover: (req) => req.takeover(),
}

for (const [name, call] of Object.entries(OF_CONNECTIONS)) {
  test(`a decoded request has no connection, as ${name} says with a code`, (t) => {
    const req = decodeRequest(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')) as HttpRequest
    t.throws(() => call(req), {
      code: 'ERR_INVALID_STATE',
      message: 'a decoded request has no connection',
    })
  })
}
