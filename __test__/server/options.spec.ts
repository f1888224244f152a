import test from 'ava'
import { createServer, type ServerOptions } from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { gate, until } from '../support/deadline.ts'
import { start } from '../support/program.ts'
import { connectFor, serve } from '../support/service.ts'

const ok = (): string => 'ok'

/** Numeric options with their least value. */
const NUMBERS: Record<string, number> = {
  ioThreads: 0,
  maxRequestLine: 1,
  maxHeaderSize: 64,
  maxHeadersCount: 1,
  maxBodySize: 0,
  maxTrailerSize: 0,
  maxChunkExtensions: 32,
  maxPipelined: 1,
  maxUnsentBytes: 1,
  maxBufferedBytes: 1,
  maxConnections: 1,
  maxRequestsPerSocket: 0,
  headersTimeout: 0,
  bodyTimeout: 0,
  minBodyRate: 0,
  requestTimeout: 0,
  handlerTimeout: 0,
  writeTimeout: 0,
  keepAliveTimeout: 0,
  lingerTimeout: 0,
  lingerBytes: 0,
  maxQueueDelay: 0,
}

for (const [name, least] of Object.entries(NUMBERS)) {
  test(`${name} is a number from ${least}; errors name it and the value`, (t) => {
    for (const value of [least - 1, -1, 1.5, Number.NaN, Infinity, 2 ** 60]) {
      const error = t.throws(() => createServer(ok, { [name]: value }), { instanceOf: RangeError })
      t.true(error?.message.includes(name) && error.message.includes(String(value)))
    }
    for (const value of ['1', null, true, 1n, {}, () => 1]) {
      const error = t.throws(() => createServer(ok, { [name]: value as never }), {
        instanceOf: TypeError,
      })
      t.true(error?.message.includes(name))
    }
    t.notThrows(() => createServer(ok, { [name]: least }))
    t.notThrows(() => createServer(ok, { [name]: undefined as never }))
  })
}

const CONTRADICTIONS: ServerOptions[] = [
  { maxRequestLine: 1001, maxHeaderSize: 1000 },
  { maxRequestLine: 16_385 },
  { headersTimeout: 1001, requestTimeout: 1000 },
  { headersTimeout: 300_001 },
  { bodyTimeout: 1001, requestTimeout: 1000 },
  { bodyTimeout: 300_001 },
  { maxQueueDelay: 1001, handlerTimeout: 1000 },
]

for (const options of CONTRADICTIONS) {
  const [[name, value]] = Object.entries(options) as [[keyof ServerOptions, number]]
  test(`${JSON.stringify(options)} contradicts itself, or a default`, (t) => {
    const error = t.throws(() => createServer(ok, options), { instanceOf: RangeError })
    t.true(error?.message.startsWith(`${name} must be at most`))
    t.true(error?.message.endsWith(`got ${value}`))
    t.notThrows(() => createServer(ok, { ...options, [name]: value - 1 }))
    t.notThrows(() => createServer(ok, { ...options, [name]: undefined as never }))
  })
}

test('0 is no limit and contradicts nothing', (t) => {
  t.notThrows(() => createServer(ok, { headersTimeout: 1e6, requestTimeout: 0 }))
  t.notThrows(() => createServer(ok, { headersTimeout: 0, bodyTimeout: 0, requestTimeout: 1 }))
  t.notThrows(() => createServer(ok, { maxQueueDelay: 1e6, handlerTimeout: 0 }))
})

test('flags are booleans, onError a function, the handler a function', (t) => {
  const error = { instanceOf: TypeError }
  for (const name of ['noDelay', 'date', 'keepAliveHeader', 'requireHostHeader']) {
    for (const value of [0, 1, 'true', null]) {
      t.throws(() => createServer(ok, { [name]: value as never }), error)
    }
    for (const value of [true, false]) t.notThrows(() => createServer(ok, { [name]: value }))
  }
  for (const value of [null, 'x', {}])
    t.throws(() => createServer(ok, { onError: value as never }), error)
  for (const value of [undefined, null, 'x', {}])
    t.throws(() => createServer(value as never), error)
  t.throws(() => createServer({}, undefined as never), error)
  t.throws(() => createServer(ok, 7 as never), error)
})

test('options come before or behind the handler', async (t) => {
  const servers = [createServer(ok, { date: false }), createServer({ date: false }, ok)]
  for (const server of servers) {
    await server.listen(0, '127.0.0.1')
    t.teardown(() => server.close())
    t.true(server.listening)
  }
})

