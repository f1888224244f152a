import test from 'ava'
import { randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { HttpError, type HttpRequest, stream } from '../../ts/index.ts'
import { Intake } from '../../ts/request/intake.ts'
import { type Client, get, post } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'
import { chunked, digest, expected } from '../support/upload.ts'

const STREAM = { bodyMode: 'stream', maxBodySize: 64 << 20 } as const

for (const bodyMode of ['stream', 'buffer'] as const) {
  for (const path of ['/web', '/await']) {
    test(`bodies of every size and form arrive whole, ${bodyMode} ${path}`, async (t) => {
      const { connect } = await serve(t, digest, { ...STREAM, bodyMode })
      const client = await connect()
      for (const size of [0, 1, 100, 16_384, 65_536, 65_537, 300_000, 3_000_000]) {
        const body = randomBytes(size)
        t.is((await client.send(post(path, body)).reply()).text, expected(body), `${size}`)
        const pieces = chunked(path, body, [1000, 7, 30_000])
        t.is((await client.send(pieces).reply()).text, expected(body), `${size} chunked`)
      }
      const body = randomBytes(50)
      await client.sendBytewise(chunked(path, body, [7]))
      t.is((await client.reply()).text, expected(body))
    })
  }
}

test('who waits for a body has more of it asked for ahead, who is slow has little', async (t) => {
  const portion = Buffer.alloc(8 << 10)
  for (const [isSlow, most] of [
    [false, 8],
    [true, 2],
  ] as const) {
    let [ahead, held, seen] = [0, 0, 0]
    const left = (): Error => new Error('left')
    const intake = new Intake(0, 0, (portions) => (ahead += portions), left)
    for (let i = 0; i < 100; i++) {
      const isThere = held > 0
      const reading = intake.next()
      seen = Math.max(seen, ahead + held - Number(isThere))
      // To a fast one it comes when he has read all that is there, to a slow one at once.
      if (isSlow || held === 0) {
        for (; ahead > 0; ahead--, held++) intake.push(portion)
      }
      t.is((await reading).value?.length, portion.length)
      held--
    }
    t.is(seen, most)
  }
})

test('requests pipelined behind streamed bodies are handled one by one, in order', async (t) => {
  let running = 0
  const { connect } = await serve(
    t,
    async (req) => {
      t.is(++running, 1)
      const said = await digest(req)
      running--
      return said
    },
    STREAM,
  )
  const client = await connect()
  const bodies = [10, 40_000, 100_000, 3, 0].map((size) => randomBytes(size))
  client.send(Buffer.concat(bodies.map((body, i) => (i % 2 ? post : chunkedBy)('/', body))))
  for (const body of bodies) t.is((await client.reply()).text, expected(body))
  t.is((await client.get('/')).text, expected(Buffer.alloc(0)))
})

function chunkedBy(path: string, body: Buffer): Buffer {
  return chunked(path, body, [9000])
}

test('the handler runs at head time, and 100 comes when the body is first wanted', async (t) => {
  const [arrived, held] = [gate(), gate()]
  const { connect } = await serve(
    t,
    async (req) => {
      arrived.open()
      await held.promise
      return digest(req)
    },
    STREAM,
  )
  const client = await connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
  await within('handler', arrived.promise)
  t.true(client.isQuiet)
  held.open()
  const interim = await within('100', client.through('\r\n\r\n'))
  t.is(interim.toString(), 'HTTP/1.1 100 Continue\r\n\r\n')
  const reply = await client.send('hello').reply()
  t.deepEqual([reply.text, reply.interim], [expected(Buffer.from('hello')), []])
  t.is((await client.get('/')).status, 200)
})

test('SEQ-002: a handler that refuses without reading: no 100, and no body taken for a request', async (t) => {
  const seen: string[] = []
  const { connect } = await serve(
    t,
    (req) => {
      seen.push(req.path)
      throw new HttpError(403, 'no')
    },
    STREAM,
  )
  const client = await connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n')
  const reply = await client.reply()
  t.deepEqual([reply.status, reply.interim, reply.header('connection')], [403, [], 'close'])
  client.send('GET /x HTT')
  await client.closed()
  t.deepEqual(seen, ['/'])
})

test('SEQ-025: a client that keeps sending can read the whole 413', async (t) => {
  const { connect } = await serve(
    t,
    () => {
      throw new HttpError(413, 'x'.repeat(1000))
    },
    STREAM,
  )
  const client = await connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n')
  client.send(Buffer.alloc(50_000))
  const reply = await client.reply()
  t.deepEqual([reply.status, reply.body.length, reply.header('connection')], [413, 1000, 'close'])
  client.send(Buffer.alloc(100_000))
  await client.finish().gone()
})

test('a small rest that nobody read is dropped, and the connection goes on', async (t) => {
  const { connect } = await serve(t, (req) => req.path, STREAM)
  const client = await connect()
  for (const body of [Buffer.alloc(100_000), Buffer.alloc(10)]) {
    client.send(post('/unread', body)).send(chunked('/unread', body, [5000]))
    t.is((await client.reply()).text, '/unread')
    t.is((await client.reply()).text, '/unread')
  }
  t.is((await client.get('/next')).text, '/next')
  const head = 'POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n'
  t.is((await client.send(head).reply()).text, '/slow')
  client.send(`0123456789${get('/after')}`)
  t.is((await client.reply()).text, '/after')
})

test('an endless rest that nobody read ends the connection', async (t) => {
  const { connect } = await serve(t, (req) => req.path, { ...STREAM, lingerTimeout: 200 })
  const [endless, silent] = [await connect(), await connect()]
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
  t.is((await endless.send(head).reply()).text, '/')
  t.is((await silent.send(head).reply()).text, '/')
  const piece = Buffer.from(`4000\r\n${'x'.repeat(0x4000)}\r\n`)
  for (let i = 0; i < 100 && endless.isOpen; i++) {
    endless.send(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await endless.gone()
  await silent.gone()
  t.pass()
})

test('a body that is not read is not sent either', async (t) => {
  const [arrived, held] = [gate(), gate()]
  const { connect, server } = await serve(
    t,
    async (req) => {
      if (req.path === '/') return 'ok'
      arrived.open()
      await held.promise
      return digest(req)
    },
    { ...STREAM, ioThreads: 1 },
  )
  const [client, witness] = [await connect(), await connect()]
  const body = randomBytes(32 << 20)
  client.send(post('/large', body))
  await within('handler', arrived.promise)
  for (let i = 0; i < 50; i++) await witness.get('/')
  t.true(server.stats().bytes.in < 256 << 10, `${server.stats().bytes.in}`)
  held.open()
  t.is((await client.reply()).text, expected(body))
})

test('the clock of a body stands still while nobody reads it, and only then', async (t) => {
  const { connect, server } = await serve(
    t,
    async (req) => {
      const reader = req.stream().getReader()
      if (req.path === '/late') await new Promise((resolve) => setTimeout(resolve, 3000))
      let length = 0
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return String(length)
        length += value.length
      }
    },
    { ...STREAM, bodyTimeout: 1000, requestTimeout: 2000 },
  )
  const late = await connect()
  const head = 'POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n'
  t.is((await late.send(head).send(Buffer.alloc(100_000)).reply()).text, '100000')
  const stuck = await connect()
  const reply = await stuck.send(head.replace('late', 'stuck')).send('part').reply()
  t.is(reply.status, 408)
  await stuck.closed()
  t.is(server.stats().timeouts['body'], 1)
})

test('a reader that leaves its loop, or comes behind the answer, harms nobody', async (t) => {
  const late: unknown[] = []
  let read: () => void = () => undefined
  const { connect, errors } = await serve(
    t,
    async (req) => {
      if (req.path === '/late') {
        read = () => void digest(req).catch((error: unknown) => late.push(error))
        return 'early'
      }
      for await (const piece of req) {
        if (piece.length > 0) break
      }
      return 'enough'
    },
    STREAM,
  )
  const client = await connect()
  t.is((await client.send(post('/', Buffer.alloc(200_000))).reply()).text, 'enough')
  t.is((await client.send(post('/late', Buffer.alloc(200_000))).reply()).text, 'early')
  read()
  await until('error', () => late.length === 1)
  t.is((late[0] as { code?: string }).code, 'ERR_INVALID_STATE')
  t.is((await client.send(post('/', Buffer.alloc(5))).reply()).text, 'enough')
  t.deepEqual(errors, [])
})

test('what needs the whole body throws, and says what to do', async (t) => {
  const { connect } = await serve(
    t,
    (req) => {
      if (req.method === 'GET') return `${req.text()}${req.body.length}`
      for (const touch of [() => req.text(), () => req.json(), () => req.body, () => req.buffer]) {
        t.throws(touch, { code: 'ERR_BODY_STREAMED', message: /req\.stream\(\)/ })
      }
      return 'ok'
    },
    STREAM,
  )
  const client = await connect()
  t.is((await client.get('/')).text, '0')
  t.is((await client.send(post('/', 'small')).reply()).text, 'ok')
  t.is((await client.send(post('/', Buffer.alloc(200_000))).reply()).text, 'ok')
})

test('an upload is echoed as it comes, both sides at their own pace', async (t) => {
  const { connect } = await serve(t, (req) => stream(req.stream()), STREAM)
  const clients = await Promise.all([1, 2, 3].map(() => connect()))
  await Promise.all(
    clients.map(async (client: Client, i) => {
      const body = randomBytes(4_000_000 + i)
      client.send(i === 1 ? chunked('/', body, [70_000]) : post('/', body))
      t.true(body.equals((await client.reply()).body))
      t.is((await client.send(post('/', 'again')).reply()).text, 'again')
    }),
  )
})

test('close() waits for an upload under way', async (t) => {
  const arrived = gate()
  const { server, connect } = await serve(
    t,
    async (req) => {
      arrived.open()
      return digest(req)
    },
    STREAM,
  )
  const client = await connect()
  const body = randomBytes(500_000)
  const bytes = post('/', body)
  client.send(bytes.subarray(0, 300_000))
  await within('handler', arrived.promise)
  const closed = server.close()
  client.send(bytes.subarray(300_000))
  const reply = await client.reply()
  t.deepEqual([reply.text, reply.header('connection')], [expected(body), 'close'])
  await client.closed()
  await within('close', closed)
})

test('whoever reads a body hears of the answer, also when the next request comes with it', async (t) => {
  const heard: unknown[] = []
  const reading = gate()
  const { connect } = await serve(
    t,
    (req) => {
      if (req.path === '/last') return digest(req)
      digest(req).catch((error: unknown) => {
        heard.push((error as { code?: string }).code)
        if (heard.length === 3) reading.open()
      })
      return 'unread'
    },
    STREAM,
  )
  const client = await connect()
  const body = randomBytes(100)
  const unread = (size: number): Buffer =>
    Buffer.concat([
      Buffer.from(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`),
      randomBytes(size),
    ])
  client.send(Buffer.concat([unread(70_000), unread(90_000), unread(200_000), post('/last', body)]))
  for (let i = 0; i < 3; i++) t.is((await client.reply()).text, 'unread')
  t.is((await client.reply()).text, expected(body))
  await within('all readers', reading.promise)
  t.deepEqual(
    heard,
    Array.from({ length: 3 }, () => 'ERR_INVALID_STATE'),
  )
})

/** How a client leaves in the middle of its upload, and what the handler makes of that. */
const LEAVES: [leave: (client: Client) => unknown, how: string][] = [
  [(client) => client.finish(), 'FIN'],
  [(client) => client.reset(), 'RST'],
]
const READERS: Record<string, (req: HttpRequest) => Promise<string>> = {
  'for await': digest,
  'a web stream': async (req) => {
    const reader = req.stream().getReader()
    while (!(await reader.read()).done);
    return 'read'
  },
  wrapped: (req) =>
    digest(req).catch((cause: unknown) => {
      throw new Error('the upload failed', { cause })
    }),
  pipeline: async (req) => {
    await pipeline(Readable.fromWeb(req.stream() as never), new PassThrough().resume())
    return 'read'
  },
  Response: async (req) => String((await new Response(req.stream()).arrayBuffer()).byteLength),
}

for (const [leave, how] of LEAVES) {
  for (const [reader, read] of Object.entries(READERS)) {
    test(`a client that leaves in its upload is no failure: ${how}, ${reader}`, async (t) => {
      const [begun, ended] = [gate(), gate()]
      const { connect, server, errors } = await serve(
        t,
        async (req) => {
          begun.open()
          try {
            return await read(req)
          } finally {
            ended.open()
          }
        },
        STREAM,
      )
      const client = await connect()
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nsome of it')
      await within('the request', begun.promise)
      leave(client)
      await within('the handler', ended.promise)
      await until('no connection', () => server.stats().connections.open === 0)
      const { aborted, responses } = server.stats()
      t.deepEqual([aborted, responses['5xx'], errors], [1, 0, []])
      if (how === 'FIN') t.is((await within('the end', client.rest())).length, 0)
    })
  }
}

test('what a handler does wrong behind a client that left is still reported', async (t) => {
  const { connect, errors } = await serve(
    t,
    async (req) => {
      try {
        return await digest(req)
      } catch {
        throw new TypeError('of the handler')
      }
    },
    STREAM,
  )
  const client = await connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nsome of it').finish()
  await until('the error', () => errors.length === 1)
  t.is(String(errors[0]?.error), 'TypeError: of the handler')
})

test('a body that there is no memory for fails, and the connection is answered', async (t) => {
  const { connect, server } = await serve(
    t,
    (req) => digest(req).catch((error: unknown) => String(error)),
    STREAM,
  )
  const client = await connect()
  const body = Buffer.alloc(5432, 'x')
  const real = Buffer.allocUnsafeSlow
  const restore = (): void => void (Buffer.allocUnsafeSlow = real)
  t.teardown(restore)
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5432\r\n\r\n')
  await until('the request', () => server.stats().requests === 1)
  Buffer.allocUnsafeSlow = (size) => {
    if (size !== 5432) return real(size)
    restore()
    throw new RangeError('no memory')
  }
  client.send(body)
  t.is((await client.reply()).text, 'RangeError: no memory')
})

test('a body may be longer than any memory', async (t) => {
  for (const maxBodySize of [Number.MAX_SAFE_INTEGER, Infinity]) {
    const { connect } = await serve(t, (req) => req.header('Content-Length') as string, {
      bodyMode: 'stream',
      maxBodySize,
    })
    for (const [length, status] of [
      ['5000000000', 200],
      [String(Number.MAX_SAFE_INTEGER), 200],
      ['18446744073709551615', 413],
      ['99999999999999999999999', 413],
    ] as const) {
      const client = await connect()
      client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\nx`)
      const answer = await client.reply()
      t.is(answer.status, status, `${maxBodySize} ${length}`)
      if (status === 200) t.is(answer.text, length)
    }
  }
})
