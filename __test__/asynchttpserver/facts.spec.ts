import test from 'ava'
import * as nim from '../../ts/asynchttpserver/index.mts'
import {
  HttpCode,
  HttpHeaders,
  HttpMethod,
  newHttpHeaders,
  parseHeader,
} from '../../ts/asynchttpserver/index.mts'
import { table } from './served.ts'

const with2 = (): HttpHeaders => newHttpHeaders().set('cookie', ['bar', 'x'])
const connection = (): HttpHeaders => newHttpHeaders([['Connection', ['Upgrade', 'Close']]])
const titled = (): HttpHeaders => newHttpHeaders(true).add('content-length', '0')

/** What the table says of headers and codes, by its words. */
const FACTS: Readonly<Record<string, () => unknown>> = {
  'len of new headers': () => newHttpHeaders().len,
  'add Cookie=foo -> len': () => newHttpHeaders().add('Cookie', 'foo').len,
  'hasKey "cooKIE"': () => newHttpHeaders().add('Cookie', 'foo').has('cooKIE'),
  'h["Cookie"] as string': () => newHttpHeaders([['Cookie', 'foo']]).get('Cookie'),
  'h["cookie"] as string': () => String(newHttpHeaders([['Cookie', 'foo']]).getAll('cookie')),
  'h["cookie"]=["bar","x"]; h["Cookie"] as string': () => String(with2().getAll('Cookie')),
  'h["Cookie",1]': () => with2().get('Cookie', 1),
  'h["Cookie"] contains "BaR"': () => with2().getAll('Cookie').contains('BaR'),
  'h["Cookie"] contains "X"': () => with2().contains('Cookie', 'X'),
  '"baR" in h["cookiE"]': () => with2().contains('cookiE', 'baR'),
  'del "coOKie" -> len': () => {
    const headers = with2()
    headers.del('coOKie')
    return headers.len
  },
  'constructor {a:1,a:2,A:3} -> all values of a': () => {
    const headers = newHttpHeaders([
      ['a', '1'],
      ['a', '2'],
      ['A', '3'],
    ])
    return [...headers.getAll('a')]
  },
  'set "empty" to [] -> hasKey': () => newHttpHeaders().set('empty', []).has('empty'),
  'existing="true" then set to [] -> hasKey': () =>
    newHttpHeaders().set('existing', 'true').set('existing', []).has('existing'),
  'existing=["true"] then set to [] -> hasKey': () =>
    newHttpHeaders().set('existing', ['true']).set('existing', []).has('existing'),
  'existing=[] then ["true"] -> hasKey': () =>
    newHttpHeaders().set('existing', []).set('existing', ['true']).has('existing'),
  'Connection=["Upgrade","Close"]; index 0, 1': () => [
    connection().get('connection'),
    connection().get('connection', 1),
  ],
  'then add "Test"; index 2': () => connection().add('Connection', 'Test').get('connection', 2),
  '"upgrade" in Connection': () => connection().contains('connection', 'upgrade'),
  'store parseHeader("foobar: ") -> value as string': () => {
    const { key, value } = parseHeader('foobar: ')
    return String(newHttpHeaders().set(key, value).getAll('foobar'))
  },
  'titleCase=true, add content-length -> hasKey "Content-Length" and iterated key': () =>
    titled().has('Content-Length') && [...titled()][0]?.[0],
  $Http418: () => String(nim.Http418),
  'is4xx(418)': () => nim.is4xx(nim.Http418),
  'is2xx(418)': () => nim.is2xx(418),
}

for (const { op, result } of table.headers_api) {
  test(`headers: ${op}`, (t) => {
    const fact = FACTS[op]
    if (fact === undefined) return t.fail('this fact is not looked at')
    t.deepEqual(fact(), result)
  })
}

/** Q4: a comma splits no value; RFC 9110 §5.5: white space behind a value is not part of it. */
const ONE_VALUE: Readonly<Record<string, string>> = {
  'Accept: foo, bar': 'foo, bar',
  'Accept: foo, bar, prologue': 'foo, bar, prologue',
  'Accept: foo, bar, prologue, starlight': 'foo, bar, prologue, starlight',
  'c:  x  ': 'x',
  'E: a,,b, c ,': 'a,,b, c ,',
  'F: ,': ',',
  'G: "a,b"': '"a,b"',
}

