import test from 'ava'
import {
  bytes,
  empty,
  type HeaderInput,
  html,
  HttpError,
  json,
  redirect,
  reply,
  text,
} from '../../ts/index.ts'
import { MAKERS } from '../support/makers.ts'
import { serve } from '../support/service.ts'

/** Every code unit that may not stand in a value, a few above 0xff among them. */
const BAD_UNITS = [
  ...Array.from({ length: 0x20 }, (_, unit) => unit).filter((unit) => unit !== 0x09),
  0x7f,
  0x100,
  0x10a,
  0x10d,
  0x20ac,
  0x2028,
  0xd800,
  0xfeff,
  0xff0d,
]
/** Code units that are no part of a token. */
const NO_TOKEN = [...BAD_UNITS, 0x09, ...Buffer.from(' "(),/:;<=>?@[\\]{}'), 0x80, 0xe4, 0xff]

const INJECTIONS: [where: string, make: (piece: string) => unknown][] = [
  ['a value', (piece) => text('x', { headers: { a: piece } })],
  ['a value in a list', (piece) => html('x', { headers: { a: ['b', piece] } })],
  ['a value in pairs', (piece) => json({}, { headers: [['a', piece]] })],
  ['a value of reply', (piece) => reply(200, 'x', { a: piece })],
  ['a value of empty', (piece) => empty(204, { headers: new Map([['a', piece]]) })],
  ['a content type', (piece) => bytes(new Uint8Array(1), { headers: { 'Content-Type': piece } })],
  ['a value of redirect', (piece) => redirect('/', 302, { headers: { a: piece } })],
  ['a reason phrase', (piece) => text('x', { statusText: piece })],
]

for (const [where, make] of INJECTIONS) {
  test(`${where} takes no control character and nothing above 0xff`, (t) => {
    for (const unit of BAD_UNITS) {
      const char = String.fromCharCode(unit)
      for (const piece of [char, `a${char}b`, `${char}b`, `a${char}`]) {
        t.throws(() => make(piece), { instanceOf: TypeError }, unit.toString(16))
      }
    }
    for (const piece of ['a\r\nb: c', 'a\r\n\r\n<p>', 'a\nb', '\u560a\u560d']) {
      t.throws(() => make(piece), { instanceOf: TypeError })
    }
    for (const piece of ['a b', 'a\tb', '\x21', '\x7e', '\x80', '\xff', '"a", b;c=d']) {
      t.notThrows(() => make(piece), piece)
    }
  })
}

test('a name is a token', (t) => {
  for (const unit of NO_TOKEN) {
    const char = String.fromCharCode(unit)
    for (const name of [char, `a${char}b`, `a${char}`, `${char}a`]) {
      for (const headers of [{ [name]: 'v' }, [[name, 'v']], new Map([[name, 'v']])]) {
        t.throws(() => text('x', { headers: headers as HeaderInput }), { instanceOf: TypeError })
      }
    }
  }
  t.throws(() => text('x', { headers: { '': 'v' } }), { instanceOf: TypeError })
  t.notThrows(() => text('x', { headers: { "!#$%&'*+-.^_`|~09aZ": 'v' } }))
})

test('messages name the value, shortened, on one line', (t) => {
  const error = t.throws(() => text('x', { headers: { a: `b\r\n${'c'.repeat(500)}` } }))
  t.true(error?.message.includes('"a"'))
  t.true(error?.message.includes('\\r\\n'))
  t.false(/[\r\n]/.test(error?.message ?? '\n'))
  t.true((error?.message.length ?? 999) < 250)
})

