import test from 'ava'
import type { Socket } from 'node:net'
import {
  type Callback,
  Http200,
  Http404,
  HttpHeaders,
  type Request,
  sendHeaders,
} from '../../ts/asynchttpserver/index.ts'
import { serveNim } from './served.ts'
import { get, post } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'

const ok: Callback = (req) => req.respond(Http200, 'ok')

test('a callback sees the request in its parts', async (t) => {
  const seen = gate<Request>()
  const { connect } = await serveNim(t, async (req) => {
    if (req.reqMethod === 'POST') seen.open(req)
    await ok(req)
  })
  const client = await connect()
  client.send(
    post(
      '/a%20b?q=1',
      'h\u00e9',
      'X-List: a, b\r\nx-list: "c,d"\r\nCookie: a=1\r\nCookie: b=2\r\n',
    ),
  )
  await client.reply()
  const req = await within('the request', seen.promise)
  // Q7: the next request does not change this one.
  await client.get('/other', 'X-List: other\r\n')
  t.is(req.reqMethod, 'POST')
  t.deepEqual(req.protocol, { orig: 'HTTP/1.1', major: 1, minor: 1 })
  t.deepEqual([req.url.path, req.url.query, req.hostname], ['/a%20b', 'q=1', '127.0.0.1'])
  t.is(req.body, 'h\u00e9')
  t.deepEqual([...req.bodyBytes], [0x68, 0xc3, 0xa9])
  t.deepEqual([...req.headers.getAll('X-LIST')], ['a, b', '"c,d"'])
  t.deepEqual([...req.headers.getAll('cookie')], ['a=1', 'b=2'])
  t.is(req.headers, req.headers)
  req.headers.set('x-own', '1')
  t.is(req.headers.get('X-Own'), '1')
})

test('a body may be as long as maxBody, however it is framed and whatever the method', async (t) => {
  const { connect } = await serveNim(t, (req) => req.respond(200, String(req.body.length)), {
    maxBody: 10,
  })
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    for (const [length, status] of [
      [10, 200],
      [11, 413],
    ] as const) {
      const bodies = [
        `Content-Length: ${length}\r\n\r\n${'x'.repeat(length)}`,
        `Transfer-Encoding: chunked\r\n\r\n${length.toString(16)}\r\n${'x'.repeat(length)}\r\n0\r\n\r\n`,
        `Transfer-Encoding: chunked\r\n\r\n5\r\nxxxxx\r\n${(length - 5).toString(16)}\r\n${'x'.repeat(length - 5)}\r\n0\r\n\r\n`,
      ]
      for (const body of bodies) {
        const client = await connect()
        const reply = await client.send(`${method} / HTTP/1.1\r\nHost: a\r\n${body}`).reply()
        t.is(reply.status, status)
        if (status === 200) t.is(reply.text, String(length))
        else await client.closed()
      }
    }
  }
})

test('headerLimit field lines are served, one more is 431', async (t) => {
  const { connect } = await serveNim(t, (req) => req.respond(200, String(req.headers.len)))
  const lines = (count: number): string =>
    Array.from({ length: count - 1 }, (_, i) => `h${i}: 1\r\n`).join('')
  const client = await connect()
  t.is((await client.get('/', lines(10_000))).text, '10000')
  const refused = await connect()
  t.is((await refused.get('/', lines(10_001))).status, 431)
  await refused.closed()
  const large = await connect()
  t.is((await large.get('/', `a: ${'x'.repeat(200_000)}\r\n`)).status, 431)
})

test('whoever answers late, or fails behind the answer, is reported and harms nobody', async (t) => {
  const { connect, errors } = await serveNim(t, async (req) => {
    await ok(req)
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error('late')
  })
  const client = await connect()
  for (let i = 1; i <= 3; i++) {
    t.is((await client.get('/')).text, 'ok')
    await until('the report', () => errors.length === i)
  }
  t.is(String(errors[0]), 'Error: late')
})

test('a synchronous callback that fails behind the answer is reported, and the answer is sent', async (t) => {
  const { connect, errors } = await serveNim(t, (req) => {
    void req.respond(Http200, 'ok')
    throw new Error('behind')
  })
  t.is((await (await connect()).get('/')).text, 'ok')
  t.deepEqual(errors.map(String), ['Error: behind'])
})

test('an answer behind the end of its callback is too late, and reported', async (t) => {
  const late = gate()
  const { connect, errors } = await serveNim(t, (req) => {
    setImmediate(() => void req.respond(Http200, 'late').then(() => late.open()))
  })
  const client = await connect()
  t.is((await client.get('/')).status, 500)
  await within('the late answer', late.promise)
  t.regex(errors.map(String).join(), /ended without an answer.*had ended before it answered/)
})