/** A limit, a request at it, one beyond it, and the status of that. */
const v = (count: number): string => 'v'.repeat(count)
const LIMITS: [ServerOptions, fits: string, not: string, status: number][] = [
  [{ maxRequestLine: 100 }, get(`/${v(99)}`), get(`/${v(100)}`), 414],
  [{ maxHeadersCount: 3 }, get('/', 'a: 1\r\nb: 2\r\n'), get('/', 'a: 1\r\nb: 2\r\nc: 3\r\n'), 431],
  [
    { maxHeaderSize: 200 },
    get('/', `a: ${v(200 - get('/', 'a: \r\n').length)}\r\n`),
    get('/', `a: ${v(201 - get('/', 'a: \r\n').length)}\r\n`),
    431,
  ],
  [{ maxBodySize: 5 }, post('/', '12345').toString(), post('/', '123456').toString(), 413],
  [{ maxBodySize: 0 }, post('/', '').toString(), post('/', '1').toString(), 413],
]

for (const [options, fits, not, status] of LIMITS) {
  test(`${JSON.stringify(options)}: what fits is served, one more is ${status}`, async (t) => {
    const { connect } = await serve(t, ok, options)
    const client = await connect()
    t.is((await client.send(fits).reply()).status, 200)
    const refusal = await client.send(not).reply()
    t.is(refusal.status, status)
    t.is(refusal.header('connection'), 'close')
    await client.closed()
  })
}

