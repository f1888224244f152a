import test from 'ava'
import { bytes, empty, json, reply as respond, stream, text } from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { inParallel, serve } from '../support/service.ts'

// The timed sequences of cases/http-cases.json that need no time-outs, files or takeover; 002 and 025
// are in intake.spec.ts, 027 in upgrade.spec.ts, 037 and 040 in stream.spec.ts.

const HEAD = 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n'

test('SEQ-001: 100 comes before the body is sent, then the answer; the connection stays', async (t) => {
  const { connect } = await serve(t, (req) => req.text())
  const client = await connect()
  for (let i = 0; i < 2; i++) {
    client.send(`${HEAD}Expect: 100-continue\r\n\r\n`)
    const interim = await within('100', client.through('\r\n\r\n'))
    t.is(interim.toString(), 'HTTP/1.1 100 Continue\r\n\r\n')
    t.is(client.unread, 0)
    const reply = await client.send('0123456789').reply()
    t.is(reply.text, '0123456789')
    t.deepEqual(reply.interim, [])
  }
})

test('SEQ-001: no 100 when the body has come with the head', async (t) => {
  const { connect } = await serve(t, (req) => req.text())
  const client = await connect()
  const reply = await client.send(`${HEAD}Expect: 100-continue\r\n\r\n0123456789`).reply()
  t.is(reply.text, '0123456789')
  t.deepEqual(reply.interim, [])
})

test('an expectation behind a GET gets its 100 after the answer of the GET', async (t) => {
  const held = gate()
  const { connect } = await serve(t, async (req) => {
    if (req.path === '/held') await held.promise
    return req.path + req.text()
  })
  const [client, witness] = [await connect(), await connect()]
  client.send(`${get('/held')}${HEAD}Expect: 100-continue\r\n\r\n`)
  for (let i = 0; i < 3; i++) await witness.get('/')
  t.true(client.isQuiet)
  held.open()
  t.is((await client.reply()).text, '/held')
  t.is(
    (await within('100', client.through('\r\n\r\n'))).toString(),
    'HTTP/1.1 100 Continue\r\n\r\n',
  )
  t.is((await client.send('0123456789').reply()).text, '/0123456789')
})

test('an expectation of too large a body gets 413 and no 100', async (t) => {
  const { connect } = await serve(t, () => 'ok', { maxBodySize: 9 })
  const client = await connect()
  const reply = await client.send(`${HEAD}Expect: 100-continue\r\n\r\n`).reply()
  t.is(reply.status, 413)
  t.deepEqual(reply.interim, [])
  await client.closed()
})

test('SEQ-004: FIN after a full request: the whole response, then close', async (t) => {
  const { connect } = await serve(t, async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return 'x'.repeat(1 << 20)
  })
  const client = await connect()
  client.send(get('/')).finish()
  t.is((await client.reply()).body.length, 1 << 20)
  await client.closed()
})

for (const bytesOf of ['', 'GET / HT', `${HEAD}\r\nabc`]) {
  test(`SEQ-006: FIN after ${JSON.stringify(bytesOf.slice(-8))}: close, and no handler call`, async (t) => {
    let calls = 0
    const { connect } = await serve(t, () => String(++calls))
    const client = await connect()
    await client.send(bytesOf).finish().closed()
    t.is(calls, 0)
  })
}

test('SEQ-006: FIN inside a chunked body: close, and no handler call', async (t) => {
  let calls = 0
  const { connect } = await serve(t, () => String(++calls))
  const client = await connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
  await client.finish().closed()
  t.is(calls, 0)
})

test('SEQ-008: FIN on an idle connection is answered with FIN', async (t) => {
  const { connect } = await serve(t, () => 'ok')
  const client = await connect()
  t.is((await client.get('/')).text, 'ok')
  await client.finish().closed()
})