for (const [i, { line, key, values }] of table.parse_header.entries()) {
  const own = ONE_VALUE[line]
  const rule = own === undefined ? 'the same' : 'Q4, RFC 9110 §5.5'
  test(`parseHeader ${i}, ${JSON.stringify(line)}: ${rule}`, (t) => {
    if (own !== undefined) t.notDeepEqual([own], [...values], 'it is the same')
    t.deepEqual(parseHeader(line), { key, value: own === undefined ? [...values] : [own] })
  })
}

test('there are 62 codes with their texts, each by its name', (t) => {
  const listed = Object.entries(table.http_codes)
  const names = new Map(Object.entries(nim) as [string, HttpCode][])
  t.is(listed.length, 62)
  for (const [code, text] of listed) {
    const named = names.get(`Http${code}`) as HttpCode
    t.is(named, HttpCode(Number(code)))
    t.deepEqual([named.code, named.text, String(named)], [Number(code), text, `${code} ${text}`])
    t.true(Number(named) === Number(code))
  }
  const named = Object.keys(nim).filter((name) => /^Http\d+$/.test(name))
  t.is(named.length, 62)
  t.is(String(HttpCode(299)), '299')
  for (const bad of [-1, 600, 1.5, Number.NaN, 'x' as unknown as number])
    t.throws(() => HttpCode(bad), { instanceOf: RangeError })
  const classes = [nim.is1xx, nim.is2xx, nim.is3xx, nim.is4xx, nim.is5xx]
  for (const [i, isOne] of classes.entries()) {
    const from = (i + 1) * 100
    t.deepEqual([from - 1, from, from + 99, from + 100].map(isOne), [false, true, true, false])
  }
})

test('methods and versions are those of Nim', (t) => {
  t.is(Object.values(HttpMethod).join(' '), 'HEAD GET POST PUT DELETE TRACE OPTIONS CONNECT PATCH')
  const names = new Map(Object.entries(nim))
  for (const [name, method] of Object.entries(HttpMethod)) t.is(names.get(name), method)
  const [v11, v10] = [
    { orig: 'HTTP/1.1', major: 1, minor: 1 },
    { orig: '', major: 1, minor: 0 },
  ]
  t.true(nim.isVersion(v11, nim.HttpVer11) && nim.isVersion(v10, nim.HttpVer10))
  t.false(nim.isVersion(v10, nim.HttpVer11))
  t.deepEqual(
    [nim.headerLimit, nim.httpNewLine, nim.nimMaxDescriptorsFallback],
    [10_000, '\r\n', 16_000],
  )
})

test('headers keep the order of their names, and repeat a name for each value', (t) => {
  const headers = new HttpHeaders([
    ['b', '1'],
    ['A', '2'],
    ['__proto__', '3'],
    ['B', '4'],
  ])
  const pairs = [
    ['b', '1'],
    ['b', '4'],
    ['a', '2'],
    ['__proto__', '3'],
  ]
  t.deepEqual([...headers.pairs()], pairs as [string, string][])
  t.is(headers.len, 3)
  t.is(String(headers), 'b: 1\r\nb: 4\r\na: 2\r\n__proto__: 3\r\n')
  headers.clear()
  t.is(headers.len, 0)
  t.is(newHttpHeaders(true).add('x-kELVIN-1', 'v').toString(), 'X-Kelvin-1: v\r\n')
})

test('what is not there reads as nothing, or as what is given for it', (t) => {
  const headers = newHttpHeaders()
  t.deepEqual(
    [headers.get('a'), headers.get('a', 3), headers.has('a')],
    [undefined, undefined, false],
  )
  t.deepEqual([...headers.getAll('a')], [])
  t.deepEqual([...headers.getOrDefault('a')], [''])
  t.deepEqual([...headers.getOrDefault('a', ['x', 'y'])], ['x', 'y'])
  t.is(String(headers.getAll('a')), '')
  t.false(headers.del('a'))
  t.is(typeof headers.getAll('constructor').contains, 'function')
})

