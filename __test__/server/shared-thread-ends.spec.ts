import test from 'ava'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createServer } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { start } from '../support/program.ts'
import { join } from 'node:path'
import { root } from '../support/root.ts'
import { connectFor, inParallel, listening, serve } from '../support/service.ts'

// How servers on the thread of JavaScript end: by themselves, with their thread, and with the process.

const SHARED = { ioThreads: 0 }

/** A server in a worker; what its handler does then, and how the thread may end. */
const ENDINGS: [how: string, behind: string, code: number][] = [
  ['by itself behind close', 'void server.close()', 0],
  ['by process.exit in a handler', 'process.exit(7)', 7],
  ['by process.exit behind a handler', 'setImmediate(() => process.exit(7))', 7],
  ['by what is thrown', 'setImmediate(() => { throw new Error("end") })', 1],
  ['by terminate within a handler', 'parentPort.postMessage("end"); for (;;);', 1],
  ['by terminate in front of the answer', 'parentPort.postMessage("end"); return late', 1],
]

const worker = (behind: string): string => `
const { parentPort } = require('node:worker_threads')
const { createServer } = require(${JSON.stringify(join(root, 'dist', 'ts', 'index.js'))})
const late = new Promise(() => undefined)
const server = createServer((req) => {
  if (req.path === '/end') { ${behind} }
  return 'from a worker'
}, { ioThreads: 0 })
server.listen(0, '127.0.0.1').then(() => parentPort.postMessage(server.address().port))
`

for (const [how, behind, code] of ENDINGS) {
  test(`a worker ends ${how}, and the process lives`, async (t) => {
    for (let round = 0; round < 5; round++) {
      const thread = new Worker(worker(behind), { eval: true })
      thread.on('error', () => undefined)
      const ended = new Promise((resolve) => thread.on('exit', resolve))
      const [port] = (await within('the port', once(thread, 'message'))) as [number]
      const clients = await Promise.all(Array.from({ length: 4 }, () => connectFor(t, port)))
      for (const client of clients) t.is((await client.get('/')).text, 'from a worker')
      const stuck = behind.includes('postMessage') ? once(thread, 'message') : undefined
      clients[0]!.send(get('/end'))
      const gone = clients.map((client) => client.gone())
      await within('the handler', stuck ?? ended)
      if (stuck !== undefined) void thread.terminate()
      t.is(await within('the end of the thread', ended), code)
      // Nothing holds the sockets of a thread that is gone.
      await Promise.all(gone)
    }
  })
}

for (const way of ['handler', 'immediate', 'closing', 'throw']) {
  test(`a process under load ends by process.exit, ${way}`, async (t) => {
    await inParallel([1, 2, 14, 100], 2, async (after) => {
      const program = start(t, 'exit-under-load', {
        args: [String(after), way],
        env: { FASTHTTP_TEST_IO_THREADS: '0' },
      })
      const { code, signal, stderr } = await program.ended()
      t.deepEqual([code, signal, stderr], [7, null, ''], `${after}`)
    })
  })
}

test('servers without threads serve and end beside each other, and listen again', async (t) => {
  const servers = await Promise.all(
    ['one', 'two', 'three'].map((name) => serve(t, () => name, SHARED)),
  )
  const [one, two, three] = servers as [
    (typeof servers)[0],
    (typeof servers)[0],
    (typeof servers)[0],
  ]
  const threaded = await serve(t, () => 'threaded', { ioThreads: 2 })
  for (let round = 0; round < 20; round++) {
    const kept = await two.connect()
    t.is((await kept.get('/')).text, 'two')
    const idle = await connectFor(t, (one.server.address() as { port: number }).port)
    t.is((await idle.get('/')).text, 'one')
    await within('close', one.server.close())
    t.is(await idle.gone(), 'FIN')
    t.is(one.server.address(), null)
    t.is((await kept.get('/')).text, 'two')
    t.is((await (await three.connect()).get('/')).text, 'three')
    t.is((await (await threaded.connect()).get('/')).text, 'threaded')
    await within('listen', one.server.listen(0, '127.0.0.1'))
  }
})

test('a server without threads may close itself, and listen again, in its handler', async (t) => {
  let again: Promise<void> | undefined
  const server = createServer(() => {
    again ??= server.close().then(async () => void (await server.listen(0, '127.0.0.1')))
    return 'closing'
  }, SHARED)
  const { port } = await listening(t, server, { host: '127.0.0.1' })
  const client = await connectFor(t, port)
  const reply = await client.get('/')
  t.deepEqual([reply.text, reply.header('connection')], ['closing', 'close'])
  await within('listen', again!)
  const next = await connectFor(t, (server.address() as { port: number }).port)
  t.is((await next.get('/')).text, 'closing')
})
