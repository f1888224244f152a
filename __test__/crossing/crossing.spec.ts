import test from 'ava'
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { type HttpResult, text } from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { flood } from '../support/flood.ts'
import { start, WELL } from '../support/program.ts'
import { connectFor, inParallel, serve } from '../support/service.ts'

const CROSSINGS = Number(process.env['FASTHTTP_CROSSINGS'] ?? 100_000)

for (const ioThreads of [1, 3]) {
  test(`no single request is lost between ${ioThreads} threads and JavaScript`, async (t) => {
    let turn = 0
    const { port } = await serve(
      t,
      () => {
        // At once, in a microtask, and after the loop has gone on: each wakes differently.
        switch (turn++ % 4) {
          case 0:
            return Promise.resolve('ok')
          case 1:
            return new Promise<string>((resolve) => setImmediate(resolve, 'ok'))
          default:
            return 'ok'
        }
      },
      { ioThreads },
    )
    const requests = Math.ceil(CROSSINGS / 2)
    const load = { port, requests, pipelined: 1, request: get('/') }
    t.is(await flood(t, { ...load, connections: ioThreads }), requests)
  })
}

test('answers in reverse order arrive in order, beside a client that does not read', async (t) => {
  const COUNT = 16
  const waiting = new Map<string, (() => void)[]>()
  const { connect, errors } = await serve(t, (req) => {
    const [, who = '', which = ''] = req.path.split('/')
    const body = `${who}${which.padStart(2, '0')}`.repeat(20_480)
    return new Promise<HttpResult>((resolve) => {
      const list = waiting.get(who) ?? []
      waiting.set(who, list)
      list.push(() => resolve(body))
      if (list.length < COUNT) return
      for (const answer of list.toReversed()) answer()
      waiting.delete(who)
    })
  })
  const [stalled, reader] = [await connect(), await connect()]
  stalled.socket.pause()
  const paths = Array.from({ length: COUNT }, (_, i) => String(i))
  for (let round = 0; round < 8; round++) {
    if (round === 0) stalled.send(paths.map((i) => get(`/s/${i}`)).join(''))
    reader.send(paths.map((i) => get(`/r/${i}`)).join(''))
    for (const i of paths)
      t.is((await reader.reply()).text, `r${i.padStart(2, '0')}`.repeat(20_480))
  }
  stalled.socket.resume()
  for (const i of paths) t.is((await stalled.reply()).text, `s${i.padStart(2, '0')}`.repeat(20_480))
  t.deepEqual(errors, [])
})

test('a GET behind a POST sees what the POST did', async (t) => {
  let value = 'old'
  const order: string[] = []
  const { connect } = await serve(t, async (req) => {
    order.push(`${req.method} begins`)
    if (req.method === 'POST') {
      await delay(50)
      value = req.text()
    }
    order.push(`${req.method} ends`)
    return value
  })
  const client = await connect()
  client.send(Buffer.concat([post('/', 'new'), Buffer.from(get('/') + get('/'))]))
  t.deepEqual(
    [await client.reply(), await client.reply(), await client.reply()].map((r) => r.text),
    ['new', 'new', 'new'],
  )
  t.deepEqual(order.slice(0, 3), ['POST begins', 'POST ends', 'GET begins'])
})

test('a POST behind GETs waits for their answers', async (t) => {
  const order: string[] = []
  const held = gate()
  const { connect } = await serve(t, async (req) => {
    order.push(req.path)
    if (req.method === 'GET') await held.promise
    return req.path
  })
  const client = await connect()
  const tail = Buffer.from(get('/4'))
  client.send(Buffer.concat([Buffer.from(get('/1') + get('/2')), post('/3', 'x'), tail]))
  await until('both GETs handled', () => order.length === 2)
  // The server has had the rest when it has answered somebody else.
  const other = await connect()
  for (let i = 0; i < 3; i++) await other.send(post('/other', '')).reply()
  t.deepEqual(order, ['/1', '/2', '/other', '/other', '/other'])
  held.open()
  for (const path of ['/1', '/2', '/3', '/4']) t.is((await client.reply()).text, path)
  t.deepEqual(order.slice(5), ['/3', '/4'])
})

