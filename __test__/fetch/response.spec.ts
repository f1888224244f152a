import test, { type ExecutionContext } from 'ava'
import { setImmediate as turn } from 'node:timers/promises'
import { Readable } from 'node:stream'
import vm from 'node:vm'
import { Response as OtherResponse } from 'undici'
import type { FetchHandler } from '../../ts/fetch/index.ts'
import { addHeaders, HttpError, Router, text } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { gate, until } from '../support/deadline.ts'
import type { Reply } from '../support/reply.ts'
import { serve as servePlain } from '../support/service.ts'
import { serve } from './served.ts'

const encoder = new TextEncoder()

/** A stream of these pieces, with a turn of the event loop before each. */
function slowly(...pieces: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await turn()
      const piece = pieces.shift()
      if (piece === undefined) controller.close()
      else controller.enqueue(encoder.encode(piece))
    },
  })
}

async function* generated(...pieces: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await turn()
    yield encoder.encode(piece)
  }
}

function withCookies(response: Response): Response {
  response.headers.append('Set-Cookie', 'a=1; HttpOnly')
  response.headers.append('Set-Cookie', 'b=2')
  return response
}

class Special extends Response {
  readonly isSpecial = true
}

const foreign = vm.createContext({ Headers, ReadableStream, encoder })

/** What is answered, and as what it arrives: its status, fields that must be there, its body; how it is framed. */
interface Row {
  readonly what: string
  readonly made: () => unknown
  readonly status?: number
  readonly reason?: string
  readonly fields?: Record<string, string | undefined>
  readonly body?: string | RegExp
  /** Framed by a length, or in chunks. */
  readonly framed?: 'length' | 'chunked' | 'none' | 'either'
}

const TYPE = 'text/plain;charset=UTF-8'