test('values that are handed out are copies', (t) => {
  const headers = newHttpHeaders([['a', '1']])
  headers.getAll('a').push('2')
  t.deepEqual([...headers.getAll('a')], ['1'])
  const given = ['1']
  headers.set('b', given)
  given.push('2')
  t.deepEqual([...headers.getAll('b')], ['1'])
  t.deepEqual(headers.getAll('b').map(Number), [1])
})

/** What no headers are made of, and how it is named. */
const NO_HEADERS: [bad: unknown, said: string | RegExp][] = [
  [null, 'headers must be pairs or a record, got null'],
  [7, 'headers must be pairs or a record, got 7'],
  ['a: b', 'headers must be pairs or a record, got "a: b"'],
  [() => undefined, 'headers must be pairs or a record, got a function'],
  [[['a']], 'headers must hold [name, value] pairs, got an array'],
  [[['a', 'b', 'c']], 'headers must hold [name, value] pairs, got an array'],
  [['ab'], 'headers must hold [name, value] pairs, got "ab"'],
  [[null], 'headers must hold [name, value] pairs, got null'],
  [{ a: null }, /^value of header "a" must be a string .*got null/],
  [{ a: 7 }, /^value of header "a" must be a string .*got 7/],
  [[['a', ['b', 7]]], /^value of header "a" must be a string .*got 7/],
  [[[7, 'a']], /^the name of a header must be a string .*got 7/],
]

test('headers are made of a record as well, and of nothing else', (t) => {
  const headers = newHttpHeaders({ 'Content-Type': 'text/html', a: ['1', '2'] })
  t.is(String(headers), 'content-type: text/html\r\na: 1\r\na: 2\r\n')
  for (const [bad, message] of NO_HEADERS) {
    t.throws(() => new HttpHeaders(bad as never), { instanceOf: TypeError, message })
  }
})

test('only letters of ASCII have a case', (t) => {
  const headers = newHttpHeaders([['\u212a', 'kelvin']])
  t.false(headers.has('k'))
  t.false(newHttpHeaders([['a', '\u212a']]).contains('a', 'k'))
  t.true(newHttpHeaders([['\u00c9A', 'x']]).has('\u00c9a'))
})

test('what would end a field line is refused', (t) => {
  for (const bad of ['a\rb', 'a\nb', 'a\0b', 7 as unknown as string, null as unknown as string]) {
    t.throws(() => newHttpHeaders().add('a', bad), { instanceOf: TypeError })
    t.throws(() => newHttpHeaders().add(bad, 'a'), { instanceOf: TypeError })
    t.throws(() => newHttpHeaders().set('a', [bad]), { instanceOf: TypeError })
    t.throws(() => newHttpHeaders([['a', bad]]), { instanceOf: TypeError })
  }
})

test('the entry point exports what is public, and nothing else', (t) => {
  const names = Object.keys(nim).filter((name) => !/^Http\d\d\d$/.test(name))
  t.deepEqual(names.toSorted(), [
    'AsyncHttpServer',
    'HttpCode',
    'HttpConnect',
    'HttpDelete',
    'HttpGet',
    'HttpHead',
    'HttpHeaderValues',
    'HttpHeaders',
    'HttpMethod',
    'HttpOptions',
    'HttpPatch',
    'HttpPost',
    'HttpPut',
    'HttpTrace',
    'HttpVer10',
    'HttpVer11',
    'Request',
    'Uri',
    'combine',
    'decodeQuery',
    'decodeUrl',
    'encodeQuery',
    'encodeUrl',
    'getDataUri',
    'headerLimit',
    'httpNewLine',
    'is1xx',
    'is2xx',
    'is3xx',
    'is4xx',
    'is5xx',
    'isAbsolute',
    'isVersion',
    'newAsyncHttpServer',
    'newHttpHeaders',
    'nimMaxDescriptorsFallback',
    'parseHeader',
    'parseTarget',
    'parseUri',
    'respond',
    'sendHeaders',
  ])
})
