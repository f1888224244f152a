import test from 'ava'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createServer } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

// A request that is over is held by nobody, though its connection and the memory it came in live on.

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

async function collected(what: string, refs: readonly WeakRef<object>[]): Promise<void> {
  await until(`the collection of ${what}`, () => {
    collect()
    return refs.every((ref) => ref.deref() === undefined)
  })
}

test('requests of node: answered at once, later, and never', async (t) => {
  const refs: WeakRef<object>[] = []
  let came = gate()
  const made = createServer((req, res) => {
    refs.push(new WeakRef(req), new WeakRef(res))
    if (req.url === '/now') res.end('now')
    else if (req.url === '/later') setImmediate(() => res.end('later'))
    else came.open()
  })
  made.listen(0)
  t.teardown(() => new Promise<void>((resolve) => made.close(() => resolve())))
  const { port } = made.address() as AddressInfo
  const client = await Client.connect(port)
  for (let i = 0; i < 3; i++)
    for (const path of ['/now', '/later']) t.is((await client.get(path)).text, path.slice(1))
  for (let i = 0; i < 3; i++) {
    came = gate()
    const leaving = await Client.connect(port)
    leaving.send('GET /never HTTP/1.1\r\nHost: a\r\n\r\n')
    await within('the request', came.promise)
    leaving.socket.destroy()
  }
  t.is(refs.length, 18)
  // The last request of a connection is its socket's until another one comes.
  t.is((await client.get('/now')).text, 'now')
  await collected('all of them', refs.slice(0, -2))
  client.socket.destroy()
})

test('the last request of an idle connection, which had a body', async (t) => {
  const refs: WeakRef<object>[] = []
  const made = createServer((req, res) => {
    refs.push(new WeakRef(req), new WeakRef(res))
    req.resume().on('end', () => res.end('read'))
  })
  made.listen(0)
  t.teardown(() => new Promise<void>((resolve) => made.close(() => resolve())))
  const client = await Client.connect((made.address() as AddressInfo).port)
  for (const length of [10, 200_000]) {
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`)
    client.send('x'.repeat(length))
    t.is((await client.reply('POST')).text, 'read')
  }
  await collected('both of them', refs)
  client.socket.destroy()
})

test('requests of a handler that answers later', async (t) => {
  const refs: WeakRef<object>[] = []
  const { connect } = await serve(t, async (req) => {
    refs.push(new WeakRef(req))
    await new Promise((resolve) => setImmediate(resolve))
    return 'later'
  })
  const client = await connect()
  for (let i = 0; i < 3; i++) t.is((await client.get('/')).text, 'later')
  await collected('all of them', refs)
})
