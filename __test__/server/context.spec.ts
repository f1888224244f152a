import test from 'ava'
import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { Readable } from 'node:stream'
import { type HttpRequest, type HttpResult, sse, stream } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

// Whatever runs for a request runs in the async context in which its handler asked for it.

const storage = new AsyncLocalStorage<string>()
const here = (): string => storage.getStore() ?? 'nowhere'

/** How a handler enters a context. */
const ENTERS: Record<string, (name: string, task: () => HttpResult) => HttpResult> = {
  run: (name, task) => storage.run(name, task),
  enterWith: (name, task) => {
    storage.enterWith(name)
    return task()
  },
}

async function* generator(): AsyncGenerator<string> {
  yield `${here()},`
  await new Promise(setImmediate)
  yield `${here()},`
  // More than is under way at a time: whoever goes on is woken by the I/O thread.
  for (let i = 0; i < 4; i++) yield 'x'.repeat(100_000)
  yield `,${here()}`
}

function* plain(): Generator<string> {
  for (let i = 0; i < 3; i++) yield `${here()},`
}

const SOURCES: Record<string, () => HttpResult> = {
  'an async generator': () => stream(generator()),
  'a generator': () => stream(plain()),
  'a web stream': () =>
    stream(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(`${here()},`)
          controller.close()
        },
      }),
    ),
  'a Readable': () => stream(Readable.from(plain())),
  events: () => sse(generator()),
}

for (const [how, enter] of Object.entries(ENTERS)) {
  for (const [what, source] of Object.entries(SOURCES)) {
    test(`a stream is pulled where it was made: ${what}, ${how}`, async (t) => {
      const { connect } = await serve(t, (req) => enter(req.path, source))
      const [one, two] = [await connect(), await connect()]
      const [first, second] = await Promise.all([one.get('/one'), two.get('/two')])
      for (const [reply, name] of [
        [first, '/one'],
        [second, '/two'],
      ] as const) {
        const found = reply.text.match(/\/one|\/two|nowhere/g) ?? []
        t.true(found.length > 0)
        t.deepEqual([...new Set(found)], [name])
      }
    })
  }

  test(`a source is cancelled where it was made: ${how}`, async (t) => {
    const cancelled = gate<string>()
    const source = async function* (): AsyncGenerator<string> {
      try {
        for (;;) {
          yield 'x'.repeat(1000)
          await new Promise(setImmediate)
        }
      } finally {
        cancelled.open(here())
      }
    }
    const { connect } = await serve(t, (req) => enter(req.path, () => stream(source())))
    const client = (await connect()).send(get('/one'))
    await client.exactly(2000)
    client.reset()
    t.is(await within('cancel', cancelled.promise), '/one')
  })

  test(`the events of raw() come where it was called: ${how}`, async (t) => {
    const heard: string[] = []
    const { connect } = await serve(t, (req) =>
      enter(req.path, () => {
        const raw = req.raw()
        const note = (event: string) => (): void => void heard.push(`${event} ${here()}`)
        for (const event of ['drain', 'finish', 'close', 'error']) raw.on(event, note(event))
        raw.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n', note('head'))
        raw.write('x'.repeat(req.path === '/part' ? 999_999 : 1_000_000), note('body'))
        raw.once('drain', () => raw.end(note('end')))
        return ''
      }),
    )
    const client = await connect()
    t.is((await client.get('/whole')).body.length, 1_000_000)
    await until('close', () => heard.includes('close /whole'))
    const events = ['head', 'body', 'drain', 'finish', 'end', 'close']
    t.deepEqual(heard.toSorted(), events.map((event) => `${event} /whole`).toSorted())
    heard.length = 0
    // One byte is missing: it is refused.
    client.send(get('/part'))
    await until('error', () => heard.includes('error /part'))
    await until('close', () => heard.includes('close /part'))
    t.false(heard.some((event) => event.endsWith('nowhere')))
  })
}

/** Handlers that fail, at once, later, and in what they return. */
const FAILURES: Record<string, (req: HttpRequest) => HttpResult | Promise<HttpResult>> = {
  'a throw': () => {
    throw new Error('no')
  },
  'a rejection': async () => {
    await new Promise(setImmediate)
    throw new Error('no')
  },
  'a foreign thenable': () =>
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tried
    Object.defineProperty({}, 'then', {
      value: (_: unknown, reject: (error: Error) => void) => setImmediate(reject, new Error('no')),
    }) as never,
  'no result': () => undefined as never,
  'a late result that is none': () => Promise.resolve(42 as never),
  'a source': () =>
    stream(
      (async function* () {
        yield 'x'
        await new Promise(setImmediate)
        throw new Error('no')
      })(),
    ),
}

for (const [what, fail] of Object.entries(FAILURES)) {
  test(`onError runs where its request does: ${what}`, async (t) => {
    const heard: string[] = []
    const { connect } = await serve(
      t,
      (req) => {
        storage.enterWith(req.path)
        return fail(req)
      },
      { onError: () => heard.push(here()) },
    )
    const [one, two] = [await connect(), await connect()]
    one.send(get('/one'))
    two.send(get('/two'))
    await until('both', () => heard.length === 2)
    t.deepEqual(heard.toSorted(), ['/one', '/two'])
  })
}

test('listeners of a signal run where it was asked for', async (t) => {
  const [heard, begun] = [gate<string>(), gate()]
  const { connect } = await serve(t, (req) =>
    storage.run(req.path, () => {
      begun.open()
      req.signal.addEventListener('abort', () => heard.open(here()))
      return new Promise<HttpResult>(() => undefined)
    }),
  )
  const client = await connect()
  client.send(get('/one'))
  await within('the handler', begun.promise)
  client.reset()
  t.is(await within('abort', heard.promise), '/one')
})

test.serial('async_hooks hear of the end of every request', async (t) => {
  const { connect } = await serve(t, (req) => {
    if (req.path === '/late') return new Promise((resolve) => setImmediate(resolve, 'late'))
    if (req.path === '/stream') return stream(plain())
    if (req.path === '/raw') {
      req.raw().end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      return ''
    }
    if (req.path === '/none') throw new Error('none')
    return 'ok'
  })
  const open = new Set<number>()
  let seen = 0
  const hook = createHook({
    init: (id, type) => {
      if (!type.startsWith('FASTHTTP')) return
      seen++
      open.add(id)
    },
    destroy: (id) => void open.delete(id),
  }).enable()
  t.teardown(() => hook.disable())
  const client = await connect()
  for (const path of ['/', '/late', '/stream', '/raw', '/none']) {
    client.send(get(path).repeat(100))
    for (let i = 0; i < 100; i++) await client.reply()
  }
  t.true(seen >= 500)
  await until('all of them', () => open.size === 0)
})
