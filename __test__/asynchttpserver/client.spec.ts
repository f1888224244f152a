import test from 'ava'
import type { Socket } from 'node:net'
import {
  type Callback,
  Http200,
  newHttpHeaders,
  sendHeaders,
} from '../../ts/asynchttpserver/index.ts'
import { serveNim } from './served.ts'
import { get } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'

const ok: Callback = (req) => req.respond(Http200, 'ok')

test('a connection becomes something else through client, and outlives its callback', async (t) => {
  const { connect, server, served } = await serveNim(t, async (req) => {
    t.true(req.headers.contains('connection', 'upgrade'))
    await req.client.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
    )
    const socket = req.client.takeover()
    t.is(req.client.takeover(), socket)
    socket.pipe(socket)
  })
  const client = await connect()
  // What is sent behind the request belongs to what comes then.
  client.send(`${get('/', 'Connection: Upgrade\r\nUpgrade: echo\r\n')}early`)
  t.regex((await client.through('\r\n\r\n')).toString(), /^HTTP\/1\.1 101 /)
  t.is((await client.exactly(5)).toString(), 'early')
  await within('close', Promise.all([server.close(), served]))
  for (const text of ['hello', 'x'.repeat(100_000)]) {
    client.send(text)
    t.is((await client.exactly(text.length)).toString(), text)
  }
  client.finish()
  await client.closed()
})

