import test from 'ava'
import { connect as connectSocket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { bytes } from '../../ts/index.ts'
import { type Client, get } from '../support/client.ts'
import { until } from '../support/deadline.ts'
import { inParallel, serve } from '../support/service.ts'

// The timed sequences of cases/http-cases.json that are about time-outs. Limits are short, so that the
// tests are, but longer than a busy machine delays a client; `npm run scorecard -- stalled slow-reader` waits for the
// default ones.
const LIMIT = 3000

const HEAD = 'GET / HTTP/1.1\r\nHost: a.test\r\n'

/** Sends some bytes again and again until the server ends the connection or answers. */
function drip(client: Client, some: string, every: number): void {
  const dripping = setInterval(() => {
    if (client.isQuiet) client.send(some)
    else clearInterval(dripping)
  }, every)
}

test('SEQ-012: whoever sends nothing is closed, counted from accept', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', { headersTimeout: 200 })
  const client = await connect()
  await client.closed()
  t.is(server.stats().timeouts['firstByte'], 1)
})

test('SEQ-013: a head that comes slowly is cut although bytes keep coming', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', {
    headersTimeout: LIMIT,
    maxHeadersCount: 10_000,
  })
  const client = await connect()
  client.send(HEAD)
  drip(client, 'X-a: b\r\n', 20)
  t.is((await client.reply()).status, 408)
  t.is(server.stats().timeouts['head'], 1)
})

test('SEQ-014: the time for a head starts anew with each request and holds for each', async (t) => {
  const { connect } = await serve(t, () => 'ok', { headersTimeout: LIMIT })
  const client = await connect()
  const begun = performance.now()
  // Together they last longer than one may.
  for (let i = 0; i < 4; i++) {
    client.send(HEAD)
    await delay(LIMIT / 3)
    t.is((await client.send('\r\n').reply()).status, 200)
  }
  t.true(performance.now() - begun > LIMIT)
  client.send(HEAD)
  drip(client, 'X-a: b\r\n', 50)
  t.is((await client.reply()).status, 408)
})

test('SEQ-015: a body that comes slowly is cut although bytes keep coming', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', { requestTimeout: LIMIT })
  const client = await connect()
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\n')
  drip(client, 'z', 50)
  t.is((await client.reply()).status, 408)
  t.is(server.stats().timeouts['body'], 1)
})

test('SEQ-017: a large answer that is read a byte at a time is closed, and not buffered by the kernel whole', async (t) => {
  const large = new Uint8Array(32 << 20)
  const { server, port } = await serve(t, () => bytes(large), { writeTimeout: 300 })
  const reader = connectSocket({
    port,
    host: '127.0.0.1',
    onread: {
      buffer: Buffer.alloc(1),
      callback: () => {
        setTimeout(() => reader.resume(), 20)
        return false
      },
    },
  })
  t.teardown(() => void reader.destroy())
  reader.on('error', () => undefined).write(get('/'))
  await until('time-out', () => server.stats().timeouts['write'] === 1)
  await until('close', () => server.stats().connections.open === 0)
  // On Linux the kernel takes little beyond what is on its way.
  const taken = process.platform === 'linux' ? 2 << 20 : large.length - 1
  t.true(server.stats().bytes.out <= taken, `${server.stats().bytes.out}`)
})

test('SEQ-019: a request in the moment of the idle close gets all of its answer or a close', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', { keepAliveTimeout: 100 })
  const [tries, together] = [1000, 100]
  let [answered, closed] = [0, 0]
  await inParallel(
    Array.from({ length: tries }, (_, i) => i),
    together,
    async (i) => {
      const client = await connect()
      t.is((await client.get('/')).text, 'ok')
      await delay(80 + (i % 60))
      client.send(get('/'))
      try {
        t.is((await client.reply()).text, 'ok')
        answered++
      } catch (error) {
        // Nothing of an answer came before it.
        t.regex((error as Error).message, /ended within a response: ""$|ECONNRESET|EPIPE/)
        closed++
      }
      client.socket.destroy()
    },
  )
  t.log(`${answered} answered, ${closed} closed`)
  t.is(answered + closed, tries)
  t.is(server.stats().requests, tries + answered)
})
