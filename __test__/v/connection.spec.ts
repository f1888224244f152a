import test from 'ava'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, file } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { gate, until } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { serve } from '../support/service.ts'

// What V's fasthttp tests of connections, by the numbers in list.spec.ts. V looks at its epoll
// registrations; here the same is seen from outside.

const DATE = 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n'
const MANUAL = `HTTP/1.1 200 OK\r\n${DATE}Transfer-Encoding: chunked\r\n\r\n6\r\nmanual\r\n0\r\n\r\n`

for (const [number, head, isLast] of [
  ['V 9, V 74', '', false],
  ['V 75', 'Connection: close\r\n', true],
] as const) {
  test(`${number}: an answer by hand to a request in two pieces, then ${isLast ? 'the close' : 'a normal one'}`, async (t) => {
    const { connect, errors } = await serve(
      t,
      (req) => {
        if (req.path !== '/reusable') return 'normal'
        req.raw().end(MANUAL)
        return ''
      },
      { ioThreads: 1 },
    )
    const [client, witness] = [await connect(), await connect()]
    client.send('GET /reus')
    for (let i = 0; i < 3; i++) await witness.get('/witness')
    t.true(client.isQuiet)
    const first = await client.send(`able HTTP/1.1\r\nHost: a\r\n${head}\r\n`).reply()
    t.deepEqual([first.text, first.header('connection')], ['manual', isLast ? 'close' : undefined])
    if (isLast) await client.closed()
    else {
      const second = await client.get('/normal')
      t.deepEqual([second.text, second.header('connection')], ['normal', undefined])
    }
    t.deepEqual(errors, [])
  })
}

test('V 41: three pipelined requests in one write: three answers, and the connection lives', async (t) => {
  const { connect, server } = await serve(t, (req) => req.path)
  const client = await connect()
  client.send(get('/1') + get('/2') + get('/3'))
  for (const path of ['/1', '/2', '/3']) t.is((await client.reply()).text, path)
  t.is((await client.get('/4')).text, '/4')
  await until('an empty queue', () => server.stats().queue.depth === 0)
  t.is(server.stats().connections.open, 1)
})

test('V 42: nothing is answered before the head is complete, and nothing is left behind it', async (t) => {
  const { connect } = await serve(t, (req) => req.path, { ioThreads: 1 })
  const [client, witness] = [await connect(), await connect()]
  client.send('GET /split HTTP/1.1\r\n')
  for (let i = 0; i < 3; i++) await witness.get('/')
  t.true(client.isQuiet)
  t.is((await client.send('Host: a\r\n\r\n').reply()).text, '/split')
  t.is((await client.get('/next')).text, '/next')
})

test('V 43: every request after an answer is seen', async (t) => {
  const { connect } = await serve(t, (req) => req.path)
  const client = await connect()
  for (let i = 0; i < 200; i++) t.is((await client.get(`/${i}`)).text, `/${i}`)
})

