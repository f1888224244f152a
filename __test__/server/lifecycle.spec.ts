import test, { type ExecutionContext } from 'ava'
import { once } from 'node:events'
import { createServer, type Server, type ServerOptions } from '../../ts/index.ts'
import { Client, get, post } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { connectFor, serve } from '../support/service.ts'

/** A server whose answers to /held wait for a gate. */
async function holding(t: ExecutionContext, options: ServerOptions = {}) {
  const held = gate()
  const arrived = new Set<string>()
  const service = await serve(
    t,
    async (req) => {
      if (!req.path.startsWith('/held')) return 'ok'
      arrived.add(req.path)
      await held.promise
      return `answer to ${req.path}`
    },
    options,
  )
  const hold = async (path = '/held'): Promise<Client> => {
    const client = await service.connect()
    client.send(get(path))
    await until(`arrival of ${path}`, () => arrived.has(path))
    return client
  }
  return { ...service, held, hold }
}

test('close answers what was received, with Connection: close, and drops idle connections', async (t) => {
  const { server, held, hold, connect, port } = await holding(t)
  const idle = await connect()
  const used = await connect()
  t.is((await used.get('/')).text, 'ok')
  const inFlight = await Promise.all([hold('/held/1'), hold('/held/2')])
  let isClosed = false
  const closed = server.close().then(() => (isClosed = true))
  t.false(server.listening)
  t.is(server.address(), null)
  await idle.closed()
  await used.closed()
  await t.throwsAsync(Client.connect(port), { code: 'ECONNREFUSED' })
  t.false(isClosed)
  held.open()
  for (const [i, client] of inFlight.entries()) {
    const reply = await client.reply()
    t.is(reply.text, `answer to /held/${i + 1}`)
    t.is(reply.header('connection'), 'close')
    await client.closed()
  }
  await within('close', closed)
})

test('close answers pipelined requests too; the last answer alone carries Connection: close', async (t) => {
  const { server, held, hold } = await holding(t)
  const client = await hold()
  client.send(get('/held/2') + get('/3'))
  const witness = await hold('/held/witness')
  const closed = server.close()
  held.open()
  const replies = [await client.reply(), await client.reply(), await client.reply()]
  t.deepEqual(
    replies.map((reply) => [reply.text, reply.header('connection')]),
    [
      ['answer to /held', undefined],
      ['answer to /held/2', undefined],
      ['ok', 'close'],
    ],
  )
  await client.closed()
  t.is((await witness.reply()).header('connection'), 'close')
  await within('close', closed)
})

for (const ioThreads of [1, 4]) {
  test(`an answer given right after close carries Connection: close, on ${ioThreads} threads`, async (t) => {
    const { server, held, hold } = await holding(t, { ioThreads })
    const paths = Array.from({ length: 32 }, (_, i) => `/held/${i}`)
    const clients = await Promise.all(paths.map(hold))
    const closed = server.close()
    held.open()
    const replies = await Promise.all(clients.map((client) => client.reply()))
    t.deepEqual(
      replies.map((reply) => reply.header('connection')),
      paths.map(() => 'close'),
    )
    await within('close', closed)
  })
}

for (const ioThreads of [1, 4]) {
  test(`the answer of a handler that calls close carries Connection: close, on ${ioThreads} threads`, async (t) => {
    let missing = 0
    for (let round = 0; round < 50; round++) {
      const { server, connect } = await serve(
        t,
        (req) => {
          if (req.path === '/close') void server.close()
          return 'ok'
        },
        { ioThreads, lingerTimeout: 50 },
      )
      // One connection on each thread; the last one asks.
      const clients = await Promise.all(Array.from({ length: ioThreads }, () => connect()))
      for (const client of clients) t.is((await client.get('/')).text, 'ok')
      const reply = await (clients[round % ioThreads] as Client).get('/close')
      if (reply.header('connection') !== 'close') missing++
      await within('close', server.close())
    }
    t.is(missing, 0)
  })
}

test('close drops half a head at once and waits for a body that was begun', async (t) => {
  const { server, connect } = await serve(t, (req) => req.text())
  const [head, body, witness] = [await connect(), await connect(), await connect()]
  head.send('GET / HTTP/1.1\r\nHo')
  body.send(post('/', 'hello').subarray(0, -2))
  for (let i = 0; i < 2; i++) await witness.get('/')
  const closed = server.close()
  await head.closed()
  body.send('lo')
  const reply = await body.reply()
  t.is(reply.text, 'hello')
  t.is(reply.header('connection'), 'close')
  await body.closed()
  await within('close', closed)
})

test('close waits for a large answer to be read', async (t) => {
  const size = 20 << 20
  const { server, connect } = await serve(t, () => 'x'.repeat(size))
  const client = await connect()
  client.socket.pause()
  client.send(get('/'))
  const other = await connect()
  t.is((await other.get('/')).body.length, size)
  let isClosed = false
  const closed = server.close().then(() => (isClosed = true))
  await other.closed()
  t.false(isClosed)
  client.socket.resume()
  t.is((await client.reply()).body.length, size)
  await client.closed()
  await within('close', closed)
})

