import test from 'ava'
import {
  combine,
  decodeQuery,
  decodeUrl,
  encodeQuery,
  encodeUrl,
  getDataUri,
  isAbsolute,
  newAsyncHttpServer,
  newHttpHeaders,
  parseTarget,
  parseUri,
  Uri,
} from '../../ts/asynchttpserver/index.ts'
import { table } from './served.ts'

for (const { input, fields } of table.parse_uri) {
  test(`parseUri(${JSON.stringify(input)}) is the same, there and back`, (t) => {
    const uri = parseUri(input)
    t.like(uri, fields)
    t.deepEqual(parseUri(uri.toString()), uri)
  })
}

/** A target, how it was asked for, and its parts. */
const TARGETS: [method: string, target: string, parts: Partial<Uri>][] = [
  ['GET', '//evil.test/x?y', { path: '//evil.test/x', query: 'y', hostname: '' }],
  ['GET', '///x', { path: '///x' }],
  ['GET', '/a?b?c', { path: '/a', query: 'b?c' }],
  ['GET', '/http://x/', { path: '/http://x/', scheme: '' }],
  ['OPTIONS', '*', { path: '*' }],
  ['CONNECT', 'ex.test:443', { hostname: 'ex.test', port: '443', path: '', opaque: false }],
  ['CONNECT', '[::1]:443', { hostname: '::1', port: '443', isIpv6: true }],
  [
    'GET',
    'http://u:p@ex.test:81/p?q',
    {
      scheme: 'http',
      username: 'u',
      password: 'p',
      hostname: 'ex.test',
      port: '81',
      path: '/p',
      query: 'q',
    },
  ],
]

for (const [method, target, parts] of TARGETS) {
  test(`the target of ${method} ${target} is split by its form`, (t) => {
    t.deepEqual(parseTarget(method, target), new Uri(parts))
  })
}

test('a path never becomes a host, a scheme or nothing on its way back into text', (t) => {
  t.is(String(parseTarget('GET', '//evil.test/x')), '/.//evil.test/x')
  t.is(String(new Uri({ path: 'a:b' })), './a:b')
  t.is(String(new Uri({ hostname: 'h', path: 'x' })), '//h/x')
  t.is(String(new Uri({ scheme: 'http', hostname: '::1', port: '8' })), 'http://[::1]:8')
  t.is(String(new Uri({ scheme: 'urn', path: 'a:b', opaque: true })), 'urn:a:b')
  t.is(String(parseUri('http://a@b@c/')), 'http://a@b@c/')
  t.is(parseUri('http://a@b@c/').hostname, 'c')
})

const BASE = 'http://a/b/c/d;p?q'
/** RFC 3986 §5.4.1 and §5.4.2: a reference, and what it means at `BASE`. */
const RESOLVED: [reference: string, target: string][] = [
  ['g:h', 'g:h'],
  ['g', 'http://a/b/c/g'],
  ['./g', 'http://a/b/c/g'],
  ['g/', 'http://a/b/c/g/'],
  ['/g', 'http://a/g'],
  ['//g', 'http://g'],
  ['?y', 'http://a/b/c/d;p?y'],
  ['g?y', 'http://a/b/c/g?y'],
  ['#s', 'http://a/b/c/d;p?q#s'],
  ['g?y#s', 'http://a/b/c/g?y#s'],
  [';x', 'http://a/b/c/;x'],
  ['', 'http://a/b/c/d;p?q'],
  ['.', 'http://a/b/c/'],
  ['./', 'http://a/b/c/'],
  ['..', 'http://a/b/'],
  ['../', 'http://a/b/'],
  ['../g', 'http://a/b/g'],
  ['../..', 'http://a/'],
  ['../../g', 'http://a/g'],
  ['../../../g', 'http://a/g'],
  ['../../../../g', 'http://a/g'],
  ['/./g', 'http://a/g'],
  ['/../g', 'http://a/g'],
  ['g.', 'http://a/b/c/g.'],
  ['..g', 'http://a/b/c/..g'],
  ['./../g', 'http://a/b/g'],
  ['./g/.', 'http://a/b/c/g/'],
  ['g/./h', 'http://a/b/c/g/h'],
  ['g/../h', 'http://a/b/c/h'],
  ['g;x=1/./y', 'http://a/b/c/g;x=1/y'],
  ['http://x/../y', 'http://x/y'],
]

