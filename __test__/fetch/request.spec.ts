import test from 'ava'
import { inspect } from 'node:util'
import type { FetchRequest } from '../../ts/fetch/index.ts'
import { post } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { look, serve } from './served.ts'

const GET = 'GET /a?b HTTP/1.1\r\nHost: a.test\r\n\r\n'
const FORM = 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Type: '
const urlencoded = 'a=1&b=%C3%A4'
const multipart =
  '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' +
  '--x\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\nfile\r\n--x--\r\n'

function form(type: string, body: string): string {
  return `${FORM}${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

const POSTED = form('Application/JSON', '{"a":1}')
const CHUNKED =
  'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n'

/** What the platform's request of the same kind says. */
const platform = (method = 'GET'): Request =>
  new Request('http://a.test/a?b', method === 'GET' ? {} : { method, body: 'x' })

test('it is a Request for whoever asks', async (t) => {
  const seen = await look(t, GET, (req) => [
    req instanceof Request,
    Object.prototype.toString.call(req),
    req.constructor === Request,
    Object.keys(req).length,
    inspect(req).startsWith('Request '),
  ])
  t.deepEqual(seen, [true, '[object Request]', true, 0, true])
})

test('every member of the platform is there, and says the same', async (t) => {
  const names = Object.getOwnPropertyNames(Request.prototype).filter((name) => {
    const value = Reflect.get(platform(), name) as unknown
    return typeof value !== 'function' && typeof value !== 'object'
  })
  t.true(names.length >= 15)
  const seen = await look(t, GET, (req) => names.map((name) => Reflect.get(req, name) as unknown))
  const there = platform()
  t.deepEqual(
    seen,
    names.map((name) => Reflect.get(there, name) as unknown),
  )
  const methods = Object.getOwnPropertyNames(Request.prototype).filter(
    (name) => name !== 'constructor' && typeof Reflect.get(platform(), name) === 'function',
  )
  const kinds = await look(t, GET, (req) => methods.map((name) => typeof Reflect.get(req, name)))
  t.deepEqual(
    kinds,
    methods.map(() => 'function'),
  )
})

/** A request, a way to read it, and what is read. */
const READS: [what: string, sent: string, read: (req: FetchRequest) => unknown, read: unknown][] = [
  ['text', POSTED, (req) => req.text(), '{"a":1}'],
  ['json', POSTED, (req) => req.json(), { a: 1 }],
  ['bytes', POSTED, async (req) => [...(await bytes(req))], [...Buffer.from('{"a":1}')]],
  ['arrayBuffer', POSTED, async (req) => (await req.arrayBuffer()).byteLength, 7],
  [
    'blob',
    POSTED,
    async (req) => [(await req.blob()).type, (await req.blob().catch(() => 0)) as 0],
    ['application/json', 0],
  ],
  ['text of pieces', CHUNKED, (req) => req.text(), 'abcdef'],
  ['bytes of pieces', CHUNKED, async (req) => (await bytes(req)).length, 6],
  ['blob of pieces', CHUNKED, async (req) => (await req.blob()).size, 6],
  [
    'urlencoded',
    form('application/x-www-form-urlencoded', urlencoded),
    async (req) => [...(await req.formData())],
    [
      ['a', '1'],
      ['b', 'ä'],
    ],
  ],
  [
    'multipart',
    form('multipart/form-data; boundary=x', multipart),
    async (req) => {
      const data = await req.formData()
      const file = data.get('f') as File
      return [data.get('a'), file.name, file.type, await file.text()]
    },
    ['1', 'f.txt', 'text/plain', 'file'],
  ],
  [
    'no form',
    form('text/plain', 'x'),
    (req) => req.formData().catch((e: Error) => e.name),
    'TypeError',
  ],
  [
    'no JSON',
    form('application/json', '{'),
    (req) => req.json().catch((e: Error) => e.name),
    'SyntaxError',
  ],
  ['a byte order mark', form('text/plain', '\xef\xbb\xbfx'), (req) => req.text(), 'x'],
  ['malformed UTF-8', form('text/plain', '\xff'), (req) => req.text(), '\ufffd'],
  ['a stream', POSTED, async (req) => Buffer.concat(await collect(req.body)).toString(), '{"a":1}'],
  [
    'a stream of pieces',
    CHUNKED,
    async (req) => Buffer.concat(await collect(req.body)).toString(),
    'abcdef',
  ],
  [
    'GET has none',
    GET,
    async (req) => [req.body, await req.text(), await req.text(), req.bodyUsed],
    [null, '', '', false],
  ],
  [
    'an empty one',
    form('text/plain', ''),
    async (req) => [req.body !== null, await req.text(), req.bodyUsed],
    [true, '', true],
  ],
  [
    'none with POST',
    'POST / HTTP/1.1\r\nHost: a\r\n\r\n',
    async (req) => [req.body, await req.text()],
    [null, ''],
  ],
  [
    'what comes with GET means nothing',
    'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx',
    async (req) => [req.body, await req.text()],
    [null, ''],
  ],
]

/** The types of Node 20 do not tell of it. */
function bytes(req: Request): Promise<Uint8Array> {
  return (req as Request & { bytes(): Promise<Uint8Array> }).bytes()
}

async function collect(stream: ReadableStream<Uint8Array> | null): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream ?? []) chunks.push(chunk as Uint8Array)
  return chunks
}

for (const [what, sent, read, expected] of READS) {
  for (const bodyMode of ['stream', 'buffer'] as const) {
    test(`a body is read: ${what} (${bodyMode})`, async (t) => {
      t.deepEqual(await look(t, Buffer.from(sent, 'latin1'), read, { bodyMode }), expected)
    })
  }
}

/** Two ways to use a body one behind the other: whether the second one works, as with the platform. */
const USES: Record<string, (req: Request) => unknown> = {
  text: (req) => req.text(),
  json: (req) => req.json(),
  formData: (req) => req.formData(),
  'a reader': (req) => req.body?.getReader(),
  'a chunk': async (req) => {
    const reader = req.body?.getReader()
    await reader?.read()
    reader?.releaseLock()
  },
  // That of a clone waits for the other one.
  cancel: (req) => void req.body?.cancel().catch(() => undefined),
  body: (req) => void req.body,
  clone: (req) => void req.clone(),
  'new Request': (req) => void new Request(req),
}

async function outcome(req: Request, first: string, second: string): Promise<unknown> {
  const states: unknown[] = []
  for (const use of [first, second]) {
    try {
      await USES[use]?.(req)
      states.push('works')
    } catch (error) {
      states.push((error as Error).name)
    }
    states.push(req.bodyUsed, req.body?.locked)
  }
  return states
}

for (const [what, sent] of [
  ['at once', POSTED],
  [
    'in pieces',
    CHUNKED.replace('abc', '{"a').replace('def', '":2').replace('3\r\n":2', '4\r\n":2}'),
  ],
] as const) {
  test(`a body that comes ${what} is used as one of the platform is`, async (t) => {
    for (const first of Object.keys(USES)) {
      for (const second of Object.keys(USES)) {
        // Where a lazy request cannot be taken, and what becomes of one then, is looked at below.
        if (first === 'new Request' || second === 'new Request') continue
        const headers = { 'content-type': 'application/json' }
        const there = new Request('http://a', { method: 'POST', body: '{"a":1}', headers })
        t.deepEqual(
          await within(
            `${first}, ${second}`,
            look(t, sent, (req) => outcome(req, first, second)),
          ),
          await within('platform', outcome(there, first, second)),
          `${first}, ${second}`,
        )
      }
    }
  })
}

test('a clone has the body, the fields and the signal', async (t) => {
  for (const sent of [POSTED, CHUNKED, GET]) {
    const seen = await look(t, sent, async (req) => {
      req.headers.set('x', 'before')
      const copy = req.clone()
      req.headers.set('x', 'behind')
      const [one, two] = await Promise.all([req.text(), copy.text()])
      return [
        copy instanceof Request,
        copy.url === req.url,
        copy.method === req.method,
        one === two,
        copy.headers.get('x'),
        copy.signal.aborted,
      ]
    })
    t.deepEqual(seen, [true, true, true, true, 'before', false], sent)
  }
})

const MAJOR = Number(process.versions.node.split('.')[0])

test("native() is the platform's request, made once, with the same body", async (t) => {
  const seen = await look(t, POSTED, async (req) => {
    const native = req.native()
    const again = new Request(native, { headers: { x: 'y' } })
    const text = await again.text()
    return [
      native === req.native(),
      Object.hasOwn(native, 'text'),
      text,
      req.bodyUsed,
      native.bodyUsed,
    ]
  })
  t.deepEqual(seen, [true, false, '{"a":1}', true, true])
})

test('what another one is made of by its members works everywhere', async (t) => {
  const seen = await look(t, POSTED, async (req) => {
    const other = new Request('http://b.test/', req)
    return [other.method, other.headers.get('content-type'), await other.text()]
  })
  t.deepEqual(seen, ['POST', 'Application/JSON', '{"a":1}'])
})

test("the lazy request itself is taken where the platform's state stands behind symbols", async (t) => {
  const seen = await look(t, POSTED, async (req) => {
    try {
      return await new Request(req).text()
    } catch (error) {
      return (error as Error).name
    }
  })
  t.is(seen, MAJOR < 24 ? '{"a":1}' : 'TypeError')
})

/** Methods as sent, and as the handler sees them. */
const METHODS: [sent: string, seen: string][] = [
  ['PATCH', 'PATCH'],
  ['DELETE', 'DELETE'],
  ['get', 'GET'],
  ['Post', 'POST'],
  ['patch', 'patch'],
  ['TRACE', 'TRACE'],
  ['PROPFIND', 'PROPFIND'],
  ['QUERY', 'QUERY'],
]

for (const [sent, method] of METHODS) {
  test(`the method ${sent}`, async (t) => {
    const seen = await look(t, `${sent} / HTTP/1.1\r\nHost: a\r\n\r\n`, (req) => [
      req.method,
      req.native().method,
    ])
    t.deepEqual(seen, [method, method])
  })
}

test("the signal aborts when the client leaves, also that of the platform's request", async (t) => {
  const signals: AbortSignal[] = []
  const { connect } = await serve(t, (req) => {
    signals.push(req.signal, req.native().signal, req.clone().signal)
    return new Promise(() => undefined)
  })
  const client = await connect()
  client.send(GET)
  await until('handler', () => signals.length === 3)
  t.false(signals.some(({ aborted }) => aborted))
  client.reset()
  await until('abort', () => signals.every(({ aborted }) => aborted))
  t.pass()
})

test('a body is read no faster than its reader', async (t) => {
  let pulled = 0
  const { connect } = await serve(
    t,
    async (req) => {
      const reader = req.body!.getReader() as ReadableStreamDefaultReader<Uint8Array>
      const first = await reader.read()
      pulled = first.value?.byteLength ?? 0
      return new Promise(() => undefined)
    },
    { maxBodySize: Infinity },
  )
  const client = await connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n')
  const block = Buffer.alloc(1 << 20)
  // More than sockets and server may hold.
  let isFull = false
  for (let i = 0; i < 64 && !isFull; i++) isFull = !client.socket.write(block)
  await until('first piece', () => pulled > 0)
  await new Promise((resolve) => setImmediate(resolve))
  t.true(client.socket.writableLength > 0)
})

/** Ways to read a body that is too large or breaks off, and what the client gets. */
for (const [name, read] of Object.entries({
  text: (req: Request) => req.text(),
  json: (req: Request) => req.json(),
  stream: (req: Request) => collect(req.body as ReadableStream<Uint8Array>),
  formData: (req: Request) => req.formData(),
  native: (req: Request) => (req as FetchRequest).native().arrayBuffer(),
})) {
  test(`a body that is too large is 413, read by ${name}`, async (t) => {
    const { connect, errors } = await serve(
      t,
      async (req) => (await read(req), new Response('read')),
      { maxBodySize: 10 },
    )
    const chunks = `${'b\r\n12345678901\r\n'.repeat(3)}0\r\n\r\n`
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
    const reply = await (
      await connect()
    )
      .send(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`)
      .reply()
    t.is(reply.status, 413)
    t.deepEqual(
      errors.filter((error) => !/413|Too Large|terminated|aborted/i.test(String(error))),
      [],
    )
    const declared = await (await connect()).send(post('/', Buffer.alloc(11))).reply()
    t.is(declared.status, 413)
  })

  test(`nobody hears of a client that leaves within its body, read by ${name}`, async (t) => {
    let isOver = false
    const { connect, errors } = await serve(t, async (req) => {
      try {
        await read(req)
      } finally {
        isOver = true
      }
      return new Response('read')
    })
    const client = await connect()
    client.send(
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100\r\n\r\n--x',
    )
    client.finish()
    await client.gone()
    await until('end', () => isOver)
    t.deepEqual(errors, [])
  })
}

test('what others have put in the place of the globals is not used', async (t) => {
  const globals = { Request, Response, Headers }
  const no = (): never => {
    throw new Error('another one was made')
  }
  const seen = await look(t, post('/', 'a body'), (req) => {
    Object.assign(globalThis, { Request: no, Response: no, Headers: no })
    try {
      const headers = [...req.headers]
      const { body } = req.clone()
      return { headers, body, native: req.native(), text: req.text() }
    } finally {
      Object.assign(globalThis, globals)
    }
  })
  t.true(seen.native instanceof Request)
  t.true(seen.body instanceof ReadableStream)
  t.deepEqual(Object.fromEntries(seen.headers)['content-length'], '6')
  t.is(await seen.text, 'a body')
})