/** Calls that TypeScript refuses, and what they throw. */
type Class = typeof TypeError | typeof RangeError
const WRONG: [name: string, call: () => unknown, error: Class][] = [
  ...[0, 99, 100, 101, 199, 1000, 200.5, Number.NaN, Infinity, -200].flatMap(
    (status): [string, () => unknown, Class][] => [
      [`text status ${status}`, () => text('', { status }), RangeError],
      [`reply status ${status}`, () => reply(status), RangeError],
      [`empty status ${status}`, () => empty(status), RangeError],
    ],
  ),
  ['a status of text', () => reply('200' as never), RangeError],
  ['no status', () => reply(undefined as never), RangeError],
  ['a redirect with 300', () => redirect('/', 300 as never), RangeError],
  ['a redirect with 304', () => redirect('/', 304 as never), RangeError],
  ['a redirect to nothing', () => redirect(undefined as never), TypeError],
  ['text of a number', () => text(7 as never), TypeError],
  ['text of nothing', () => text(undefined as never), TypeError],
  ['html of bytes', () => html(new Uint8Array(1) as never), TypeError],
  ['bytes of text', () => bytes('x' as never), TypeError],
  ['bytes of an ArrayBuffer', () => bytes(new ArrayBuffer(1) as never), TypeError],
  ['bytes of a Uint16Array', () => bytes(new Uint16Array(1) as never), TypeError],
  ['bytes of a DataView', () => bytes(new DataView(new ArrayBuffer(1)) as never), TypeError],
  ['bytes of an imitation', () => bytes(Object.create(Uint8Array.prototype) as never), TypeError],
  ['bytes of detached memory', () => bytes(detached()), TypeError],
  ['reply with a number', () => reply(200, 7 as never), TypeError],
  ['reply with an object', () => reply(200, {} as never), TypeError],
  ['json of undefined', () => json(undefined), TypeError],
  ['json of a function', () => json(() => 1), TypeError],
  ['json of a symbol', () => json(Symbol('s')), TypeError],
  ['json of a bigint', () => json(1n), TypeError],
  ['json of a cycle', () => json(cycle()), TypeError],
  ['headers of a number', () => text('', { headers: 7 as never }), TypeError],
  ['headers of a string', () => text('', { headers: 'a: b' as never }), TypeError],
  ['headers of null', () => text('', { headers: null as never }), TypeError],
  ['headers of flat pairs', () => text('', { headers: ['ab', 'cd'] as never }), TypeError],
  ['headers of short pairs', () => text('', { headers: [['a']] as never }), TypeError],
  ['headers of long pairs', () => text('', { headers: [['a', 'b', 'c']] as never }), TypeError],
  ['a header of undefined', () => text('', { headers: { a: undefined } as never }), TypeError],
  ['a header of null', () => text('', { headers: { a: null } as never }), TypeError],
  ['a header of an object', () => text('', { headers: { a: {} } as never }), TypeError],
  ['a header with an evil object', () => text('', { headers: { a: evil() } as never }), TypeError],
  ['Transfer-Encoding', () => text('', { headers: { 'transfer-encoding': 'chunked' } }), TypeError],
  ['a length of text', () => text('', { headers: { 'Content-Length': 'x' } }), TypeError],
  ['a length with a sign', () => text('', { headers: { 'Content-Length': '+1' } }), TypeError],
  ['two lengths', () => text('', { headers: { 'Content-Length': ['1', '2'] } }), TypeError],
  ['a length list', () => text('', { headers: { 'Content-Length': '1, 1' } }), TypeError],
  ['a reason of a number', () => text('', { statusText: 7 as never }), TypeError],
  ['HttpError 200', () => new HttpError(200), RangeError],
  ['HttpError 399', () => new HttpError(399), RangeError],
  ['HttpError 600', () => new HttpError(600), RangeError],
  ['HttpError of text', () => new HttpError('400' as never), RangeError],
]

const OF_HEADERS = 'value of header "a" must be a latin1 string without control characters'
/** What a name of an init cannot be, and what is said of it. */
const NO_VALUES: [init: object, said: string | RegExp, without?: string[]][] = [
  [{ headers: null }, 'headers must be an object or pairs, got null'],
  [{ headers: 7 }, 'headers must be an object or pairs, got 7'],
  [{ headers: 'a: b' }, 'headers must be an object or pairs, got "a: b"'],
  [{ headers: [7] }, 'headers must hold [name, value] pairs, got 7', ['HttpError']],
  [{ headers: [null] }, 'headers must hold [name, value] pairs, got null', ['HttpError']],
  [{ headers: [['a']] }, 'headers must hold [name, value] pairs, got an array', ['HttpError']],
  [{ headers: { a: Number.NaN } }, `${OF_HEADERS}, got NaN`, ['HttpError']],
  [{ headers: { a: Infinity } }, `${OF_HEADERS}, got Infinity`, ['HttpError']],
  [{ headers: { a: ['b', -Infinity] } }, `${OF_HEADERS}, got -Infinity`, ['HttpError']],
  [{ headers: [['a', Number.NaN]] }, `${OF_HEADERS}, got NaN`, ['HttpError']],
  [{ headers: { a: true } }, `${OF_HEADERS}, got true`, ['HttpError']],
  [{ headers: { a: { b: 1 } } }, `${OF_HEADERS}, got an object`, ['HttpError']],
  [{ status: null }, /\bstatus .*\bnull$/, ['HttpError']],
  [{ statusText: null }, /^statusText must be a latin1 string .*, got null$/, ['HttpError']],
]

