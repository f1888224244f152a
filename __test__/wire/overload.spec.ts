import test from 'ava'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createServer } from '../../ts/index.ts'
import { within } from '../support/deadline.ts'
import { hasThreads } from '../support/shared-thread.ts'

// The clients need an event loop of their own: the server's is blocked.
const CLIENTS = `
const { connect } = require('node:net')
const { parentPort, workerData: { port, uploads, done } } = require('node:worker_threads')
const open = () => {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (data) => (text += data.toString('latin1')))
  socket.on('error', () => undefined)
  const done = new Promise((resolve) => socket.on('close', () => resolve(text)))
  return { socket, done }
}
const get = (path) => 'GET ' + path + ' HTTP/1.1\\r\\nHost: a.test\\r\\nConnection: close\\r\\n\\r\\n'
const late = Array.from({ length: uploads }, () => open())
for (const { socket } of late) {
  socket.write('POST /up HTTP/1.1\\r\\nHost: a.test\\r\\nConnection: close\\r\\nContent-Length: 60000\\r\\n\\r\\na')
}
const blocker = open()
parentPort.once('message', () => {
  const fresh = open()
  fresh.socket.write(get('/new'))
  fresh.done.then((text) => {
    for (const { socket } of late) socket.write(Buffer.alloc(59999))
    Promise.all(late.map(({ done }) => done)).then(async (answers) => {
      Atomics.store(new Int32Array(done), 0, 1)
      parentPort.postMessage({ fresh: text, blocked: await blocker.done, answers })
    })
  })
})
blocker.socket.write(get('/block'))
`

interface Outcome {
  readonly fresh: string
  readonly blocked: string
  readonly answers: readonly string[]
}

const apart = hasThreads ? test : test.skip

apart(
  'while JavaScript is stuck new clients and uploads get 503, nobody hangs, and it ends',
  async (t) => {
    let isBlocked = (): void => undefined
    const done = new SharedArrayBuffer(4)
    const server = createServer(
      (req) => {
        if (req.path !== '/block') return 'ok'
        isBlocked()
        const end = performance.now() + 60_000
        while (Atomics.load(new Int32Array(done), 0) === 0 && performance.now() < end);
        return 'unblocked'
      },
      { maxQueueDelay: 1000, ioThreads: 1 },
    )
    const overload = once(server, 'overload') as Promise<[number]>
    await server.listen(0, '127.0.0.1')
    t.teardown(() => void server.closeAllConnections())
    t.teardown(() => void server.close())
    const { port } = server.address() as { port: number }
    const worker = new Worker(CLIENTS, { eval: true, workerData: { port, uploads: 20, done } })
    isBlocked = () => worker.postMessage('go')
    const [outcome] = (await within('answers', once(worker, 'message'), 120_000)) as [Outcome]
    await worker.terminate()
    t.regex(outcome.fresh, /^HTTP\/1\.1 503 [^]*Retry-After: 1\r\n\r\n$/)
    t.regex(outcome.blocked, /^HTTP\/1\.1 200 [^]*unblocked$/)
    for (const answer of outcome.answers) t.regex(answer, /^HTTP\/1\.1 (200|503) /)
    t.true(server.stats().refused >= 1)
    const [delay] = await within('overload', overload)
    t.true(delay >= 1000)
    await within('close', server.close())
  },
)
