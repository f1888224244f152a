import test, { type ExecutionContext } from 'ava'
import { once } from 'node:events'
import {
  type AddressInfo,
  createConnection,
  createServer as createRelay,
  type Socket,
} from 'node:net'
import { createServer, type DrainOptions, Router, type Server, sse, text } from '../../ts/index.ts'
import { Client, get, post } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { refused } from '../support/place.ts'
import { connectFor, serve } from '../support/service.ts'

/** Whether an answer says that its connection ends. */
const closes = (headers: readonly (readonly [string, string])[]): boolean =>
  headers.some(([name, value]) => name.toLowerCase() === 'connection' && value === 'close')

/** Passes bytes, ends and resets on, each 2 ms late, as a network does. */
async function relayTo(t: ExecutionContext, port: number): Promise<number> {
  const late = (act: () => void): void => void setTimeout(act, 2)
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (bytes) => late(() => void to.write(bytes)))
    from.on('end', () => late(() => void to.end()))
    from.on('error', () => late(() => void to.resetAndDestroy()))
  }
  const relay = createRelay({ allowHalfOpen: true }, (client) => {
    const server = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [client, server]) socket.setNoDelay(true)
    pass(client, server)
    pass(server, client)
  })
  await once(relay.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => void relay.close())
  return (relay.address() as AddressInfo).port
}

/** Posts on one connection until an answer is its last; says how that went. */
async function postOn(port: number, posted: () => void): Promise<'closed' | 'unanswered'> {
  const client = await Client.connect(port)
  try {
    for (;;) {
      client.send(post('/', 'x'.repeat(100)))
      const { status, headers } = await client.reply('POST')
      if (status !== 200) return 'unanswered'
      if (closes(headers)) return 'closed'
      posted()
    }
  } catch {
    return 'unanswered'
  } finally {
    client.socket.destroy()
  }
}

const CLIENTS = 300

/** How many of the clients got no answer to a request of theirs, with this end of their server. */
async function lostBy(
  t: ExecutionContext,
  end: (server: Server) => Promise<unknown>,
): Promise<number> {
  const { server, port } = await serve(t, (req) => text(`${req.body.length}`))
  const relay = await relayTo(t, port)
  const counts = Array.from({ length: CLIENTS }, () => 0)
  const clients = counts.map((_, i) => postOn(relay, () => void (counts[i] = (counts[i] ?? 0) + 1)))
  // Not earlier: who has yet to connect is refused.
  await until('each has its answers', () => counts.every((count) => count >= 3))
  const [ends] = await within('all ends', Promise.all([Promise.all(clients), end(server)]))
  t.is(ends.length, CLIENTS)
  return ends.filter((how) => how !== 'closed').length
}

test('drain loses no request of 300 clients that post back to back', async (t) => {
  // It is over with the last connection: the time is for a machine that stands still in the middle of it.
  t.is(await lostBy(t, (server) => server.drain({ keepAliveGrace: 60_000 })), 0)
})

test('close in its place loses some', async (t) => {
  t.true((await lostBy(t, (server) => server.close())) > 0)
})

test('while the duck is lame clients are accepted and served, each answer the last one', async (t) => {
  const router = new Router()
  router.get('/', () => 'ok')
  router.static('/static', 'ok')
  const { server, connect } = await serve(t, router)
  const idle = await connect()
  t.false(closes((await idle.get('/')).headers))
  const drained = server.drain({ lameDuck: 60_000, keepAliveGrace: 0 })
  t.true(server.listening)
  for (const path of ['/', '/static', '/none']) {
    const client = await connect()
    t.true(closes((await client.get(path)).headers), path)
    await client.closed()
  }
  t.true(closes((await idle.get('/')).headers))
  await idle.closed()
  t.true(server.listening)
  void server.close()
  await within('drain', drained)
})

test('a lame duck is one as long as it was told', async (t) => {
  const { server, port } = await serve(t, () => 'ok')
  const drained = server.drain({ lameDuck: 20, keepAliveGrace: 0 })
  t.true(server.listening)
  await within('drain', drained)
  t.false(server.listening)
  await refused(port)
})