const ROWS: Row[] = [
  {
    what: 'a string',
    made: () => new Response('grüße'),
    fields: { 'content-type': TYPE },
    body: 'grüße',
  },
  { what: 'an empty string', made: () => new Response(''), body: '' },
  { what: 'nothing', made: () => new Response(), fields: { 'content-type': undefined }, body: '' },
  {
    what: 'bytes',
    made: () => new Response(encoder.encode('x')),
    fields: { 'content-type': undefined },
    body: 'x',
  },
  {
    what: 'an ArrayBuffer',
    made: () => new Response(encoder.encode('xy').buffer as ArrayBuffer),
    body: 'xy',
  },
  {
    what: 'a long string',
    made: () => new Response('x'.repeat(300_000)),
    body: 'x'.repeat(300_000),
  },
  {
    what: 'JSON',
    made: () => Response.json({ a: [1] }),
    fields: { 'content-type': 'application/json' },
    body: '{"a":[1]}',
  },
  {
    what: 'a form',
    made: () => new Response(new URLSearchParams({ a: 'b c' })),
    fields: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    body: 'a=b+c',
  },
  {
    what: 'a Blob',
    made: () => new Response(new Blob(['a', 'b'], { type: 'text/x' })),
    fields: { 'content-type': 'text/x' },
    body: 'ab',
    framed: 'either',
  },
  {
    what: 'FormData',
    made: () => {
      const data = new FormData()
      data.set('a', '1')
      return new Response(data)
    },
    body: /name="a"\r\n\r\n1\r\n/,
    framed: 'either',
  },
  {
    what: 'a stream',
    made: () => new Response(slowly('a', 'b')),
    fields: { 'content-type': undefined },
    body: 'ab',
    framed: 'chunked',
  },
  {
    what: 'a stream with its length',
    made: () => new Response(slowly('a', 'b'), { headers: { 'Content-Length': '2' } }),
    body: 'ab',
    framed: 'length',
  },
  {
    what: 'a stream that is there',
    made: () =>
      new Response(
        new ReadableStream({
          start(c) {
            c.enqueue(encoder.encode('a'))
            c.enqueue(encoder.encode('b'))
            c.close()
          },
        }),
      ),
    body: 'ab',
    framed: 'length',
  },
  {
    what: 'a stream of strings',
    made: () =>
      new Response(
        new ReadableStream<unknown>({
          start(c) {
            c.enqueue('a')
            c.close()
          },
        }) as never,
      ),
    body: 'a',
    framed: 'chunked',
  },
  {
    what: 'a generator',
    made: () => new Response(generated('a', 'b') as never),
    body: 'ab',
    framed: 'chunked',
  },
  {
    what: 'a Readable of node',
    made: () => new Response(Readable.from(['a', 'b']) as never),
    body: 'ab',
  },
  {
    what: 'a stream without end of many chunks',
    made: () => {
      let count = 0
      return new Response(
        new ReadableStream({
          pull(c) {
            c.enqueue(encoder.encode('x'.repeat(50_000)))
            if (++count === 5) c.close()
          },
        }),
      )
    },
    body: 'x'.repeat(250_000),
    framed: 'chunked',
  },
  { what: 'several cookies', made: () => withCookies(new Response('x')), body: 'x' },
  {
    what: 'several cookies with a stream',
    made: () => withCookies(new Response(slowly('x'))),
    body: 'x',
    framed: 'chunked',
  },
  {
    what: '201 with a phrase',
    made: () => new Response('x', { status: 201, statusText: 'Made' }),
    status: 201,
    reason: 'Made',
    body: 'x',
  },
  {
    what: '204',
    made: () => new Response(null, { status: 204 }),
    status: 204,
    body: '',
    framed: 'none',
  },
  { what: '205', made: () => new Response(null, { status: 205 }), status: 205, body: '' },
  {
    what: '304',
    made: () => new Response(null, { status: 304, headers: { ETag: '"x"' } }),
    status: 304,
    fields: { etag: '"x"' },
    body: '',
    framed: 'none',
  },
  {
    what: 'a redirect',
    made: () => Response.redirect('http://a.test/b', 307),
    status: 307,
    fields: { location: 'http://a.test/b' },
    body: '',
  },
  { what: 'a subclass', made: () => new Special('x'), body: 'x' },
  {
    what: 'a library',
    made: () => new OtherResponse('x', { headers: { a: 'b' } }),
    fields: { a: 'b' },
    body: 'x',
  },
  {
    what: 'another realm',
    made: () =>
      vm.runInContext(
        `({ [Symbol.toStringTag]: 'Response', status: 203, statusText: '', headers: new Headers({ a: 'b' }), bodyUsed: false, url: '', body: new ReadableStream({ start(c) { c.enqueue(encoder.encode('x')); c.close() } }) })`,
        foreign,
      ),
    status: 203,
    fields: { a: 'b' },
    body: 'x',
  },
  {
    what: 'a library that gives it no tag, and a stream behind a proxy',
    made: () => {
      const web = new Blob(['x']).stream() as unknown as Record<string | symbol, unknown>
      const take = (_: unknown, key: string | symbol): unknown => {
        const value = web[key]
        return typeof value === 'function' ? (value.bind(web) as unknown) : value
      }
      const body = new Proxy(Readable.from([]), { get: take })
      const headers = new Map([['A', 'b']])
      return {
        status: 203,
        statusText: '',
        headers,
        body,
        bodyUsed: false,
        url: '',
        arrayBuffer() {},
      }
    },
    status: 203,
    fields: { a: 'b' },
    body: 'x',
    framed: 'either',
  },
  {
    what: 'a thrown one',
    made: () => {
      throw new Response('t', { status: 418 })
    },
    status: 418,
    body: 't',
  },
  {
    what: 'a thrown HttpError',
    made: () => {
      throw new HttpError(404, 'none')
    },
    status: 404,
    body: 'none',
  },
  { what: 'a promise', made: async () => (await turn(), new Response('x')), body: 'x' },
  {
    what: 'a promise that throws one',
    made: async () => {
      await turn()
      throw new Response('t', { status: 401 })
    },
    status: 401,
    body: 't',
  },
  { what: 'a clone', made: () => new Response('x').clone(), body: 'x' },
  {
    what: 'what was cloned',
    made: () => {
      const r = new Response('x')
      void r.clone().text()
      return r
    },
    body: 'x',
  },
  {
    what: 'made of another one',
    made: () =>
      new Response(new Response('x').body, new Response('y', { status: 202, headers: { a: 'b' } })),
    status: 202,
    fields: { a: 'b' },
    body: 'x',
  },
  { what: 'a value of ours', made: () => text('ours', { status: 299 }), status: 299, body: 'ours' },
  {
    what: 'Connection: close',
    made: () => new Response('x', { headers: { Connection: 'close' } }),
    fields: { connection: 'close' },
    body: 'x',
  },
  {
    what: "Transfer-Encoding, which is the server's",
    made: () => new Response('x', { headers: { 'Transfer-Encoding': 'chunked' } }),
    body: 'x',
  },
]

