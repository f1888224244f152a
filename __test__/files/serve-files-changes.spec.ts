import test from 'ava'
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { get } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { descriptors, folder } from '../support/folder.ts'
import { connectFor, inParallel } from '../support/service.ts'
import { serveFrom, site } from '../support/site.ts'

const onUnix = process.platform === 'win32' ? test.skip : test
/** Descriptors are those of the whole process. */
const serially = process.platform === 'win32' ? test.serial.skip : test.serial

onUnix(
  'a file that is replaced is sent as it was, and the next answer is the new one',
  async (t) => {
    const big = Buffer.alloc(16 << 20, 'a')
    const root = site(t, { f: big })
    const { connect } = await serveFrom(t, root)
    const client = await connect()
    client.send(get('/static/f'))
    const head = (await client.through('\r\n\r\n')).toString()
    writeFileSync(join(root, 'g'), 'new')
    renameSync(join(root, 'g'), join(root, 'f'))
    t.true((await client.exactly(big.length)).equals(big))
    const next = await client.get('/static/f')
    t.is(next.text, 'new')
    t.false(head.includes(next.header('etag') ?? '-'))
    // So is the folder itself: whatever is at its path counts.
    renameSync(root, `${root}.old`)
    t.is((await client.get('/static/f')).status, 404)
    mkdirSync(root)
    writeFileSync(join(root, 'f'), 'newer')
    t.is((await client.get('/static/f')).text, 'newer')
  },
)

onUnix('a link that is switched between two folders leads to one of them', async (t) => {
  const around = folder(t)
  for (const name of ['one', 'two']) {
    mkdirSync(join(around, name))
    writeFileSync(join(around, name, 'f'), name)
  }
  const link = join(around, 'current')
  symlinkSync('one', link)
  const client = await (await serveFrom(t, link)).connect()
  t.is((await client.get('/static/f')).text, 'one')
  symlinkSync('two', `${link}.new`)
  renameSync(`${link}.new`, link)
  t.is((await client.get('/static/f')).text, 'two')
})

serially('downloads that are broken off leave no descriptor behind', async (t) => {
  const root = site(t, {
    big: Buffer.alloc(8 << 20, 'b'),
    small: 's',
    'big.br': Buffer.alloc(1 << 20),
  })
  const { connect, server, errors } = await serveFrom(t, root)
  const first = await connect()
  await first.get('/static/small')
  const before = descriptors()
  const targets = [
    get('/static/big'),
    get('/static/big', 'Range: bytes=0-5000000,1-2,-100\r\n'),
    get('/static/big', 'Accept-Encoding: br\r\n'),
    get('/static/small').repeat(8) + get('/static/big'),
    get('/static/missing'),
  ]
  await inParallel(
    Array.from({ length: 10_000 }, (_, i) => i),
    50,
    async (i) => {
      const client = await connect()
      client.send(targets[i % targets.length] as string)
      if (i % 3 === 0) await client.exactly(17)
      client.socket.resetAndDestroy()
    },
  )
  await until('connections are gone', () => server.stats().connections.open <= 1)
  t.is((await first.get('/static/small')).text, 's')
  await until('descriptors are back', () => descriptors() <= before)
  t.deepEqual(errors, [])
})

/** Downloads that get no further than their first bytes. */
const STALLED = [
  get('/static/big'),
  get('/static/big', 'Range: bytes=0-5000000,1-2,-100\r\n'),
  get('/static/small').repeat(4) + get('/static/big').repeat(4),
]

serially('a server that closes in the middle of downloads keeps no descriptor', async (t) => {
  const root = site(t, { big: Buffer.alloc(16 << 20, 'b'), small: 's' })
  for (const how of ['closeAllConnections', 'a time-out'] as const) {
    const before = descriptors()
    const { connect, server } = await serveFrom(t, root)
    const clients = await Promise.all(Array.from({ length: 30 }, () => connect()))
    for (const [i, client] of clients.entries()) {
      client.send(STALLED[i % STALLED.length] as string)
      await client.exactly(17)
      client.socket.pause()
    }
    const closed = server.close(how === 'a time-out' ? { timeout: 50 } : {})
    if (how === 'closeAllConnections') server.closeAllConnections()
    await within('close', closed)
    for (const client of clients) client.socket.destroy()
    await until('descriptors are back', () => descriptors() <= before)
  }
  t.pass()
})

const SERVER = `
  const { parentPort, workerData } = require('node:worker_threads')
  import(workerData.index).then(async ({ createServer, Router }) => {
    const server = createServer(new Router().serveFiles('/static/*filepath', workerData.root))
    await server.listen(0, '127.0.0.1')
    parentPort.postMessage(server.address().port)
  })`

serially('a worker that ends in the middle of downloads keeps no descriptor', async (t) => {
  const root = site(t, { big: Buffer.alloc(16 << 20, 'b'), small: 's' })
  const index = new URL('../../ts/index.js', import.meta.url).href
  const before = descriptors()
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(SERVER, { eval: true, workerData: { root, index } })
    const port = await within(
      'listen',
      new Promise<number>((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
      }),
    )
    const clients = await Promise.all(Array.from({ length: 12 }, () => connectFor(t, port)))
    for (const [i, client] of clients.entries()) {
      client.send(STALLED[i % STALLED.length] as string)
      await client.exactly(17)
      client.socket.pause()
    }
    await within('the end of the worker', worker.terminate())
    for (const client of clients) client.socket.destroy()
  }
  await until('descriptors are back', () => descriptors() <= before)
  t.pass()
})