test('behind that nobody is accepted, and idle connections bring what is under way', async (t) => {
  const { server, port, connect } = await serve(t, (req) => req.path)
  const [used, fresh] = [await connect(), await connect()]
  await used.get('/')
  const drained = server.drain({ keepAliveGrace: 60_000 })
  t.false(server.listening)
  await refused(port)
  t.true(used.isQuiet && fresh.isQuiet)
  for (const client of [used, fresh]) {
    t.true(closes((await client.get('/late')).headers))
    await client.closed()
  }
  // With the last connection the server is gone, whatever is left of the time.
  t.deepEqual(await within('drain', drained), { cut: 0 })
})

test('behind the grace an idle connection gets FIN and is read on', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', { lingerTimeout: 60_000 })
  const client = await connect()
  await client.get('/')
  const drained = server.drain({ keepAliveGrace: 50 })
  await client.rest()
  // Too late for an answer, but no reset.
  client.send(get('/')).send(get('/'))
  await new Promise((resolve) => setImmediate(resolve))
  client.finish()
  await client.closed()
  t.deepEqual(await within('drain', drained), { cut: 0 })
})

test('requests under way are answered, pipelined ones too, the last one with close', async (t) => {
  const held = gate()
  const { server, connect } = await serve(t, async (req) => {
    if (req.path === '/held') await held.promise
    return req.path
  })
  const client = await connect()
  client.send(get('/held') + get('/one') + get('/two'))
  await until('they have come', () => server.stats().requests === 3)
  const drained = server.drain()
  held.open()
  const replies = [await client.reply(), await client.reply(), await client.reply()]
  t.deepEqual(
    replies.map(({ body, headers }) => [body.toString(), closes(headers)]),
    [
      ['/held', false],
      ['/one', false],
      ['/two', true],
    ],
  )
  await client.closed()
  t.deepEqual(await drained, { cut: 0 })
})

for (const ioThreads of [1, 3]) {
  test(`a request whose head has begun is waited for, unless close is called, on ${ioThreads} threads`, async (t) => {
    for (const closesAfter of [false, true]) {
      const { server, connect } = await serve(t, (req) => req.path, { ioThreads })
      const clients = await Promise.all(Array.from({ length: ioThreads }, () => connect()))
      const idle = await connect()
      for (const client of clients) client.send('GET /late HTTP/1.1\r\nHo')
      const sent = 'GET /late HTTP/1.1\r\nHo'.length * ioThreads
      await until('the heads have begun', () => server.stats().bytes.in === sent)
      const drained = server.drain({ keepAliveGrace: 10 })
      await idle.closed()
      const closed = closesAfter ? server.close() : undefined
      for (const client of clients) {
        if (!closesAfter) {
          const { body, headers } = await client.send('st: a\r\n\r\n').reply()
          t.is(body.toString(), '/late')
          t.true(closes(headers))
        }
        await client.closed()
      }
      await closed
      t.deepEqual(await within('drain', drained), { cut: 0 })
    }
  })

  test(`the time-out ends a lame duck as well, on ${ioThreads} threads`, async (t) => {
    const { server, port, connect } = await serve(t, () => new Promise<string>(() => undefined), {
      ioThreads,
    })
    const clients = await Promise.all(Array.from({ length: 3 }, () => connect()))
    for (const client of clients.slice(1)) client.send(get('/'))
    await until('they have come', () => server.stats().requests === 2)
    const drained = server.drain({ lameDuck: 1e9, timeout: 100 })
    t.deepEqual(await within('drain', drained), { cut: 2 })
    for (const client of clients) await client.gone()
    await refused(port)
    t.false(server.listening)
  })
}

test('the time-out cuts, and the result says how many', async (t) => {
  const { server, connect } = await serve(t, () => new Promise<string>(() => undefined))
  const clients = [await connect(), await connect(), await connect()]
  // The third is idle: nothing of it is lost.
  for (const client of clients.slice(0, 2)) client.send(get('/'))
  await until('they have come', () => server.stats().requests === 2)
  t.deepEqual(await within('drain', server.drain({ timeout: 100 })), { cut: 2 })
  for (const client of clients) await client.gone()
})

