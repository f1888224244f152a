import test, { type ExecutionContext } from 'ava'
import { createHook } from 'node:async_hooks'
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import type { Server } from '../../ts/index.ts'
import { gate, type Gate, within } from '../support/deadline.ts'
import { serve } from './served.ts'

/** Longer than any test lasts. */
const LONG = 2 ** 31 - 1
/** Has passed when the connections are over. */
const SHORT = 1

interface Working {
  readonly server: Server
  /** What the server has been given to wait for. */
  readonly work: Gate
}

/** A server with work that goes on behind an answer. */
async function working(t: ExecutionContext, more?: Promise<unknown>): Promise<Working> {
  const work = gate()
  const { server, connect } = await serve(t, (_, { waitUntil }) => {
    waitUntil(more === undefined ? work.promise : work.promise.then(() => waitUntil(more)))
    return new Response('at once')
  })
  // Ahead of the end of the server, which waits for it.
  t.teardown(() => work.open())
  const client = await connect()
  t.is((await client.get('/')).text, 'at once')
  await client.finish().closed()
  return { server, work }
}

const byCallback = (server: Server): Promise<unknown> =>
  new Promise((resolve) => void server.close(resolve))

/** What comes behind the work, and how it is asked for. */
const ENDS: Record<string, (server: Server) => Promise<unknown>> = {
  'the promise of close': (server) => server.close(),
  'the promise of close with a callback': (server) => server.close(() => undefined),
  'the callback of close': byCallback,
  'the promise of close with a time-out': (server) => server.close({ timeout: LONG }),
  'the promise of drain': (server) => server.drain({ keepAliveGrace: 0 }),
  'the promise of drain with a time-out': (server) =>
    server.drain({ keepAliveGrace: 0, timeout: LONG }),
  'the end of await using': (server) => server[Symbol.asyncDispose]() as Promise<void>,
}

for (const [what, end] of Object.entries(ENDS)) {
  test(`comes behind work that goes on, and what that brings: ${what}`, async (t) => {
    const more = gate()
    const { server, work } = await working(t, more.promise)
    const done: string[] = []
    const over = once(server, 'close')
    const ended = end(server).then(() => void done.push('end'))
    await within('connections', over)
    await turn()
    t.deepEqual(done, [])
    work.open()
    await turn()
    t.deepEqual(done, [])
    done.push('work')
    more.open()
    await within(what, ended)
    t.deepEqual(done, ['work', 'end'])
  })
}

/** How an end is asked for whose time-out passes while work goes on. */
const LIMITED: Record<string, (server: Server) => Promise<unknown>> = {
  close: (server) => server.close({ timeout: SHORT }),
  'close, at once': (server) => server.close({ timeout: 0 }),
  drain: (server) => server.drain({ keepAliveGrace: 0, timeout: SHORT }),
  'a close behind another one': (server) =>
    Promise.all([server.close(), byCallback(server), server.close({ timeout: SHORT })]),
  'a close behind a drain': (server) =>
    Promise.all([server.drain({ timeout: LONG }), server.close({ timeout: SHORT })]),
}

for (const [what, end] of Object.entries(LIMITED)) {
  test(`work is no longer waited for when the time-out has passed: ${what}`, async (t) => {
    const { server } = await working(t)
    await within(what, end(server))
    t.false(server.listening)
  })
}

test('the time-out counts from the call, also while requests are answered still', async (t) => {
  const [begun, work] = [gate(), gate()]
  const { server, connect, errors } = await serve(t, async (req, { waitUntil }) => {
    begun.open()
    await new Promise((resolve) => req.signal.addEventListener('abort', resolve))
    // It has passed already.
    waitUntil(work.promise)
    return new Response()
  })
  t.teardown(() => work.open())
  const client = await connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await within('handler', begun.promise)
  await within('close', server.close({ timeout: SHORT }))
  t.deepEqual(errors, [])
})

test('what was given up does not keep the next end from coming', async (t) => {
  const { server, work } = await working(t)
  await within('close', server.close({ timeout: SHORT }))
  await server.listen(0, '127.0.0.1')
  const done: string[] = []
  const over = once(server, 'close')
  const closed = server.close().then(() => void done.push('closed'))
  await within('connections', over)
  await turn()
  // It goes on, and this one has no time-out.
  t.deepEqual(done, [])
  work.open()
  await within('close', closed)
})

test('a callback hears that the server does not run', async (t) => {
  const { server, work } = await working(t)
  work.open()
  await within('close', server.close())
  t.is(
    ((await within('callback', byCallback(server))) as { code?: string }).code,
    'ERR_SERVER_NOT_RUNNING',
  )
})

test('a drain has one promise, and another one in the next run', async (t) => {
  const { server, work } = await working(t)
  work.open()
  const first = server.drain({ keepAliveGrace: 0 })
  t.is(server.drain(), first)
  t.deepEqual(await within('drain', first), { cut: 0 })
  await server.listen(0, '127.0.0.1')
  const second = server.drain({ keepAliveGrace: 0 })
  t.not(second, first)
  await within('drain', second)
})

test('wrong options throw as those of any server', async (t) => {
  const { server, work } = await working(t)
  work.open()
  t.throws(() => server.close({ timeout: -1 }), { message: /^timeout must be/ })
  t.throws(() => server.drain({ timeout: 'x' as never }), { message: /^timeout must be/ })
  t.true(server.listening)
})

test.serial('the timer keeps no process alive, and is gone with the end', async (t) => {
  const { server, work } = await working(t)
  work.open()
  const timers = new Map<number, NodeJS.Timeout>()
  let isAsked = false
  const hook = createHook({
    init(id, type, _, resource) {
      if (isAsked && type === 'Timeout') timers.set(id, resource as NodeJS.Timeout)
    },
    destroy: (id) => void timers.delete(id),
  }).enable()
  t.teardown(() => hook.disable())
  isAsked = true
  const closed = server.close({ timeout: LONG })
  isAsked = false
  t.deepEqual(
    [...timers.values()].map((timer) => timer.hasRef()),
    [false],
  )
  await within('close', closed)
  // Hooks hear of it later.
  await turn()
  t.is(timers.size, 0)
})
