import test from 'ava'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect as connectTo, createServer as createEcho } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { bytes, type HttpRequest } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

// What only a server does that runs on the thread of JavaScript. That it does all else as others do is
// seen by the other specs, under FASTHTTP_TEST_IO_THREADS=0.

const SHARED = { ioThreads: 0 }

function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** A client on a thread of its own: sends the text, and notes in the words when something has come. */
const CLIENT = `
const { workerData } = require('node:worker_threads')
const { port, text, words } = workerData
const socket = require('node:net').connect(port, '127.0.0.1', () => socket.write(text))
socket.on('data', () => Atomics.add(new Int32Array(words), 0, 1))
socket.on('error', () => undefined)
`

/** A client that sends as much as it can of what is pipelined, until it is terminated. */
const FLOOD = `
const { workerData } = require('node:worker_threads')
const { port, text } = workerData
const many = Buffer.from(text.repeat(16))
for (let i = 0; i < 8; i++) {
  const socket = require('node:net').connect(port, '127.0.0.1', () => socket.write(many))
  let left = 0
  socket.on('data', (data) => {
    left += data.toString('latin1').split('HTTP/1.1 200').length - 1
    if (left >= 16) left -= 16, socket.write(many)
  })
  socket.on('error', () => undefined)
}
`

test.serial('it has no thread', async (t) => {
  const { connect } = await serve(t, () => 'ok', SHARED)
  t.is((await (await connect()).get('/')).text, 'ok')
  if (process.platform !== 'linux') return
  const names = readdirSync('/proc/self/task').map((id) =>
    readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim(),
  )
  t.true(names.length > 1)
  t.deepEqual(
    names.filter((name) => name.startsWith('fasthttp-io')),
    [],
  )
})

test.serial(
  'the clock of a client stands still while JavaScript is busy, and only then',
  async (t) => {
    t.timeout(120_000)
    const handler = (req: HttpRequest): string => {
      if (req.path === '/block') block(2500)
      return 'ok'
    }
    const { connect } = await serve(t, handler, { ...SHARED, headersTimeout: 4000 })
    const echo = createEcho((socket) => void socket.on('data', () => block(2500)))
    await new Promise<void>((resolve) => void echo.listen(0, '127.0.0.1', resolve))
    t.teardown(() => void echo.close())
    const slow = await connect()
    slow.send('GET / HTTP/1.1\r\nHost: a\r\n')
    // Its bytes were there before: they are read by then.
    const quick = await connect()
    await quick.get('/block')
    await new Promise((resolve) => setTimeout(() => (block(2500), setImmediate(resolve))))
    const other = connectTo((echo.address() as AddressInfo).port, '127.0.0.1')
    t.teardown(() => void other.destroy())
    const heard = once(other.end('x'), 'close')
    await within('the other server', heard)
    // In all these 7.5 s it had no chance to go on. Who is late is told so in one of these turns.
    for (let i = 0; i < 10; i++) await quick.get('/')
    t.is((await slow.send('\r\n').reply()).status, 200)
    const idle = await connect()
    idle.send('GET / HTTP/1.1\r\nHost: a\r\n')
    t.is((await idle.reply()).status, 408)
  },
)

test.serial('an answer that comes late is written before JavaScript goes on', async (t) => {
  const words = new SharedArrayBuffer(4)
  const [seen, blocked] = [new Int32Array(words), gate<number>()]
  const handler = (): Promise<string> =>
    new Promise((resolve) => {
      setTimeout(() => {
        resolve('late')
        setImmediate(() => {
          const end = performance.now() + 60_000
          while (Atomics.load(seen, 0) === 0 && performance.now() < end);
          blocked.open(Atomics.load(seen, 0))
        })
      })
    })
  const { port } = await serve(t, handler, SHARED)
  const workerData = { port, text: get('/'), words }
  const worker = new Worker(CLIENT, { eval: true, workerData })
  t.teardown(() => void worker.terminate())
  t.true((await within('the block', blocked.promise)) > 0)
})

test.serial(
  'what else is on the thread has its turns while requests come without end',
  async (t) => {
    const { server, port } = await serve(t, () => 'ok', SHARED)
    const echo = createEcho((socket) => void socket.pipe(socket))
    await new Promise<void>((resolve) => void echo.listen(0, '127.0.0.1', resolve))
    t.teardown(() => void echo.close())
    const worker = new Worker(FLOOD, { eval: true, workerData: { port, text: get('/') } })
    t.teardown(() => void worker.terminate())
    const client = connectTo((echo.address() as AddressInfo).port, '127.0.0.1')
    t.teardown(() => void client.destroy())
    await until('many requests', () => server.stats().requests > 10_000)
    const before = server.stats().requests
    for (let i = 0; i < 200; i++) {
      client.write('x')
      await within('the echo', once(client, 'data'))
      await within('a timer', sleep(1))
    }
    t.true(server.stats().requests > before)
  },
)

for (const io of [0, 1]) {
  test(`a large body is what it was when it was returned: ioThreads ${io}`, async (t) => {
    // More than the kernel takes at once: some of it is sent when it is another's already.
    const size = 16 << 20
    const body = new Uint8Array(size).fill(0x61)
    const { connect } = await serve(
      t,
      (req) => {
        if (req.path === '/small') return bytes(body.subarray(0, 20_000))
        // Behind the return of this handler, before anything else is sent.
        queueMicrotask(() => body.fill(0x62))
        return bytes(body)
      },
      { ioThreads: io },
    )
    const client = await connect()
    const [small, large] = [await client.get('/small'), await client.get('/large')]
    t.true(small.text === 'a'.repeat(20_000))
    t.is(large.body.length, size)
    t.true(large.body.every((byte) => byte === 0x61))
  })
}