test('V 44: append answers two pipelined requests, and the connection lives', async (t) => {
  const { connect } = await serve(t, undefined, {
    append: (req, out) => void out.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${req.path}`),
  })
  const client = await connect()
  client.send(get('/1') + get('/2'))
  for (const path of ['/1', '/2']) t.is((await client.reply()).text, path)
  t.is((await client.get('/3')).text, '/3')
})

test('V 45: append that closes: the answer, then the end, and nothing is kept of the connection', async (t) => {
  const { connect, server } = await serve(t, undefined, {
    append: (_req, out) => {
      out.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbye').close()
    },
  })
  const client = await connect()
  const got = await client.get('/')
  t.deepEqual([got.text, got.header('connection')], ['bye', 'close'])
  await client.closed()
  await until('no connection', () => server.stats().connections.open === 0)
})

test('V 46: neither a handler nor append, and both, are refused', (t) => {
  const append = (): void => undefined
  for (const make of [
    () => createServer({} as never),
    () => createServer(undefined as never),
    () => createServer({ append } as never, () => 'ok'),
  ]) {
    t.throws(make, { instanceOf: TypeError })
  }
})

test('V 47: the state beside a handler is one for all pipelined requests', async (t) => {
  // V has one for each worker; here the handler runs on one thread, whatever number of I/O threads.
  const state = { count: 0 }
  const { connect, server } = await serve(t, () => String(++state.count), { userData: state })
  const client = await connect()
  client.send(get('/') + get('/'))
  t.deepEqual([(await client.reply()).text, (await client.reply()).text], ['1', '2'])
  t.is(server.userData, state)
  t.is(state.count, 2)
})

test('V 48: a file and what is pipelined behind it', async (t) => {
  const path = join(folder(t), 'f')
  writeFileSync(path, 'FILEBODY')
  const { connect } = await serve(t, (req) => (req.path === '/file' ? file(path) : req.path))
  const client = await connect()
  client.send(get('/file') + get('/next'))
  t.deepEqual([(await client.reply()).text, (await client.reply()).text], ['FILEBODY', '/next'])
})

test('V 51: an answer by hand behind another one (V: the connection is closed; here both are sent)', async (t) => {
  const held = gate()
  const { connect } = await serve(t, async (req) => {
    if (req.path === '/normal') {
      await held.promise
      return 'normal'
    }
    req.raw().end(MANUAL)
    return ''
  })
  const [client, witness] = [await connect(), await connect()]
  client.send(get('/normal') + get('/raw') + get('/normal'))
  t.is((await witness.get('/raw')).text, 'manual')
  t.true(client.isQuiet)
  held.open()
  for (const text of ['normal', 'manual', 'normal']) t.is((await client.reply()).text, text)
})

test('V 61: a handler that fetches from its own server', async (t) => {
  for (const ioThreads of [1, 2]) {
    const { port, connect } = await serve(
      t,
      async (req) => {
        if (req.path === '/inner') return 'inner'
        const inner = await fetch(`http://127.0.0.1:${port}/inner`)
        return `outer:${await inner.text()}`
      },
      { ioThreads },
    )
    const clients = await Promise.all(Array.from({ length: 8 }, () => connect()))
    for (const client of clients) client.send(get('/outer'))
    for (const client of clients) t.is((await client.reply()).text, 'outer:inner')
  }
})

test('V 62: the beginning of a request that came before the answer of the last one', async (t) => {
  const held = gate()
  const { connect, server } = await serve(t, async (req) => {
    if (req.path === '/held') await held.promise
    return req.path
  })
  const [client, witness] = [await connect(), await connect()]
  client.send(get('/held'))
  client.send('GET ')
  for (let i = 0; i < 3; i++) await witness.get('/')
  held.open()
  t.is((await client.reply()).text, '/held')
  t.is((await client.send('/next HTTP/1.1\r\nHost: a\r\n\r\n').reply()).text, '/next')
  await until('an empty queue', () => server.stats().queue.depth === 0)
})

for (const [about, sent, answers] of [
  ['whole requests', get('/1') + get('/2'), ['/1', '/2']],
  ['a request and half of one', get('/1') + get('/2').slice(0, 20), ['/1']],
  ['half a request', get('/1').slice(0, 20), []],
] as const) {
  test(`V 66: a client that sends ${about} and half-closes gets its answers, then the close`, async (t) => {
    const { connect } = await serve(t, async (req) => {
      await new Promise((resolve) => setImmediate(resolve))
      return req.path
    })
    const client = await connect()
    client.send(sent).finish()
    for (const path of answers) t.is((await client.reply()).text, path)
    // V answers the half with 400; whoever has closed does not wait for one.
    await t.notThrowsAsync(client.closed())
  })
}

test('V 73: two requests on one connection, counted, and nothing says that it closes', async (t) => {
  let count = 0
  const { connect, server } = await serve(t, () => String(++count))
  const client = await connect()
  for (const text of ['1', '2']) {
    const got = await client.get('/')
    t.deepEqual([got.text, got.header('connection')], [text, undefined])
  }
  t.is(server.stats().connections.total, 1)
})

test('V 76: Connection: close is said back, and kept', async (t) => {
  const { connect } = await serve(t, () => 'last')
  const client = await connect()
  const got = await client.get('/', 'Connection: close\r\n')
  t.deepEqual([got.text, got.header('connection')], ['last', 'close'])
  await client.closed()
})