for (const [reference, target] of RESOLVED) {
  test(`combine(${BASE}, ${JSON.stringify(reference)})`, (t) => {
    t.is(combine(parseUri(BASE), parseUri(reference)).toString(), target)
  })
}

test('combine takes any number of references, and one without a path', (t) => {
  const uris = ['http://a', 'b/', 'c', '../d'].map(parseUri)
  t.is(String(combine(...(uris as [Uri, ...Uri[]]))), 'http://a/d')
  t.is(String(combine(parseUri('http://a'))), 'http://a')
})

const QUERIES: [query: string, pairs: [string, string][]][] = [
  ['', []],
  [
    'a=1&b=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  [
    'a=1=2&b',
    [
      ['a', '1=2'],
      ['b', ''],
    ],
  ],
  ['a+b=%20%c3%a9', [['a b', ' \u00e9']]],
  [
    'a=%&b=%zz&c=%2',
    [
      ['a', '%'],
      ['b', '%zz'],
      ['c', '%2'],
    ],
  ],
  ['?a=1', [['?a', '1']]],
  [
    'a=1&a=2',
    [
      ['a', '1'],
      ['a', '2'],
    ],
  ],
  ['a=%FF', [['a', '\ufffd']]],
]

for (const [query, pairs] of QUERIES) {
  test(`decodeQuery(${JSON.stringify(query)})`, (t) => t.deepEqual([...decodeQuery(query)], pairs))
}

test('decodeQuery splits where it is told', (t) => {
  t.deepEqual(
    [...decodeQuery('a=1;b=2', ';')],
    [
      ['a', '1'],
      ['b', '2'],
    ],
  )
})

test('texts are encoded for URLs and back, and whatever Nim has besides', (t) => {
  t.is(encodeUrl("a b-._~/?\u00fc!'()*"), 'a+b-._~%2F%3F%C3%BC%21%27%28%29%2A')
  t.is(encodeUrl('a b', false), 'a%20b')
  t.is(decodeUrl('a+b%2F%C3%BC%zz%'), 'a b/\u00fc%zz%')
  t.is(decodeUrl('a+b', false), 'a+b')
  t.is(
    encodeQuery([
      ['a', '1'],
      ['b c', ''],
      ['d', '&='],
    ]),
    'a=1&b+c&d=%26%3D',
  )
  t.is(encodeQuery([['a', '']], true, false), 'a=')
  t.is(
    encodeQuery(
      [
        ['a', '1'],
        ['b', '2'],
      ],
      true,
      true,
      ';',
    ),
    'a=1;b=2',
  )
  t.true(isAbsolute(parseUri('http://a/b')))
  t.false(isAbsolute(parseUri('/b')))
  t.is(
    getDataUri('Hello World', 'text/plain'),
    'data:text/plain;charset=utf-8;base64,SGVsbG8gV29ybGQ=',
  )
  t.is(getDataUri(new Uint8Array([1]), 'a/b', ''), 'data:a/b;base64,AQ==')
})

test('headers are read as in Nim', (t) => {
  const headers = newHttpHeaders([['A', ['1', '2']]])
  t.true(headers.hasKey('a') && !headers.hasKey('b'))
  t.deepEqual([...headers.at('a')], ['1', '2'])
  t.is(headers.at('A', 1), '2')
  for (const fails of [() => headers.at('b'), () => headers.at('a', 2), () => headers.at('b', 0)])
    t.throws(fails, { instanceOf: RangeError, code: 'ERR_KEY' })
  t.throws(() => newAsyncHttpServer({ nimMaxDescriptorsFallback: 0 }), { instanceOf: RangeError })
  t.notThrows(() => newAsyncHttpServer({ nimMaxDescriptorsFallback: 100 }))
})