test('close with a time-out cuts what is left then', async (t) => {
  const { server, hold } = await holding(t)
  const clients = await Promise.all([hold('/held/1'), hold('/held/2')])
  await within('close', server.close({ timeout: 20 }))
  for (const client of clients) t.regex(await client.gone(), /FIN|RST/)
})

test('close with time-out 0 cuts at once', async (t) => {
  const { server, hold } = await holding(t)
  const client = await hold()
  await within('close', server.close({ timeout: 0 }))
  await client.gone()
  t.pass()
})

test('a later close may cut what an earlier one waits for', async (t) => {
  const { server, hold } = await holding(t)
  const client = await hold()
  const first = server.close()
  const second = server.close({ timeout: 1 })
  await within('both', Promise.all([first, second]), 5000)
  await client.gone()
  t.pass()
})

test('close: promise, callback and event come once each, also for a second close', async (t) => {
  const { server, held, hold } = await holding(t)
  const client = await hold()
  const heard: string[] = []
  const both = gate()
  server.on('close', () => heard.push('event'))
  const first = server.close((error) => void heard.push(`first ${String(error)}`))
  const second = server.close((error) => {
    heard.push(`second ${String(error)}`)
    both.open()
  })
  held.open()
  await client.reply()
  await within('close', Promise.all([first, second, both.promise]))
  t.deepEqual(heard.toSorted(), ['event', 'first undefined', 'second undefined'])
})

test('close of a server that does not run resolves, and tells the callback so', async (t) => {
  const server = createServer(() => 'ok')
  await within('close', server.close())
  const told = gate<Error | undefined>()
  await within(
    'close',
    server.close((error) => told.open(error)),
  )
  t.like(await within('callback', told.promise), { code: 'ERR_SERVER_NOT_RUNNING' })
  await within('close', server[Symbol.asyncDispose]())
})

test('close right behind listen closes', async (t) => {
  const server = createServer(() => 'ok')
  const listening = server.listen(0, '127.0.0.1')
  await within('close', Promise.all([server.close(), listening]))
  t.false(server.listening)
})

test('asyncDispose drains', async (t) => {
  const { server, held, hold } = await holding(t)
  const client = await hold()
  const disposed = server[Symbol.asyncDispose]()
  held.open()
  t.is((await client.reply()).header('connection'), 'close')
  await within('dispose', disposed)
})

test('closeIdleConnections drops idle connections only, and the server goes on', async (t) => {
  const { server, held, hold, connect } = await holding(t)
  const [idle, fresh] = [await connect(), await connect()]
  t.is((await idle.get('/')).text, 'ok')
  t.is((await fresh.get('/')).text, 'ok')
  const busy = await hold()
  server.closeIdleConnections()
  await idle.closed()
  held.open()
  t.is((await busy.reply()).header('connection'), undefined)
  t.is((await busy.get('/')).text, 'ok')
  t.true(server.listening)
  t.is((await (await connect()).get('/')).text, 'ok')
})

test('closeAllConnections drops every connection, and the server goes on', async (t) => {
  const { server, hold, connect } = await holding(t)
  const idle = await connect()
  t.is((await idle.get('/')).text, 'ok')
  const busy = await hold()
  server.closeAllConnections()
  await idle.gone()
  await busy.gone()
  t.is((await (await connect()).get('/')).text, 'ok')
})

test('calls on a server that does not run do nothing', (t) => {
  const server = createServer(() => 'ok')
  server.closeIdleConnections()
  server.closeAllConnections()
  t.is(server.ref(), server)
  t.is(server.unref(), server)
  t.false(server.listening)
  t.is(server.address(), null)
})

test('two servers in one process serve and close by themselves', async (t) => {
  const [one, two] = [await serve(t, () => 'one'), await serve(t, () => 'two')]
  const [a, b] = [await one.connect(), await two.connect()]
  t.is((await a.get('/')).text, 'one')
  t.is((await b.get('/')).text, 'two')
  await within('close', one.server.close())
  await a.closed()
  t.is((await b.get('/')).text, 'two')
})

test('a server listens again after each of many closes', async (t) => {
  const server: Server = createServer((req) => req.path)
  for (let i = 0; i < 50; i++) {
    await within('listen', server.listen(0, '127.0.0.1'))
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const client = await connectFor(t, port)
    t.is((await client.get(`/${i}`)).text, `/${i}`)
    const event = once(server, 'close')
    await within('close', server.close())
    await within('event', event)
    await client.closed()
  }
})

test('a listener of close may throw without harm to the drain', async (t) => {
  const server = createServer(() => 'ok')
  await server.listen(0, '127.0.0.1')
  const heard = gate<Error>()
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.once('uncaughtException', (error) => heard.open(error))
  server.on('close', () => {
    throw new Error('of the listener')
  })
  await within('close', server.close())
  t.is((await within('uncaughtException', heard.promise)).message, 'of the listener')
  for (const listener of listeners) process.on('uncaughtException', listener)
})
