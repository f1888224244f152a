import test, { type ExecutionContext } from 'ava'
import type { HttpRequest, HttpResult, ServerOptions } from '../../ts/index.ts'
import { type Client, get } from '../support/client.ts'
import { gate, within } from '../support/deadline.ts'
import { type Service, serve } from '../support/service.ts'
import { hasThreads } from '../support/shared-thread.ts'

/** Somebody has to read and answer while JavaScript is blocked. */
const apart = hasThreads ? test.serial : test.serial.skip

// A request that was answered without its handler, or whose client is gone, never runs.

/** A server whose handlers are counted by path; `/block` blocks JavaScript until `blocked` says so. */
interface Scene extends Service {
  readonly ran: string[]
  /** Blocks, with `sends` in the kernel or on their way, until `isOver`. */
  block(sends: () => void, isOver: () => boolean): Promise<void>
}

async function scene(
  t: ExecutionContext,
  options: ServerOptions,
  handler: (req: HttpRequest) => HttpResult | Promise<HttpResult> = () => 'ran',
): Promise<Scene> {
  const ran: string[] = []
  let [sends, isOver, done] = [(): void => undefined, (): boolean => true, gate()]
  const service = await serve(
    t,
    (req) => {
      if (req.path !== '/block') {
        ran.push(req.path)
        return handler(req)
      }
      sends()
      const end = performance.now() + 60_000
      while (!isOver())
        if (performance.now() > end)
          throw new Error(`never: ${JSON.stringify(service.server.stats())}`)
      done.open()
      return 'unblocked'
    },
    options,
  )
  const blocker = await service.connect()
  return {
    ...service,
    ran,
    async block(before, over) {
      ;[sends, isOver, done] = [before, over, gate()]
      blocker.send(get('/block'))
      await within('the block', done.promise)
      if ((await blocker.reply()).text !== 'unblocked') throw new Error('it was not unblocked')
    },
  }
}

/** Clients that are connected. */
async function clients({ connect }: Service, count: number): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, () => connect()))
}

const LARGE = 40_000
const post = (path: string, size: number): string =>
  `POST ${path} HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`

/** What waits, by kind. */
const KINDS: Record<string, (path: string) => string> = {
  'a GET': (path) => get(path),
  'a body in a chunk': (path) => post(path, 10_000),
  'a body that no chunk can hold': (path) => post(path, LARGE),
  'an upgrade': (path) => get(path, 'Connection: upgrade\r\nUpgrade: websocket\r\n'),
}

for (const [kind, request] of Object.entries(KINDS)) {
  for (const ioThreads of [1, 2]) {
    apart(
      `${kind} that waited too long is answered 503 and never runs, ${ioThreads}`,
      async (t) => {
        const some = await scene(t, { maxQueueDelay: 1000, ioThreads })
        const { server, ran } = some
        const waiting = await clients(some, 20)
        await some.block(
          () => waiting.forEach((one, i) => one.send(request(`/${i}`))),
          () => server.stats().refused >= 20,
        )
        for (const one of waiting) {
          const reply = await one.reply()
          t.deepEqual([reply.status, reply.header('retry-after')], [503, '1'])
        }
        const fresh = await some.connect()
        t.is((await fresh.send(request('/fresh')).reply()).status, 200)
        t.deepEqual(ran, ['/fresh'])
      },
    )
  }

  apart(`${kind} of a client that was reset never runs`, async (t) => {
    const some = await scene(t, {})
    const { server, ran } = some
    const [gone, stays] = [await clients(some, 20), await clients(some, 2)]
    const before = server.stats().requests + 1
    await some.block(
      () => {
        gone.forEach((one, i) => one.send(request(`/gone/${i}`)))
        stays.forEach((one, i) => one.send(request(`/stays/${i}`)))
        const end = performance.now() + 60_000
        while (server.stats().requests < before + 22 && performance.now() < end);
        for (const one of gone) one.reset()
      },
      () => server.stats().connections.open <= 3,
    )
    for (const one of stays) t.is((await one.reply()).status, 200)
    t.deepEqual(ran.toSorted(), ['/stays/0', '/stays/1'])
  })
}

test.serial('a client that has sent FIN has its answer', async (t) => {
  const some = await scene(t, { maxQueueDelay: 10_000 })
  const waiting = await clients(some, 5)
  for (const one of waiting) one.send(get('/half')).finish()
  for (const one of waiting) t.is((await one.reply()).text, 'ran')
  t.is(some.ran.length, 5)
})

test.serial(
  'who is late by handlerTimeout may come again exactly if its handler had not begun',
  async (t) => {
    const burn = (): string => {
      const end = performance.now() + 30
      while (performance.now() < end);
      return 'ran'
    }
    const some = await scene(t, { handlerTimeout: 150, ioThreads: 1 }, burn)
    const waiting = await clients(some, 40)
    waiting.forEach((one, i) => one.send(get(`/${i}`)))
    const begun: string[] = []
    let late = 0
    const answered = async (one: Client, path: string): Promise<void> => {
      const reply = await one.reply()
      t.true(reply.status === 200 || reply.status === 503)
      if (reply.header('retry-after') === undefined) begun.push(path)
      else late++
    }
    for (const [i, one] of waiting.entries()) await answered(one, `/${i}`)
    await answered((await some.connect()).send(get('/last')), '/last')
    t.true(late > 0)
    t.deepEqual(some.ran.toSorted(), begun.toSorted())
  },
)

test.serial(
  'a handler that has begun and is late is answered 503, and nobody is told to come again',
  async (t) => {
    const some = await scene(t, { handlerTimeout: 2000 }, () => new Promise(() => undefined))
    const reply = await (await some.connect()).get('/slow')
    t.deepEqual([reply.status, reply.header('retry-after')], [503, undefined])
  },
)

apart(
  'more than 40,000 withdrawn requests are passed over, and those between them run',
  async (t) => {
    const some = await scene(t, { maxQueueDelay: 500, ioThreads: 1 })
    const { server, ran } = some
    let [answered, sent] = [0, 0]
    while (sent < 40_000) {
      const waiting = await clients(some, 200)
      // Of each only the first is refused; what it had pipelined goes with it.
      const many = get('/x').repeat(16)
      const before = server.stats().refused
      await some.block(
        () => waiting.forEach((one) => one.send(many)),
        () => server.stats().refused >= before + waiting.length,
      )
      for (const one of waiting) {
        for (let i = 0; i < 16 && one.isOpen; i++) {
          const { status } = await one.reply()
          if (status === 200) answered++
          if (status === 503) break
        }
        one.reset()
      }
      sent += 200 * 16
    }
    t.is(ran.length, answered)
    t.is((await (await some.connect()).get('/after')).text, 'ran')
  },
)