for (const [name, make] of Object.entries(MAKERS)) {
  test(`a wrong value in an init is named: ${name}`, (t) => {
    for (const [init, message, without] of NO_VALUES) {
      if (without?.includes(name) === true) continue
      const error = t.throws(
        () => make(init as never),
        { any: true, message },
        `${name} ${message}`,
      )
      t.true(error instanceof TypeError || error instanceof RangeError)
    }
  })
}

/** What is said twice, or is a wrong value of one maker alone. */
const OWN_VALUES: [call: () => unknown, said: string][] = [
  [
    () => redirect('/', 302, { status: 404 } as never),
    'redirect has status 302, got another one in init, 404',
  ],
  [
    () => empty(204, { status: 304 } as never),
    'empty has status 204, got another one in init, 304',
  ],
  [
    () => redirect('/', 302, { headers: { location: '/b' } }),
    'Location is given twice: by redirect and by headers',
  ],
  [() => bytes(new Uint8Array(1), { transfer: 1 as never }), 'transfer must be a boolean, got 1'],
  [() => new HttpError(500, '', { expose: 1 as never }), 'expose must be a boolean, got 1'],
  [() => new HttpError(500, '', { expose: null as never }), 'expose must be a boolean, got null'],
]

for (const [call, message] of OWN_VALUES) {
  test(`wrong by itself: ${message}`, (t) => {
    t.throws(call, { instanceOf: TypeError, message })
  })
}

function detached(): Uint8Array {
  const memory = new Uint8Array(4)
  structuredClone(memory.buffer, { transfer: [memory.buffer] })
  return memory
}

function cycle(): object {
  const value: Record<string, unknown> = {}
  value['self'] = value
  return value
}

/** A first answer that passes a check, and another that would not. */
function evil(): object {
  let turn = 0
  return { toString: () => (turn++ === 0 ? 'fine' : 'a\r\nb: c') }
}

for (const [name, call, error] of WRONG) {
  test(`${name} throws ${error.name}`, (t) => {
    t.throws(call, { instanceOf: error })
  })
}

test('a length that is not the length of the body is a 500', async (t) => {
  const LIES: [string, string | Uint8Array | null][] = [
    ['4', 'hello'],
    ['6', 'hello'],
    ['5', 'hällo'],
    ['1', new Uint8Array(2)],
    ['1', null],
    ['100000', 'a'.repeat(99_999)],
  ]
  const { connect, errors } = await serve(t, (req) => {
    const [length, body] = LIES[Number(req.path.slice(1))] ?? ['2', 'ok']
    return reply(200, body, { 'Content-Length': length })
  })
  const client = await connect()
  for (const i of LIES.keys()) t.is((await client.get(`/${i}`)).status, 500, LIES[i]?.[0])
  t.is(errors.length, LIES.length)
  t.is((await client.get('/true')).text, 'ok')
})

test('a HEAD answer and a 304 may say the length of a body that they do not have', async (t) => {
  const { connect, errors } = await serve(t, (req) =>
    empty(req.path === '/304' ? 304 : 200, { headers: { 'Content-Length': '1234' } }),
  )
  const client = await connect()
  const head = await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
  t.is(head.header('content-length'), '1234')
  t.is((await client.get('/304')).header('content-length'), '1234')
  t.is((await client.get('/')).status, 500)
  t.is(errors.length, 1)
})

test('an HttpError is an Error with a status', (t) => {
  const error = new HttpError(404, 'no')
  t.true(error instanceof Error)
  t.deepEqual([error.name, error.message, error.status], ['HttpError', 'no', 404])
  t.is(new HttpError(500).message, '')
})

test('a location takes no control character, and what no URI may contain is encoded', (t) => {
  for (const unit of BAD_UNITS.filter((one) => one < 0x80)) {
    const char = String.fromCharCode(unit)
    t.throws(() => redirect(`/a${char}b`), { instanceOf: TypeError }, unit.toString(16))
  }
  for (const [location, sent] of [
    ['/a?b=c&d=e#f', '/a?b=c&d=e#f'],
    ["https://a.test:1/%C3%BC;x=1!$'()*+,@[::1]", "https://a.test:1/%C3%BC;x=1!$'()*+,@[::1]"],
    ['/\u00fc', '/%C3%BC'],
    ['/a b', '/a%20b'],
    ['/"<>\\^`{|}', '/%22%3C%3E%5C%5E%60%7B%7C%7D'],
    ['/\ud83d\ude00', '/%F0%9F%98%80'],
    ['/\ud800', '/%EF%BF%BD'],
    ['/%', '/%'],
    ['/\u20ac\u00fc/x', '/%E2%82%AC%C3%BC/x'],
  ] as const) {
    t.deepEqual([...(redirect(location).headers as [string, string][])], [['Location', sent]])
  }
})