test('a callback without an answer is no success, also for a client that has ended its side', async (t) => {
  const { connect } = await serveNim(t, async () => {
    // Long enough for the end to be read.
    for (let i = 0; i < 500; i++) await new Promise((resolve) => setImmediate(resolve))
  })
  const client = await connect()
  client.send(post('/', 'x'))
  client.socket.end()
  t.is((await client.reply()).status, 500)
})

test('an onError that fails harms nobody', async (t) => {
  const failing = (): never => {
    throw new Error('onError')
  }
  const printed: unknown[][] = []
  const { error } = console
  console.error = (...args) => void printed.push(args)
  t.teardown(() => (console.error = error))
  const options = { onError: failing }
  const callback: Callback = async (req) => {
    if (req.url.path === '/answered') await ok(req)
    throw new Error('boom')
  }
  const { connect } = await serveNim(t, callback, options)
  const client = await connect()
  t.is((await client.get('/answered')).text, 'ok')
  t.is((await client.get('/')).status, 500)
  t.is((await client.get('/answered')).text, 'ok')
  await until('what is printed', () => printed.length >= 3)
})

test('an answer to a client that is gone is dropped', async (t) => {
  const [come, go, answered] = [gate(), gate(), gate()]
  const { connect, errors } = await serveNim(t, async (req) => {
    if (req.url.path !== '/slow') return void (await ok(req))
    come.open()
    await go.promise
    await req.respond(Http200, 'late')
    answered.open()
  })
  const [client, other] = [await connect(), await connect()]
  client.send(get('/slow'))
  await within('the request', come.promise)
  client.reset()
  t.is((await other.get('/')).text, 'ok')
  go.open()
  await within('the answer', answered.promise)
  t.is((await other.get('/')).text, 'ok')
  t.deepEqual(errors, [])
})

test('a callback that gives up because its client has gone is no failure', async (t) => {
  const [come, go, done] = [gate(), gate(), gate()]
  const { connect, errors } = await serveNim(t, async (req) => {
    if (req.url.path !== '/slow') return void (await ok(req))
    come.open()
    await go.promise
    setImmediate(() => done.open())
  })
  const [client, other] = [await connect(), await connect()]
  client.send(get('/slow'))
  await within('the request', come.promise)
  client.reset()
  for (let i = 0; i < 20; i++) await other.get('/')
  go.open()
  await within('the end', done.promise)
  t.deepEqual(errors, [])
})

test('requests of one connection are handled one after the other', async (t) => {
  let [running, most] = [0, 0]
  const { connect } = await serveNim(t, async (req) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
    await req.respond(Http200, req.url.path)
  })
  const client = await connect()
  client.send(Array.from({ length: 20 }, (_, i) => get(`/${i}`)).join(''))
  for (let i = 0; i < 20; i++) t.is((await client.reply()).text, `/${i}`)
  t.is(most, 1)
})

test('two servers of a process know nothing of each other', async (t) => {
  const [one, two] = [
    await serveNim(t, (req) => req.respond(Http200, 'one')),
    await serveNim(t, (req) => req.respond(Http200, 'two')),
  ]
  const clients = [await one.connect(), await two.connect()] as const
  t.deepEqual([(await clients[0].get('/')).text, (await clients[1].get('/')).text], ['one', 'two'])
  clients[0].finish()
  await one.server.close()
  await one.served
  t.is((await clients[1].get('/')).text, 'two')
})

test('close answers what was received', async (t) => {
  const [come, go] = [gate(), gate()]
  const { connect, server, served } = await serveNim(t, async (req) => {
    come.open()
    await go.promise
    await ok(req)
  })
  const client = await connect()
  client.send(get('/'))
  await within('the request', come.promise)
  const closed = server.close()
  go.open()
  const reply = await client.reply()
  t.deepEqual([reply.text, reply.header('connection')], ['ok', 'close'])
  await client.closed()
  await within('close', Promise.all([closed, served]))
})

test('close cuts a callback that never ends, if it is told when', async (t) => {
  const come = gate()
  const { connect, server, served } = await serveNim(t, () => {
    come.open()
    return new Promise(() => undefined)
  })
  const client = await connect()
  client.send(get('/'))
  await within('the request', come.promise)
  await t.throwsAsync(server.close({ timeout: -1 }), { instanceOf: RangeError })
  await within('close', Promise.all([server.close({ timeout: 10 }), served]))
  await client.gone()
})

test('a Socket that is taken is a socket of node', async (t) => {
  const taken = gate<Socket>()
  const { connect } = await serveNim(t, (req) => taken.open(req.client.takeover()))
  const client = await connect()
  client.send(get('/'))
  const socket = await within('the socket', taken.promise)
  const headers = new HttpHeaders([['a', '1']])
  t.is(String(headers), 'a: 1\r\n')
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
  t.is((await client.reply()).status, Number(Http404))
  t.is(typeof sendHeaders, 'function')
})