function checkFraming(row: Row, { header, body }: Reply): string | undefined {
  const framed = row.framed ?? 'length'
  // It is in memory, and how soon it comes out of there is the platform's.
  if (framed === 'either') return undefined
  if (framed === 'chunked')
    return header('transfer-encoding') === 'chunked' ? undefined : 'no chunks'
  if (header('transfer-encoding') !== undefined) return 'chunks'
  const length = framed === 'none' ? undefined : String(body.length)
  return header('content-length') === length ? undefined : `length ${header('content-length')}`
}

for (const row of ROWS) {
  const { what, made, status = 200, reason, fields = {}, body } = row
  const check = (t: ExecutionContext, reply: Reply): void => {
    t.is(reply.status, status)
    if (reason !== undefined) t.is(reply.reason, reason)
    for (const [name, value] of Object.entries(fields)) t.is(reply.header(name), value, name)
    if (what.includes('several cookies')) {
      const cookies = reply.headers.filter(([name]) => name.toLowerCase() === 'set-cookie')
      t.deepEqual(
        cookies.map(([, value]) => value),
        ['a=1; HttpOnly', 'b=2'],
      )
    }
  }

  test(`answered: ${what}`, async (t) => {
    const { connect, errors } = await serve(t, made as FetchHandler)
    const client = await connect()
    const reply = await client.get('/')
    check(t, reply)
    if (typeof body === 'string') t.is(reply.text, body)
    else t.regex(reply.text, body as RegExp)
    t.is(checkFraming(row, reply), undefined)
    if (reply.header('connection') !== 'close') t.is((await client.get('/')).status, status)
    t.deepEqual(errors, [])
  })

  test(`answered to HEAD: ${what}`, async (t) => {
    const { connect, errors } = await serve(t, made as FetchHandler)
    const client = await connect()
    const reply = await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
    check(t, reply)
    t.is(reply.text, '')
    if (reply.header('connection') !== 'close') t.is((await client.get('/')).status, status)
    t.deepEqual(errors, [])
  })

  test(`a plain handler gives: ${what}`, async (t) => {
    const { connect, errors } = await servePlain(t, made as never)
    const reply = await (await connect()).get('/')
    check(t, reply)
    t.deepEqual(errors, [])
  })
}

/** What is no answer: 500, and what `onError` hears. */
const WRONG: [what: string, made: () => unknown, told: RegExp][] = [
  ['a network error', () => Response.error(), /network error/],
  [
    'a body that was read',
    async () => {
      const r = new Response('x')
      await r.text()
      return r
    },
    /was read: a Response can be sent once only/,
  ],
  [
    'a body that somebody reads',
    () => {
      const r = new Response('x')
      r.body?.getReader()
      return r
    },
    /is being read/,
  ],
  [
    'a cancelled body',
    async () => {
      const r = new Response('x')
      await r.body?.cancel()
      return r
    },
    /was read/,
  ],
  [
    'a stream that fails at once',
    () =>
      new Response(
        new ReadableStream({
          pull() {
            throw new Error('at once')
          },
        }),
      ),
    /at once/,
  ],
  [
    'a length that is wrong',
    () => new Response('xyz', { headers: { 'Content-Length': '2' } }),
    /Content-Length 2 is not the 3 bytes/,
  ],
  ['nothing', () => undefined, /must return/],
  ['a string', () => 'x', /must return a Response, got "x"/],
  ['bytes', async () => encoder.encode('HTTP/1.1 200 OK\r\n\r\n'), /must return a Response/],
  ['a number', () => 7, /must return/],
  ['null', () => null, /a fetch handler must return a Response, got null/],
  [
    'an error',
    () => {
      throw new Error('mine')
    },
    /mine/,
  ],
  ['a rejection', () => Promise.reject(new Error('late')), /late/],
  [
    'a hostile value',
    () => {
      throw new Proxy(
        {},
        {
          get() {
            throw new Error('trap')
          },
        },
      )
    },
    /./,
  ],
  [
    'chunks of another kind',
    () =>
      new Response(
        new ReadableStream<unknown>({
          start(c) {
            c.enqueue(7)
            c.close()
          },
        }) as never,
      ),
    /chunk of a stream must be/,
  ],
]

