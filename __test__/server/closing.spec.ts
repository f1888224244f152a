import test, { type ExecutionContext } from 'ava'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server } from '../../ts/index.ts'
import { answering, FILE, type Kind, KINDS, TAKEN } from '../support/answers.ts'
import type { Client } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { descriptors, folder, sparse } from '../support/folder.ts'
import { refused } from '../support/place.ts'
import { connectFor, type Service, serve } from '../support/service.ts'
import type { Course } from '../support/sources.ts'

// Servers that are closed during each kind of answer: close() waits for it, close({ timeout }) and
// closeAllConnections() cut it, and tell its source once.

interface Scene extends Service {
  readonly course: Course
  readonly finish: () => void
  /** Clients in the middle of their answers. */
  readonly clients: readonly Client[]
  /** Descriptors before the clients came. */
  readonly before: number
}

async function scene(t: ExecutionContext, kind: Kind, path: string, count = 3): Promise<Scene> {
  const place = join(folder(t), 'f')
  sparse(place, FILE)
  const { promise, open } = gate()
  const course: Course = { path: place, finish: promise, arrived: 0, made: 0, told: 0 }
  const service = await serve(t, answering(kind, course), kind.options)
  t.teardown(open)
  const first = await service.connect()
  await first.get('/witness')
  first.socket.destroy()
  await until('no connection', () => service.server.stats().connections.open === 0)
  const before = descriptors()
  const clients: Client[] = []
  for (let i = 0; i < count; i++) {
    const client = await service.connect()
    client.send(kind.request(path))
    await until('handler', () => course.made > i)
    await kind.reach(client, path)
    clients.push(client)
  }
  return { ...service, course, finish: open, clients, before }
}

/** Everybody is cut, and told so once. */
async function cut(t: ExecutionContext, stage: Scene, kind: Kind): Promise<void> {
  const { clients, course, errors, before } = stage
  for (const client of clients) {
    client.socket.resume()
    await client.gone()
  }
  const told = kind.tells ? clients.length : 0
  await until('the end of all', () => course.told >= told)
  await until('descriptors', () => descriptors() <= before)
  await new Promise((resolve) => setImmediate(resolve))
  t.is(course.told, told)
  t.deepEqual(errors, [])
}

/** Ways in which a server ends, behind what has begun. */
const ENDS: Record<string, (server: Server) => Promise<unknown>> = {
  'close()': (server) => server.close(),
  'drain()': (server) => server.drain({ keepAliveGrace: 0 }),
}

test.serial('listening and draining again and again leaves no descriptor behind', async (t) => {
  const server = createServer(() => 'ok')
  let before = Infinity
  for (let i = 0; i < 50; i++) {
    await server.listen(0, '127.0.0.1')
    const client = await connectFor(t, (server.address() as AddressInfo).port)
    t.is((await client.get('/')).status, 200)
    const drained = server.drain({ keepAliveGrace: 0 })
    await client.closed()
    await within('drain', drained)
    // At first something is loaded.
    if (i === 5) before = descriptors()
  }
  await until('descriptors', () => descriptors() <= before)
})

for (const kind of KINDS) {
  for (const [name, end] of Object.entries(ENDS))
    test.serial(`${kind.name}: ${name} waits for its end`, async (t) => {
      const stage = await scene(t, kind, '/body', 2)
      const { server, clients, course, errors, before } = stage
      const closed = end(server)
      await refused(stage.port)
      stage.finish()
      for (const client of clients) {
        await kind.whole(client)
        await client.closed()
      }
      await within('close', closed)
      await until('descriptors', () => descriptors() <= before)
      t.is(course.told, 0)
      t.deepEqual(errors, [])
    })

  for (const path of ['/head', '/body']) {
    test.serial(`${kind.name}: close({ timeout }) cuts it at ${path}`, async (t) => {
      const stage = await scene(t, kind, path)
      await within('close', stage.server.close({ timeout: 30 }))
      t.false(stage.server.listening)
      await cut(t, stage, kind)
    })

    test.serial(
      `${kind.name}: closeAllConnections() cuts it at ${path}, and the server goes on`,
      async (t) => {
        const stage = await scene(t, kind, path)
        stage.server.closeAllConnections()
        await cut(t, stage, kind)
        await until('no connection', () => stage.server.stats().connections.open === 0)
        const next = await stage.connect()
        t.is((await next.get('/witness')).text, 'ok')
      },
    )
  }

  test.serial(`${kind.name}: close() while it waits, then closeAllConnections()`, async (t) => {
    const stage = await scene(t, kind, '/body')
    const closed = stage.server.close()
    let isClosed = false
    void closed.then(() => (isClosed = true))
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
    t.false(isClosed)
    stage.server.closeAllConnections()
    await within('close', closed)
    await cut(t, stage, kind)
  })

  test.serial(`${kind.name}: closed with clients that left in the same moment`, async (t) => {
    const stage = await scene(t, kind, '/body')
    for (const client of stage.clients) client.reset()
    await within('close', stage.server.close({ timeout: 1000 }))
    await cut(t, stage, kind)
  })
}

test.serial(
  'a takeover: neither close({ timeout }) nor closeAllConnections() touches it',
  async (t) => {
    const stage = await scene(t, TAKEN, '/body')
    stage.server.closeAllConnections()
    await within('close', stage.server.close({ timeout: 0 }))
    for (const client of stage.clients) t.true(client.isQuiet)
    t.is(stage.course.told, 0)
    for (const client of stage.clients) {
      client.finish()
      t.is(await client.gone(), 'FIN')
    }
    await until('the end of all', () => stage.course.told === stage.clients.length)
    await until('descriptors', () => descriptors() <= stage.before)
  },
)

test.serial(
  'what was counted can be read when the server has closed, until it listens anew',
  async (t) => {
    const server = createServer(() => 'ok')
    t.teardown(() => server.close())
    t.is(server.stats().requests, 0)
    for (const asked of [2, 1]) {
      await server.listen(0, '127.0.0.1')
      t.is(server.stats().requests, 0)
      const client = await connectFor(t, (server.address() as AddressInfo).port)
      for (let i = 0; i < asked; i++) await client.get('/')
      client.socket.destroy()
      let heard = -1
      server.once('close', () => (heard = server.stats().requests))
      await within('close', server.close())
      await until('the event', () => heard >= 0)
      t.is(heard, asked)
      const { connections, requests, responses } = server.stats()
      t.deepEqual([connections, requests, responses['2xx']], [{ open: 0, total: 1 }, asked, asked])
    }
  },
)

/** What is no option of `close`, and what is said of it. */
const WRONG_CLOSES: [given: unknown, said: string][] = [
  [5000, 'options must be an object, got 5000'],
  ['x', 'options must be an object, got "x"'],
  [true, 'options must be an object, got true'],
  [null, 'options must be an object, got null'],
  [[5000], 'options must be an object, got an array'],
  [{ timeOut: 5000 }, '"timeOut" is no option of close: did you mean timeout?'],
  [{ timeout: '5' }, 'timeout must be a number, got "5"'],
]

for (const [given, message] of WRONG_CLOSES) {
  test(`close throws for ${JSON.stringify(given)}, and the server runs on`, async (t) => {
    const server = createServer(() => 'ok')
    t.throws(() => void server.close(given as never), { instanceOf: TypeError, message })
    await server.listen(0, '127.0.0.1')
    t.teardown(() => server.close())
    t.throws(() => void server.close(given as never), { instanceOf: TypeError, message })
    t.true(server.listening)
  })
}