const chunked = (body: string): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`

test('maxTrailerSize and maxChunkExtensions bound what is dropped anyway', async (t) => {
  const { connect } = await serve(t, (req) => req.text(), {
    maxTrailerSize: 100,
    maxChunkExtensions: 64,
  })
  const client = await connect()
  const fits = chunked(`2;a=${v(50)}\r\nok\r\n0\r\nX: ${v(80)}\r\n\r\n`)
  t.is((await client.send(fits).reply()).text, 'ok')
  const trailer = await client.send(chunked(`2\r\nok\r\n0\r\nX: ${v(120)}\r\n\r\n`)).reply()
  t.is(trailer.status, 431)
  const extension = await (await connect()).send(chunked(`2;a=${v(80)}\r\nok\r\n0\r\n\r\n`)).reply()
  t.is(extension.status, 400)
})

test('maxPipelined bounds the requests of one connection at the handler', async (t) => {
  const held = gate()
  let atOnce = 0
  let most = 0
  const { connect } = await serve(
    t,
    async (req) => {
      if (req.path === '/witness') return 'ok'
      most = Math.max(most, ++atOnce)
      await held.promise
      atOnce--
      return req.path
    },
    { maxPipelined: 3 },
  )
  const [client, witness] = [await connect(), await connect()]
  client.send(Array.from({ length: 10 }, (_, i) => get(`/${i}`)).join(''))
  await until('three arrived', () => atOnce === 3)
  for (let i = 0; i < 3; i++) await witness.get('/witness')
  t.is(atOnce, 3)
  held.open()
  for (let i = 0; i < 10; i++) t.is((await client.reply()).text, `/${i}`)
  t.is(most, 3)
})

test('maxRequestsPerSocket ends a connection with its last answer', async (t) => {
  const { connect } = await serve(t, (req) => req.path, { maxRequestsPerSocket: 3 })
  const client = await connect()
  client.send(get('/1') + get('/2') + get('/3') + get('/4'))
  for (const [path, connection] of [
    ['/1', undefined],
    ['/2', undefined],
    ['/3', 'close'],
  ] as const) {
    const reply = await client.reply()
    t.deepEqual([reply.text, reply.header('connection')], [path, connection])
  }
  await client.closed()
})

test('maxUnsentBytes: a client that does not read is not read', async (t) => {
  let handled = 0
  const { connect } = await serve(
    t,
    (req) => {
      if (req.path === '/witness') return 'ok'
      handled++
      return 'x'.repeat(1 << 20)
    },
    { maxUnsentBytes: 1000, maxPipelined: 2 },
  )
  const [client, witness] = [await connect(), await connect()]
  client.socket.pause()
  client.send(Array.from({ length: 64 }, () => get('/')).join(''))
  await until('some handled', () => handled > 0)
  for (let i = 0; i < 200; i++) await witness.get('/witness')
  t.true(handled < 64, String(handled))
  client.socket.resume()
  for (let i = 0; i < 64; i++) t.is((await client.reply()).body.length, 1 << 20)
  t.is(handled, 64)
})

test('maxConnections: a client too many waits for a place', async (t) => {
  const { connect } = await serve(t, ok, { maxConnections: 2 })
  const [one, two] = [await connect(), await connect()]
  await one.get('/')
  await two.get('/')
  const three = (await connect()).send(get('/'))
  for (let i = 0; i < 20; i++) await two.get('/')
  t.true(three.isQuiet)
  one.socket.destroy()
  t.is((await three.reply()).text, 'ok')
})

test('date: false sends none', async (t) => {
  const { connect } = await serve(t, ok, { date: false })
  const client = await connect()
  t.is((await client.get('/')).header('date'), undefined)
  t.is((await client.send('BAD\r\n\r\n').reply()).header('date'), undefined)
})

/** What a request says of its host, and its status where one is required and where none is. */
const HOSTS: [fields: string, required: number, free: number][] = [
  ['Host: a', 200, 200],
  ['', 400, 200],
  ['Host:', 400, 200],
  ['Host: \t', 400, 200],
  ['Host: a/b', 400, 400],
  ['Host: :80', 400, 400],
  ['Host: a\r\nHost: a', 400, 400],
  ['Host:\r\nHost:', 400, 400],
  ['Host:\r\nHost: a', 400, 400],
]

test('without requireHostHeader a missing and an empty Host are served, and no other', async (t) => {
  for (const isRequired of [undefined, true, false]) {
    const options = isRequired === undefined ? {} : { requireHostHeader: isRequired }
    const { connect } = await serve(t, (req) => `${req.host};${req.header('host')}`, options)
    for (const [fields, required, free] of HOSTS) {
      const client = await connect()
      const lines = fields === '' ? '' : `${fields}\r\n`
      const got = await client.send(`GET / HTTP/1.1\r\n${lines}\r\n`).reply()
      t.is(got.status, isRequired === false ? free : required, fields)
      if (got.status !== 200) continue
      const [host, field] = { '': ['', 'undefined'], 'Host: a': ['a', 'a'] }[fields] ?? ['', '']
      t.is(got.text, `${host};${field}`)
    }
  }
})

test('noDelay and ioThreads of all sizes serve', async (t) => {
  for (const options of [
    { noDelay: false },
    { noDelay: true },
    { ioThreads: 0 },
    { ioThreads: 1 },
    { ioThreads: 64 },
  ]) {
    const { connect } = await serve(t, ok, options)
    const clients = await Promise.all(Array.from({ length: 8 }, () => connect()))
    for (const client of clients) t.is((await client.get('/')).text, 'ok')
  }
})

test('without onError a failing handler is printed to stderr', async (t) => {
  const program = start(t, 'failing-server')
  const client = await connectFor(t, Number(await program.line()))
  t.is((await client.get('/')).status, 500)
  client.socket.destroy()
  const { code, stderr } = await program.ended()
  t.is(code, 0)
  t.regex(stderr, /Error: of the handler/)
})

/** Sizes of a body, and in which mode they are taken. */
const SIZES: [size: number, buffer: boolean, stream: boolean][] = [
  [0, true, true],
  [2 ** 30, true, true],
  [2 ** 31 - 2 ** 20, true, true],
  [2 ** 31 - 1, false, true],
  [2 ** 40, false, true],
  [Number.MAX_SAFE_INTEGER, false, true],
  [2 ** 53, false, false],
  [Infinity, false, true],
  [-Infinity, false, false],
  [-1, false, false],
  [1.5, false, false],
  [Number.NaN, false, false],
]

for (const [maxBodySize, buffer, stream] of SIZES) {
  test(`maxBodySize ${maxBodySize} as far as a record reaches, or a number`, (t) => {
    for (const [bodyMode, isTaken] of [
      ['buffer', buffer],
      ['stream', stream],
    ] as const) {
      const make = (): unknown => createServer(ok, { bodyMode, maxBodySize })
      if (isTaken) t.notThrows(make, bodyMode)
      else t.regex(t.throws(make, { instanceOf: RangeError })?.message ?? '', /maxBodySize/)
    }
    if (stream && !buffer)
      t.throws(() => createServer(ok, { maxBodySize }), { message: /bodyMode: 'stream'/ })
  })
}