test('what is written by hand goes out at once, and ends with the callback', async (t) => {
  const go = gate()
  const { connect, errors } = await serveNim(t, async (req) => {
    await req.client.write('HTTP/1.1 200 OK\r\n')
    await sendHeaders(req, newHttpHeaders([['transfer-encoding', 'chunked']], true))
    await req.client.write(Buffer.from('\r\n3\r\nabc\r\n'))
    await go.promise
    await req.client.write('0\r\n\r\n')
  })
  const client = await connect()
  client.send(get('/'))
  const head = (await client.through('abc\r\n')).toString()
  t.is(head, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
  go.open()
  t.is((await within('the end', client.rest())).toString(), '0\r\n\r\n')
  t.deepEqual(errors, [])
})

test('client.close ends the connection behind what was written', async (t) => {
  const { connect, errors } = await serveNim(t, (req) => {
    if (req.url.path === '/nothing') return req.client.close()
    void req.client.write('x'.repeat(1_000_000))
    req.client.close()
  })
  const [one, two] = [await connect(), await connect()]
  t.is((await within('the end', one.send(get('/')).rest())).length, 1_000_000)
  await two.send(get('/nothing')).closed()
  t.deepEqual(errors, [])
})

test('client.close of a client that has left is no error', async (t) => {
  const [come, go, done] = [gate(), gate(), gate()]
  const { connect, errors } = await serveNim(t, async (req) => {
    if (req.url.path !== '/slow') return void (await ok(req))
    come.open()
    await go.promise
    req.client.close()
    setImmediate(() => done.open())
  })
  const [client, other] = [await connect(), await connect()]
  client.send(get('/slow'))
  await within('the request', come.promise)
  client.reset()
  for (let i = 0; i < 20; i++) await other.get('/')
  go.open()
  await within('the end', done.promise)
  t.is((await other.get('/')).text, 'ok')
  t.deepEqual(errors, [])
})

/** When the callback closes, with regard to its answer. */
const CLOSES: [name: string, callback: Callback][] = [
  [
    'at once',
    (req) => {
      void req.respond(Http200, 'ok')
      req.client.close()
    },
  ],
  [
    'when the answer is on its way',
    async (req) => {
      await req.respond(Http200, 'ok')
      req.client.close()
    },
  ],
  [
    'later',
    async (req) => {
      await req.respond(Http200, 'ok')
      await new Promise((resolve) => setTimeout(resolve, 20))
      req.client.close()
      req.client.close()
    },
  ],
  [
    'behind a late answer',
    async (req) => {
      await new Promise((resolve) => setImmediate(resolve))
      await req.respond(Http200, 'ok')
      req.client.close()
    },
  ],
]

for (const [name, callback] of CLOSES) {
  test(`client.close behind an answer ends the connection: ${name}`, async (t) => {
    const { connect, errors } = await serveNim(t, callback)
    const client = await connect()
    t.is((await client.get('/')).text, 'ok')
    await client.closed()
    t.deepEqual(errors, [])
  })
}

test('a connection that was taken has no other answer, and an answered one cannot be taken', async (t) => {
  const { connect, errors } = await serveNim(t, async (req) => {
    if (req.url.path === '/answered') {
      await req.respond(Http200, 'ok')
      t.throws(() => void req.client.write('x'), { code: 'ERR_INVALID_STATE' })
      t.throws(() => req.client.takeover(), { code: 'ERR_INVALID_STATE' })
      t.throws(() => void sendHeaders(req, { a: '1' }), { code: 'ERR_INVALID_STATE' })
      return
    }
    await req.client.write('by hand')
    t.throws(() => void req.respond(Http200, 'ok'), { code: 'ERR_INVALID_STATE' })
  })
  const [one, two] = [await connect(), await connect()]
  t.is((await one.get('/answered')).text, 'ok')
  t.is((await one.get('/answered')).text, 'ok')
  t.is((await within('the end', two.send(get('/')).rest())).toString(), 'by hand')
  t.deepEqual(errors, [])
})

test('a callback that fails behind what it has written cuts the connection', async (t) => {
  const { connect, errors } = await serveNim(t, async (req) => {
    await req.client.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
    throw new Error('boom')
  })
  const client = await connect()
  await t.throwsAsync(client.send(get('/')).reply())
  await until('the report', () => errors.length === 1)
})

test('what is sent behind a request that is answered by hand does not reset the answer', async (t) => {
  const { connect } = await serveNim(t, async (req) => {
    await req.client.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n')
    await req.client.write('x'.repeat(300_000))
  })
  for (let i = 0; i < 10; i++) {
    const client = await connect()
    const reply = client.send(get('/') + get('/').repeat(2000)).reply()
    t.is((await reply).body.length, 300_000)
    await client.closed()
  }
})

test('what is no data and no field line is not written', async (t) => {
  const { connect } = await serveNim(t, async (req) => {
    const { client } = req
    for (const bad of [7, null, undefined, {}, [1]]) {
      t.throws(() => void client.write(bad as never), { instanceOf: TypeError })
    }
    for (const bad of [
      { 'a b': 'c' },
      { a: 'b\r\nc: d' },
      { a: '\u20ac' },
      { a: 7 },
      null,
      'a: b',
      [['a']],
    ]) {
      t.throws(() => void sendHeaders(req, bad as never), { instanceOf: TypeError })
    }
    // None of it has taken the connection.
    t.false(client.isClosed)
    await ok(req)
  })
  const client = await connect()
  t.is((await client.get('/')).text, 'ok')
  t.is((await client.get('/')).text, 'ok')
})

test('writing to a client that has left is no error, and ends', async (t) => {
  const [come, go, done] = [gate(), gate(), gate<boolean>()]
  const { connect, errors } = await serveNim(t, async (req) => {
    await req.client.write('first')
    come.open()
    await go.promise
    for (let i = 0; i < 50 && !req.client.isClosed; i++) {
      await req.client.write('x'.repeat(100_000))
      await new Promise((resolve) => setImmediate(resolve))
    }
    done.open(req.client.isClosed)
  })
  const client = await connect()
  client.send(get('/'))
  await within('the request', come.promise)
  client.reset()
  go.open()
  t.true(await within('the end', done.promise))
  t.deepEqual(errors, [])
})

test('CONNECT makes a tunnel by hand, and is refused as any other request', async (t) => {
  const tunnel = gate<Socket>()
  const { connect, errors } = await serveNim(t, async (req) => {
    t.is(req.reqMethod, 'CONNECT')
    const { hostname, port } = req.url
    if (hostname === 'no.test') return req.respond(403, 'no')
    if (hostname === 'ok.test') return req.respond(200, 'no tunnel')
    await req.client.write(`HTTP/1.1 200 OK\r\nX-To: ${hostname}:${port}\r\n\r\n`)
    tunnel.open(req.client.takeover())
  })
  const ask = (host: string): string => `CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n\r\n`
  const [one, two, three] = [await connect(), await connect(), await connect()]
  const refused = await one.send(ask('no.test')).reply('CONNECT')
  t.deepEqual([refused.status, refused.header('connection'), refused.text], [403, 'close', 'no'])
  await one.closed()
  t.is((await two.send(ask('ok.test')).reply()).status, 501)
  await two.closed()
  t.deepEqual(errors, [])
  const head = (await three.send(ask('to.test')).through('\r\n\r\n')).toString()
  t.regex(head, /X-To: to\.test:443/)
  const socket = await within('the tunnel', tunnel.promise)
  socket.pipe(socket)
  t.is((await three.send('through').exactly(7)).toString(), 'through')
  three.finish()
  await three.closed()
})