for (const isStreamed of [false, true]) {
  test(`SEQ-009: RST while the handler runs: an abort, and the late answer is dropped: ${isStreamed}`, async (t) => {
    const [arrived, aborted] = [gate(), gate()]
    let cancels = 0
    const late = new ReadableStream<string>({ cancel: () => void cancels++ })
    const { server, connect, errors } = await serve(t, async (req) => {
      if (req.path === '/') return 'ok'
      req.signal.addEventListener('abort', () => aborted.open())
      arrived.open()
      await aborted.promise
      return isStreamed ? stream(late) : 'late'
    })
    const [client, witness] = [await connect(), await connect()]
    client.send(get('/late'))
    await within('handler', arrived.promise)
    client.reset()
    await within('abort', aborted.promise)
    await until('the end of the connection', () => server.stats().connections.open === 1)
    t.is((await witness.get('/')).text, 'ok')
    await until('cancel', () => cancels === Number(isStreamed))
    t.deepEqual(errors, [])
  })
}

test('SEQ-020: a handler that never answers: open, and the close of the client ends it', async (t) => {
  const aborted = gate()
  const { connect } = await serve(t, (req) => {
    if (req.path === '/') return 'ok'
    req.signal.addEventListener('abort', () => aborted.open())
    return new Promise<string>(() => undefined)
  })
  const [client, witness] = [await connect(), await connect()]
  client.send(get('/never'))
  for (let i = 0; i < 20; i++) await witness.get('/')
  t.true(client.isQuiet)
  client.finish()
  await within('abort', aborted.promise)
  t.pass()
})

test('SEQ-021: five pipelined requests answered last first: answers in request order', async (t) => {
  const answers: (() => void)[] = []
  const { connect } = await serve(t, (req) => {
    const answer = new Promise<string>((resolve) => answers.push(() => resolve(req.path)))
    if (answers.length === 5) for (const one of answers.toReversed()) setImmediate(one)
    return answer
  })
  const client = await connect()
  client.send([1, 2, 3, 4, 5].map((i) => get(`/${i}`)).join(''))
  for (const i of [1, 2, 3, 4, 5]) t.is((await client.reply()).text, `/${i}`)
})

test('SEQ-023: nothing behind a Connection: close reaches the handler', async (t) => {
  const seen: string[] = []
  const { connect } = await serve(t, (req) => {
    seen.push(req.path)
    return req.path
  })
  const client = await connect()
  client.send(get('/1') + get('/2', 'Connection: close\r\n') + get('/3'))
  t.is((await client.reply()).header('connection'), undefined)
  const last = await client.reply()
  t.is(last.text, '/2')
  t.is(last.header('connection'), 'close')
  await client.closed()
  t.deepEqual(seen, ['/1', '/2'])
})

test('SEQ-024: a bad request behind a slow one: its 200 first, then 400, then close', async (t) => {
  const held = gate()
  const { connect } = await serve(t, async (req) => {
    if (req.path === '/slow') await held.promise
    return req.path
  })
  const [client, witness] = [await connect(), await connect()]
  client.send(`${get('/slow')}BAD\r\n\r\n${get('/3')}`)
  for (let i = 0; i < 3; i++) await witness.get('/')
  t.true(client.isQuiet)
  held.open()
  t.is((await client.reply()).text, '/slow')
  const refusal = await client.reply()
  t.is(refusal.status, 400)
  t.is(refusal.header('connection'), 'close')
  await client.closed()
})

test('SEQ-029, SEQ-030: 204 and 304 with a body send none, and the next response parses', async (t) => {
  const { connect } = await serve(t, (req) => {
    const status = Number(req.path.slice(1))
    return status === 200 ? 'ok' : respond(status, 'a body')
  })
  const client = await connect()
  client.send(get('/204') + get('/200') + get('/304') + get('/200'))
  const first = await client.reply()
  t.is(first.status, 204)
  t.is(first.header('content-length'), undefined)
  t.is((await client.reply()).text, 'ok')
  const third = await client.reply()
  t.is(third.status, 304)
  t.true([undefined, '6'].includes(third.header('content-length')))
  t.is((await client.reply()).text, 'ok')
})

test('SEQ-031: 1xx as a final status is refused, 500 to the client', async (t) => {
  const { connect, errors } = await serve(t, (req) =>
    text('x', { status: Number(req.path.slice(1)) }),
  )
  const client = await connect()
  for (const status of [100, 101, 103, 199]) t.is((await client.get(`/${status}`)).status, 500)
  t.is(errors.length, 4)
  for (const { error } of errors) t.true(error instanceof RangeError)
})