for (const [what, made, told] of WRONG) {
  test(`no answer: ${what}`, async (t) => {
    const { connect, errors } = await serve(t, made as FetchHandler)
    const client = await connect()
    if (what.startsWith('chunks')) {
      // Its head is out: the client sees that something is missing.
      client.send(get('/'))
      await client.gone()
    } else {
      t.is((await client.get('/')).status, 500)
      t.is((await client.get('/')).status, 500)
    }
    await until('error', () => errors.length > 0)
    t.regex(what === 'a hostile value' ? 'it' : String(errors[0]), told)
  })
}

test('a Response is sent once', async (t) => {
  const one = new Response('x')
  const { connect, errors } = await serve(t, () => one)
  const client = await connect()
  t.is((await client.get('/')).text, 'x')
  t.is((await client.get('/')).status, 500)
  t.regex(String(errors[0]), /sent once only/)
})

test('the head of a stream goes out before there is a chunk', async (t) => {
  const first = gate<string>()
  const body = new ReadableStream({
    async pull(controller) {
      controller.enqueue(encoder.encode(await first.promise))
      controller.close()
    },
  })
  const { connect } = await serve(t, () => new Response(body, { status: 202 }))
  const client = await connect()
  client.send(get('/'))
  t.regex((await client.through('\r\n\r\n')).toString(), /^HTTP\/1.1 202 /)
  first.open('late')
  t.regex((await client.through('late')).toString(), /late$/)
})

test('a stream that fails behind its head cuts the connection, and onError hears of it', async (t) => {
  let count = 0
  const { connect, errors } = await serve(
    t,
    () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            await turn()
            if (count++ === 0) controller.enqueue(encoder.encode('a'))
            else controller.error(new Error('broken'))
          },
        }),
      ),
  )
  const client = await connect()
  client.send(get('/'))
  await client.through('a\r\n')
  await client.gone()
  await until('error', () => errors.length > 0)
  t.regex(String(errors[0]), /broken/)
})

/** When a client leaves: before the answer, between chunks, while nobody produces. */
for (const [when, chunks] of [
  ['before a chunk', 0],
  ['behind a chunk', 1],
  ['behind many', 100],
] as const) {
  test(`the source is cancelled when the client leaves ${when}`, async (t) => {
    let reason: unknown
    let sent = 0
    const { connect, errors } = await serve(
      t,
      () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              await turn()
              if (sent++ < chunks) controller.enqueue(encoder.encode('x'))
              else await new Promise(() => undefined)
            },
            cancel: (why) => void (reason = why),
          }),
        ),
    )
    const client = await connect()
    client.send(get('/'))
    await client.through('\r\n\r\n')
    await until('chunks', () => sent > chunks)
    client.reset()
    await until('cancel', () => reason !== undefined)
    t.true(reason instanceof Error)
    t.deepEqual(errors, [])
  })
}

test('a generator is ended when the client leaves', async (t) => {
  let isEnded = false
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        await turn()
        yield encoder.encode('x'.repeat(1000))
      }
    } finally {
      isEnded = true
    }
  }
  const { connect } = await serve(t, () => new Response(source() as never))
  const client = await connect()
  client.send(get('/'))
  await client.through('xxx')
  client.reset()
  await until('end', () => isEnded)
  t.pass()
})

