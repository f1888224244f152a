import test from 'ava'
import { Readable } from 'node:stream'
import { stream, type StreamSource } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

const HTTP10 = 'GET / HTTP/1.0\r\nHost: a\r\n'

async function* counting(count: number): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) yield `${i},`
}

const WORDS = ['one ', '', 'two ', 'grüße']
const bytesOf = (words: string[]): Buffer[] => words.map((word) => Buffer.from(word))
const SOURCES: Record<string, () => StreamSource> = {
  'an async generator': async function* () {
    yield* WORDS
  },
  'an iterable': () => WORDS,
  'a generator of bytes': function* () {
    yield* bytesOf(WORDS)
  },
  'a Readable': () => Readable.from(WORDS),
  'a Readable of bytes': () => Readable.from(bytesOf(WORDS), { objectMode: false }),
  'a web stream': () =>
    new ReadableStream<string>({
      start(controller) {
        for (const word of WORDS) controller.enqueue(word)
        controller.close()
      },
    }),
  'a web stream of a Response': () => new Response(WORDS.join('')).body as ReadableStream,
}

for (const [name, source] of Object.entries(SOURCES)) {
  test(`${name} goes out in chunks, and the connection stays`, async (t) => {
    const { connect, errors } = await serve(t, () => stream(source()))
    const client = await connect()
    for (let i = 0; i < 3; i++) {
      const reply = await client.get('/')
      t.is(reply.text, WORDS.join(''))
      t.is(reply.header('transfer-encoding'), 'chunked')
      t.is(reply.header('content-type'), 'application/octet-stream')
    }
    t.deepEqual(errors, [])
  })
}

test('SEQ-037: an HTTP/1.0 client gets a stream up to the close', async (t) => {
  const { connect } = await serve(t, () => stream(counting(3)))
  for (const field of ['', 'Connection: keep-alive\r\n']) {
    const client = await connect()
    const reply = await client.send(`${HTTP10}${field}\r\n`).reply()
    t.is(reply.text, '0,1,2,')
    t.is(reply.header('transfer-encoding'), undefined)
    t.is(reply.header('connection'), 'close')
    await client.closed()
  }
})

test('a declared length goes out instead of chunks, also to HTTP/1.0', async (t) => {
  const headers = { 'Content-Length': '6' }
  const { connect } = await serve(t, () => stream(counting(3), { headers }))
  const client = await connect()
  t.is((await client.get('/')).text, '0,1,2,')
  const reply = await client.send(`${HTTP10}Connection: keep-alive\r\n\r\n`).reply()
  t.is(reply.text, '0,1,2,')
  t.is(reply.header('content-length'), '6')
  t.is(reply.header('connection'), 'keep-alive')
  t.is((await client.get('/')).text, '0,1,2,')
})

for (const [length, what] of [
  ['5', 'more'],
  ['7', 'short'],
] as const) {
  test(`a source that gives ${what} than declared is reported, and the connection cut`, async (t) => {
    const headers = { 'Content-Length': length }
    const { connect, errors } = await serve(t, () => stream(counting(3), { headers }))
    const client = await connect()
    const head = await within('head', client.send(get('/')).through('\r\n\r\n'))
    t.regex(head.toString(), new RegExp(`Content-Length: ${length}\r\n`))
    t.true((await within('end', client.rest())).length < Number(length) || what === 'short')
    t.regex(String(errors[0]?.error), new RegExp(what))
  })
}

const FAULTS: Record<string, (held: Promise<void>) => StreamSource> = {
  'that throws': async function* (held) {
    yield 'half'
    await held
    throw new Error('a fault')
  },
  'that yields nonsense': async function* (held) {
    yield 'half'
    await held
    yield 42 as unknown as string
  },
  'a Readable that is destroyed': (held) => {
    const readable = new Readable({ read: () => undefined })
    readable.push('half')
    void held.then(() => readable.destroy(new Error('a fault')))
    return readable
  },
  'a web stream that errors': (held) =>
    new ReadableStream<string>({
      async start(controller) {
        controller.enqueue('half')
        await held
        controller.error(new Error('a fault'))
      },
    }),
}

for (const [name, source] of Object.entries(FAULTS)) {
  test(`SEQ-040: a source ${name} cuts the connection without the last chunk`, async (t) => {
    const held = gate()
    const { connect, errors } = await serve(t, (req) =>
      req.path === '/' ? stream(source(held.promise)) : 'ok',
    )
    const [client, witness] = [await connect(), await connect()]
    client.send(get('/') + get('/next'))
    await within('head', client.through('\r\n\r\n'))
    t.is((await within('chunk', client.exactly(9))).toString(), '4\r\nhalf\r\n')
    held.open()
    t.is((await within('end', client.rest())).toString(), '')
    t.is(errors.length, 1)
    t.is((await witness.get('/next')).text, 'ok')
  })
}

test('SEQ-040: where the close ends the body, a fault resets the connection', async (t) => {
  const held = gate()
  const source = FAULTS['that throws'] as (held: Promise<void>) => StreamSource
  const { connect } = await serve(t, () => stream(source(held.promise)))
  const client = await connect()
  client.send(`${HTTP10}\r\n`)
  await within('half', client.through('half'))
  held.open()
  t.is(await client.gone(), 'RST')
})

test('what is no source, no chunk or no status throws at once', async (t) => {
  const locked = new ReadableStream()
  locked.getReader()
  for (const wrong of [null, undefined, 1, 'text', new Uint8Array(3), {}, locked]) {
    t.throws(() => stream(wrong as unknown as StreamSource), { instanceOf: TypeError })
  }
  t.throws(() => stream([], { status: 100 }), { instanceOf: RangeError })
  t.throws(() => stream([], { statusText: 'a\r\nb' }), { instanceOf: TypeError })
  t.throws(() => stream([], { headers: { 'Content-Length': 'x' } }), { instanceOf: TypeError })
})