test('SEQ-033: CR LF in a reason phrase, a name or a value is refused', async (t) => {
  const INIT = [
    { statusText: 'O\r\nK' },
    { headers: { 'a\r\nb': 'c' } },
    { headers: { a: 'b\r\nc: d' } },
    { headers: [['a', 'b\nc: d']] as [string, string][] },
  ]
  const { connect, errors } = await serve(t, (req) => json({}, INIT[Number(req.path.slice(1))]))
  const client = await connect()
  for (const i of INIT.keys()) t.is((await client.get(`/${i}`)).status, 500)
  t.is(errors.length, INIT.length)
})

test('SEQ-036: a handler that sets both length and coding gets neither through', async (t) => {
  const headers = { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }
  const { connect, errors } = await serve(t, () => text('hello', { headers }))
  t.is((await (await connect()).get('/')).status, 500)
  t.is(errors.length, 1)
})

test('SEQ-045: a graceful close with 100 idle, 10 in flight and 5 half heads', async (t) => {
  const held = gate()
  let arrived = 0
  const { server, connect } = await serve(t, async (req) => {
    if (req.path === '/') return 'ok'
    arrived++
    await held.promise
    return 'held'
  })
  const many = (count: number) => Promise.all(Array.from({ length: count }, () => connect()))
  const [idle, busy, half] = [await many(100), await many(10), await many(5)]
  for (const client of half) client.send('GET / HTTP/1.1\r\nHost')
  for (const client of busy) client.send(get('/held'))
  await Promise.all(idle.map((client) => client.get('/')))
  await until('all in flight', () => arrived === 10)
  let closes = 0
  const closed = server.close().then(() => closes++)
  await Promise.all([...idle, ...half].map((client) => client.closed()))
  t.is(closes, 0)
  held.open()
  for (const client of busy) {
    t.is((await client.reply()).header('connection'), 'close')
    await client.closed()
  }
  await within('close', closed)
  t.is(closes, 1)
})

test('SEQ-046: requests pipelined behind the running one at close are answered too', async (t) => {
  const held = gate()
  const arrived = gate()
  const { server, connect } = await serve(t, async (req) => {
    arrived.open()
    await held.promise
    return req.text()
  })
  const client = await connect()
  client.send(Buffer.concat([post('/', 'first'), post('/', 'second')]))
  await within('arrival', arrived.promise)
  const closed = server.close()
  held.open()
  const [first, second] = [await client.reply(), await client.reply()]
  t.deepEqual([first.text, first.header('connection')], ['first', undefined])
  t.deepEqual([second.text, second.header('connection')], ['second', 'close'])
  await client.closed()
  await within('close', closed)
})

test('heads that come in pieces are counted by connection', async (t) => {
  const { connect } = await serve(t, (req) => String(req.headers.size), { ioThreads: 1 })
  const lines = Array.from({ length: 20 }, (_, i) => `X-${i}: v\r\n`)
  const numbers = Array.from({ length: 20 }, (_, i) => i)
  const clients = await Promise.all(numbers.map(() => connect()))
  for (const line of ['GET / HTTP/1.1\r\nHost: a\r\n', ...lines]) {
    for (const client of clients) await client.sendBytewise(Buffer.from(line))
  }
  await inParallel(clients, 20, async (client) => {
    t.is((await client.send('\r\n').reply()).text, '21')
  })
})

test('an answer of bytes, nothing and text on one connection parse one behind the other', async (t) => {
  const answers = [bytes(new Uint8Array(3)), empty(), 'x', respond(404), empty(205), empty(200)]
  const { connect } = await serve(t, (req) => answers[Number(req.path.slice(1))] ?? 'none')
  const client = await connect()
  client.send(answers.map((_, i) => get(`/${i}`)).join(''))
  const lengths = ['3', undefined, '1', '0', '0', '0']
  for (const length of lengths) t.is((await client.reply()).header('content-length'), length)
})