test('HEAD cancels a stream, and pulls nothing of it', async (t) => {
  let pulls = 0
  let isCancelled = false
  const body = (): ReadableStream =>
    new ReadableStream(
      {
        async pull(controller) {
          pulls++
          await turn()
          controller.enqueue(encoder.encode('x'))
        },
        cancel: () => void (isCancelled = true),
      },
      { highWaterMark: 0 },
    )
  const { connect } = await serve(t, () => new Response(body()))
  const client = await connect()
  const reply = await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
  t.is(reply.status, 200)
  await until('cancel', () => isCancelled)
  t.is(pulls, 0)
})

test('HEAD destroys a Readable that the platform has made a body of', async (t) => {
  let reads = 0
  const source = new Readable({
    read() {
      reads++
      this.push(new Uint8Array(1024))
    },
  })
  const { connect, errors } = await serve(t, () => new Response(source as never))
  const client = await connect()
  const reply = await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
  t.is(reply.status, 200)
  await until('its end', () => source.destroyed)
  // What is in its buffer may be filled up; it goes on to nobody.
  t.true(reads <= 64, String(reads))
  t.deepEqual(errors, [])
})

test('what says that nobody is to collect it goes out in chunks', async (t) => {
  const headers = { 'X-Accel-Buffering': 'no' }
  const start = (c: ReadableStreamDefaultController): void => {
    c.enqueue(encoder.encode('at hand'))
    c.close()
  }
  const body = (): ReadableStream => new ReadableStream({ start })
  const { connect } = await serve(
    t,
    (r) => new Response(body(), r.url.endsWith('/no') ? { headers } : {}),
  )
  const client = await connect()
  const whole = await client.send(get('/')).reply()
  const chunked = await client.send(get('/no')).reply()
  t.is(whole.text + chunked.text, 'at handat hand')
  t.is(whole.header('transfer-encoding'), undefined)
  t.is(chunked.header('transfer-encoding'), 'chunked')
})

test('a stream is pulled no faster than the client reads', async (t) => {
  let pulled = 0
  const chunk = new Uint8Array(16 << 10)
  const { connect } = await serve(
    t,
    () =>
      new Response(
        new ReadableStream(
          {
            async pull(controller) {
              await turn()
              pulled += chunk.length
              controller.enqueue(chunk.slice())
            },
          },
          { highWaterMark: 0 },
        ),
      ),
  )
  const client = await connect()
  client.socket.pause()
  client.send(get('/'))
  await until('first', () => pulled > 0)
  let before = -1
  // It stands still when the sockets are full, which takes what the system gives them.
  for (let still = 0; still < 50; still = pulled === before ? still + 1 : 0) {
    before = pulled
    await turn()
  }
  t.true(pulled < 64 << 20)
})

test('what fetch has decoded goes on without the fields of its coding', async (t) => {
  const { gzipSync } = await import('node:zlib')
  const zipped = gzipSync('decoded')
  const origin = await servePlain(t, () =>
    addHeaders(new Response(zipped), {
      'Content-Encoding': 'gzip',
      'Keep-Alive': 'timeout=77',
      'X-Kept': 'yes',
    }),
  )
  const { connect } = await serve(t, () => fetch(`http://127.0.0.1:${origin.port}/`))
  const reply = await (await connect()).get('/')
  t.is(reply.text, 'decoded')
  t.is(reply.header('content-encoding'), undefined)
  t.not(reply.header('keep-alive'), 'timeout=77')
  t.is(reply.header('x-kept'), 'yes')
})

test('fields are added to a Response, also to one whose fields are fixed', async (t) => {
  const router = new Router().use(async (_, next) => addHeaders(await next(), { 'X-Added': 'yes' }))
  router.get('/made', () => new Response('made'))
  router.get('/fixed', () => Response.redirect('http://a.test/', 302))
  const { connect, errors } = await servePlain(t, router)
  const client = await connect()
  const [made, fixed] = [await client.get('/made'), await client.get('/fixed')]
  t.deepEqual([made.status, made.text, made.header('x-added')], [200, 'made', 'yes'])
  t.deepEqual(
    [fixed.status, fixed.header('location'), fixed.header('x-added')],
    [302, 'http://a.test/', 'yes'],
  )
  t.deepEqual(errors, [])
})

test('a Response is no fixed answer of a router', (t) => {
  t.throws(() => void new Router().static('/', new Response('x') as never), {
    message: /no fixed answer/,
  })
})