test('a stream that is sent twice is an error, not a hang', async (t) => {
  const once = stream(counting(2))
  const { connect, errors } = await serve(t, () => once)
  const client = await connect()
  t.is((await client.get('/')).text, '0,1,')
  t.is((await client.get('/')).status, 500)
  t.is((errors[0]?.error as { code?: string } | undefined)?.code, 'ERR_INVALID_STATE')
})

test('a HEAD, a 204 and a 304 never pull, and let the source go', async (t) => {
  let [pulled, cancelled] = [0, 0]
  const source = (): ReadableStream<string> =>
    new ReadableStream<string>(
      { pull: () => void pulled++, cancel: () => void cancelled++ },
      { highWaterMark: 0 },
    )
  const { connect } = await serve(t, (req) =>
    stream(source(), { status: req.method === 'HEAD' ? 200 : Number(req.path.slice(1)) }),
  )
  const client = await connect()
  const head = await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
  t.is(head.header('transfer-encoding'), 'chunked')
  t.is((await client.get('/204')).status, 204)
  t.is((await client.get('/304')).status, 304)
  t.is((await client.get('/205')).header('content-length'), '0')
  const old = await client.send('HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n').reply('HEAD')
  t.is(old.header('transfer-encoding'), undefined)
  t.deepEqual([pulled, cancelled], [0, 5])
})

test('a slow reader holds the source back, and gets everything', async (t) => {
  let pulled = 0
  const piece = Buffer.alloc(10_000, 'x')
  async function* source(): AsyncGenerator<Buffer> {
    for (; pulled < 2000; pulled++) yield piece
  }
  const { connect } = await serve(t, (req) => (req.path === '/' ? stream(source()) : 'ok'))
  const [client, witness] = [await connect(), await connect()]
  client.socket.pause()
  client.send(get('/'))
  // It stops when the kernel's buffers are full, and then stays where it is.
  for (let still = 0, before = -1; still < 20; still = pulled === before ? still + 1 : 0) {
    before = pulled
    await witness.get('/witness')
  }
  const stopped = pulled
  t.true(stopped < 1900, `${stopped} pieces were pulled`)
  client.socket.resume()
  t.is((await client.reply()).body.length, 20_000_000)
})

for (const [name, leave] of [
  ['FIN', 'finish'],
  ['RST', 'reset'],
] as const) {
  test(`a client that leaves with ${name} cancels every kind of source`, async (t) => {
    const ended = new Set<string>()
    const forever = (async function* () {
      try {
        for (;;) {
          yield 'x'
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      } finally {
        ended.add('generator')
      }
    })()
    const sources: Record<string, StreamSource> = {
      generator: forever,
      stalled: new ReadableStream<string>({ cancel: () => void ended.add('stalled') }),
      readable: new Readable({
        read() {
          this.push('x')
        },
        destroy(_error, done) {
          ended.add('readable')
          done(null)
        },
      }),
      silent: new Readable({
        read: () => undefined,
        destroy(_error, done) {
          ended.add('silent')
          done(null)
        },
      }),
    }
    const { connect, errors } = await serve(t, (req) =>
      stream(sources[req.path.slice(1)] as StreamSource),
    )
    for (const source of Object.keys(sources)) {
      const client = await connect()
      await within('head', client.send(get(`/${source}`)).through('\r\n\r\n'))
      client[leave]()
    }
    await until('the end of all', () => ended.size === 4)
    t.deepEqual(errors, [])
  })
}

test('streams of pipelined requests come in order, one after the other', async (t) => {
  const held = gate()
  const { connect } = await serve(t, async (req) => {
    if (req.path === '/0') await held.promise
    return stream(counting(1000 * Number(req.path.slice(1)) + 1))
  })
  const client = await connect()
  client.send([0, 1, 2, 3].map((i) => get(`/${i}`)).join(''))
  setTimeout(held.open, 20)
  for (const i of [0, 1, 2, 3]) {
    const numbers = Array.from({ length: 1000 * i + 1 }, (_, n) => `${n},`)
    t.is((await client.reply()).text, numbers.join(''))
  }
})

test('close waits for a stream, and cuts it behind its time-out', async (t) => {
  const held = gate()
  const cancelled = gate()
  async function* source(path: string): AsyncGenerator<string> {
    try {
      yield 'first,'
      await (path === '/held' ? held.promise : new Promise(() => undefined))
      yield 'last'
    } finally {
      cancelled.open()
    }
  }
  const { server, connect } = await serve(t, (req) => stream(source(req.path)))
  const [client, cut] = [await connect(), await connect()]
  for (const [one, path] of [
    [client, '/held'],
    [cut, '/cut'],
  ] as const) {
    await within('first', one.send(get(path)).through('first,\r\n'))
  }
  const closed = server.close()
  held.open()
  t.regex((await within('rest', client.rest())).toString(), /last\r\n0\r\n\r\n$/)
  await within('cancel', cancelled.promise)
  void server.close({ timeout: 10 })
  await within('close', closed)
  t.false(
    (
      await within(
        'end',
        cut.rest().catch(() => Buffer.from('')),
      )
    ).includes('0\r\n\r\n'),
  )
})

test('handlerTimeout ends with the head of a stream', async (t) => {
  async function* source(): AsyncGenerator<string> {
    yield 'a'
    await new Promise((resolve) => setTimeout(resolve, 2500))
    yield 'b'
  }
  const { connect } = await serve(t, () => stream(source()), { handlerTimeout: 1500 })
  const client = await connect()
  t.is((await client.get('/')).text, 'ab')
})