test('a second drain is the first, and close ends the waiting of any', async (t) => {
  const phases: DrainOptions[] = [{ lameDuck: 60_000 }, { keepAliveGrace: 60_000 }]
  for (const ioThreads of [1, 3]) {
    for (const options of phases) {
      const { server, connect } = await serve(t, () => 'ok', { ioThreads })
      const clients = [await connect(), await connect(), await connect()]
      for (const client of clients) await client.get('/')
      const drained = server.drain(options)
      t.is(server.drain(), drained)
      const closed = server.close()
      for (const client of clients) await client.closed()
      await within('close', closed)
      t.deepEqual(await drained, { cut: 0 })
    }
  }
})

test('close is heard by threads whose first one has ended', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', { ioThreads: 2 })
  // Dealt out in turn: the first to thread 0, the second to thread 1.
  const [first, second] = [await connect(), await connect()]
  for (const client of [first, second]) await client.get('/')
  const drained = server.drain({ keepAliveGrace: 60_000 })
  await first.get('/')
  await first.closed()
  first.socket.destroy()
  await until('the first is gone', () => server.stats().connections.open === 1)
  await within('close', server.close())
  await second.closed()
  t.deepEqual(await drained, { cut: 0 })
})

test('a drain behind close says what was cut, and one of no server nothing', async (t) => {
  const { server, connect } = await serve(t, () => 'ok')
  await (await connect()).get('/')
  const closed = server.close()
  t.deepEqual(await server.drain(), { cut: 0 })
  await closed
  t.deepEqual(await server.drain(), { cut: 0 })
  t.deepEqual(await createServer(() => 'ok').drain(), { cut: 0 })
})

test('the signal aborts when the server begins to end, and a new run has another one', async (t) => {
  const ends: ((server: Server) => Promise<unknown>)[] = [
    (one) => one.drain(),
    (one) => one.close(),
  ]
  const server = createServer(() => {
    async function* forEver(): AsyncGenerator<string> {
      yield 'begun'
      const { signal } = server
      if (!signal.aborted) await once(signal, 'abort')
      yield 'ended'
    }
    return sse(forEver())
  })
  for (const end of ends) {
    await server.listen(0, '127.0.0.1')
    t.false(server.signal.aborted)
    const client = await connectFor(t, (server.address() as AddressInfo).port)
    client.send(get('/'))
    await client.through('begun')
    const ended = end(server)
    t.true(server.signal.aborted)
    t.regex((await client.rest()).toString(), /data: ended/)
    client.socket.destroy()
    await within('end', ended)
  }
})

test('a connection that was taken over is not waited for', async (t) => {
  const { server, connect } = await serve(t, (req) => {
    req.takeover().write('mine')
    return ''
  })
  const client = await connect()
  client.send(get('/'))
  await client.through('mine')
  t.deepEqual(await within('drain', server.drain({ keepAliveGrace: 60_000 })), { cut: 0 })
  t.true(client.isOpen)
})

for (const value of [null, 1, 'x', [], () => undefined]) {
  test(`drain(${typeof value === 'function' ? 'a function' : JSON.stringify(value)}) is refused`, (t) => {
    const message = /^options must be an object, got /
    const server = createServer(() => 'ok')
    t.throws(() => server.drain(value as never), { instanceOf: TypeError, message })
    t.throws(() => server.ready('/', value as never), { instanceOf: TypeError, message })
  })
}

for (const name of ['lameDuck', 'keepAliveGrace', 'timeout']) {
  test(`drain: ${name} is a number of milliseconds`, (t) => {
    const server = createServer(() => 'ok')
    for (const value of [-1, 1.5, '1', null, Infinity]) {
      const error = t.throws(() => server.drain({ [name]: value as never }))
      t.regex(error?.message ?? '', new RegExp(`^${name} must be`))
    }
    t.throws(() => server.drain({ [`${name}s`]: 1 } as never), {
      message: new RegExp(`mean ${name}`),
    })
  })
}
