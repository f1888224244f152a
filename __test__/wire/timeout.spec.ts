import test from 'ava'
import type { ServerOptions } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { until } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

// Limits are longer than a busy machine delays a client, where it must not be late; what is checked is what
// happens, not when exactly.
const LIMIT = 3000
const POST = 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\n'

interface Case {
  readonly about: string
  readonly options: ServerOptions
  readonly sends: string
  readonly status: number | 'silence'
  readonly phase: string
}

const cases: readonly Case[] = [
  {
    about: 'nothing',
    options: { headersTimeout: LIMIT },
    sends: '',
    status: 'silence',
    phase: 'firstByte',
  },
  {
    about: 'half a head',
    options: { headersTimeout: LIMIT },
    sends: 'GET / HT',
    status: 408,
    phase: 'head',
  },
  {
    about: 'half a body',
    options: { bodyTimeout: LIMIT },
    sends: `${POST}abc`,
    status: 408,
    phase: 'body',
  },
  { about: 'no body', options: { requestTimeout: LIMIT }, sends: POST, status: 408, phase: 'body' },
  {
    about: 'half a chunk',
    options: { bodyTimeout: LIMIT },
    sends: 'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    status: 408,
    phase: 'body',
  },
  {
    about: 'a request that is never answered',
    options: { handlerTimeout: LIMIT },
    sends: get('/never'),
    status: 503,
    phase: 'handler',
  },
]

for (const { about, options, sends, status, phase } of cases) {
  test(`a client that sends ${about} gets ${status} and a close`, async (t) => {
    const { server, connect } = await serve(t, () => new Promise<never>(() => undefined), options)
    const client = await connect()
    if (sends !== '') client.send(sends)
    if (status !== 'silence') {
      const reply = await client.reply()
      t.is(reply.status, status)
      t.is(reply.header('connection'), 'close')
    }
    await client.closed()
    t.is(server.stats().timeouts[phase], 1)
  })
}

test('an idle connection is closed silently, and each answer gives it the whole time again', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', { keepAliveTimeout: LIMIT })
  const client = await connect()
  for (let i = 0; i < 3; i++) t.is((await client.get('/')).text, 'ok')
  await client.closed()
  t.is(server.stats().timeouts['idle'], 1)
})

for (const every of [5, 60, 500]) {
  test(`a head or body that drips every ${every} ms does not move its deadline`, async (t) => {
    const { connect } = await serve(t, () => 'ok', { headersTimeout: LIMIT, requestTimeout: LIMIT })
    const [head, body] = [await connect(), await connect()]
    head.send('GET / HTTP/1.1\r\n')
    body.send(POST)
    const drip = setInterval(() => {
      for (const client of [head, body]) if (client.isQuiet) client.send('a')
    }, every)
    t.teardown(() => clearInterval(drip))
    t.is((await head.reply()).status, 408)
    t.is((await body.reply()).status, 408)
  })
}

test('a client that does not read is closed', async (t) => {
  const { server, connect } = await serve(t, () => 'x'.repeat(16 << 20), { writeTimeout: 200 })
  const client = await connect()
  client.socket.pause()
  client.send(get('/'))
  await until('time-out', () => server.stats().timeouts['write'] === 1)
  await until('close', () => server.stats().connections.open === 0)
  t.pass()
})

// Not beside the others, whose clients it would block.
test.serial('nobody is blamed for a blocked event loop', async (t) => {
  const { connect, server } = await serve(
    t,
    (req) => {
      const end = performance.now() + (req.path === '/block' ? 2 * LIMIT : 0)
      while (performance.now() < end);
      return req.text() || 'ok'
    },
    { headersTimeout: LIMIT, bodyTimeout: LIMIT, requestTimeout: LIMIT },
  )
  const [blocker, head, body] = [await connect(), await connect(), await connect()]
  head.send('GET / HTTP/1.1\r\n')
  body.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nab')
  // The clients share the blocked loop: their second halves leave when it goes on.
  t.is((await blocker.get('/block')).status, 200)
  head.send('Host: a.test\r\n\r\n')
  body.send('cd')
  t.is((await head.reply()).text, 'ok')
  t.is((await body.reply()).text, 'abcd')
  t.deepEqual([server.stats().timeouts['head'], server.stats().timeouts['body']], [0, 0])
})