test('what enterWith sets in one request is not seen by another', async (t) => {
  const storage = new AsyncLocalStorage<string>()
  const leaks: string[] = []
  const { connect } = await serve(t, (req) => {
    const before = storage.getStore()
    if (before !== undefined) leaks.push(before)
    if (req.path === '/anonymous') return storage.getStore() ?? 'nobody'
    const user = req.path.slice(1)
    storage.enterWith(user)
    const own = (): string => storage.getStore() ?? 'nobody'
    if (req.query === 'sync') return own()
    if (req.query === 'micro') return Promise.resolve().then(own)
    return new Promise<string>((resolve) => setImmediate(() => resolve(own())))
  })
  const client = await connect()
  const users = ['alice', 'bob', 'anonymous']
  for (const how of ['sync', 'micro', 'later']) {
    for (let i = 0; i < 100; i++) client.send(get(`/${users[i % 3]}?${how}`))
    for (let i = 0; i < 100; i++) {
      const user = users[i % 3] as string
      t.is((await client.reply()).text, user === 'anonymous' ? 'nobody' : user)
    }
  }
  t.deepEqual(leaks, [])
})

test('the first answer leaves while the handler is at work on the others', async (t) => {
  const handled = new Int32Array(new SharedArrayBuffer(4))
  const seen = new Int32Array(new SharedArrayBuffer(4))
  const { port } = await serve(t, () => {
    const begun = performance.now()
    while (performance.now() - begun < 1);
    // The last one goes on when the answer is there, however long its client was kept from looking.
    if (Atomics.load(handled, 0) === 63)
      while (Atomics.load(seen, 0) === 0 && performance.now() - begun < 60_000);
    Atomics.add(handled, 0, 1)
    return 'ok'
  })
  const file = new URL('../programs/burst.js', import.meta.url)
  const worker = new Worker(file, { workerData: { port, handled, seen, connections: 64 } })
  t.teardown(() => worker.terminate())
  const atFirst = await within(
    'all answers',
    new Promise<number>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    }),
  )
  t.log(`${atFirst} of 64 handled when the first answer was there`)
  t.true(atFirst < 64)
  t.is(Atomics.load(handled, 0), 64)
})

test('four I/O threads answer 64 connections', async (t) => {
  const { connect } = await serve(t, (req) => text(req.path), { ioThreads: 4 })
  const clients = await Promise.all(Array.from({ length: 64 }, () => connect()))
  await Promise.all(
    clients.map(async (client, i) => {
      for (let n = 0; n < 10; n++) t.is((await client.get(`/${i}/${n}`)).text, `/${i}/${n}`)
    }),
  )
  if (process.platform !== 'linux') return
  const names = readdirSync('/proc/self/task').map((id) =>
    readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim(),
  )
  for (let i = 0; i < 4; i++) t.true(names.includes(`fasthttp-io-${i}`), names.join())
})

test('clients that come and go under load get their own answers', async (t) => {
  const { port } = await serve(t, (req) =>
    req.path.endsWith('3') ? Promise.resolve(req.path) : req.path,
  )
  const ids = Array.from({ length: 600 }, (_, i) => i)
  await inParallel(ids, 50, async (i) => {
    const client = await connectFor(t, port)
    client.send(get(`/${i}/1`) + get(`/${i}/2`) + get(`/${i}/3`) + get(`/${i}/4`))
    t.is((await client.reply()).text, `/${i}/1`)
    if (i % 3 === 0) return client.reset()
    for (const n of [2, 3, 4]) t.is((await client.reply()).text, `/${i}/${n}`)
    client.socket.destroy()
  })
})

test('memory does not grow over two million requests', async (t) => {
  const program = start(t, 'echo-server')
  const port = Number(await program.line())
  const request = get('/a/path?q=1', 'X-One: 1\r\nX-Two: 2\r\n')
  const load = { port, connections: 8, pipelined: 64, request }
  const rss = async (): Promise<number> => {
    program.say('rss')
    return Number(await program.line())
  }
  await flood(t, { ...load, requests: 300_000 })
  const before = await rss()
  await flood(t, { ...load, requests: 2_000_000 })
  const after = await rss()
  t.log(`RSS ${before >> 20} MiB after warm-up, ${after >> 20} MiB after two million more`)
  t.true(after - before < 64 << 20)
  program.say('close')
  t.like(await program.ended(), { code: WELL.code, signal: WELL.signal, stderr: '' })
})
