import test, { type ExecutionContext } from 'ava'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, Router } from '../../ts/index.ts'
import { type Client, get } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { start } from '../support/program.ts'
import { connectFor, serve, type Service } from '../support/service.ts'
import { hasThreads } from '../support/shared-thread.ts'

/** Somebody has to answer while JavaScript spins. */
const apart = hasThreads ? test : test.skip

/** Status and body. */
async function ask(client: Client, path: string): Promise<string> {
  const { status, body } = await client.get(path)
  return `${status} ${body}`
}

/** Asks again and again until that is the answer; gives those before it. */
async function askUntil(client: Client, path: string, answer: string): Promise<Set<string>> {
  const before = new Set<string>()
  const asking = async (): Promise<void> => {
    for (;;) {
      const answered = await ask(client, path)
      if (answered === answer) return
      before.add(answered)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  await within(`${path} is ${answer}`, asking(), 60_000)
  return before
}

async function probed(t: ExecutionContext, handler: () => string): Promise<Service[]> {
  const router = new Router()
  router.get('/*rest', handler)
  const services = [await serve(t, handler), await serve(t, router)]
  for (const { server } of services) {
    server.ready('/ready')
    server.alive('/alive')
  }
  return services
}

test('probes are answered without a handler, and nothing else is', async (t) => {
  let calls = 0
  for (const { connect } of await probed(t, () => `${++calls}`)) {
    calls = 0
    const client = await connect()
    await askUntil(client, '/ready', '200 ok')
    t.is(await ask(client, '/alive'), '200 ok')
    t.is(await ask(client, '/ready?x'), '200 ok')
    t.is(await ask(client, '/%72eady'), '200 ok')
    const { headers } = await client.get('/alive')
    t.true(headers.some(([name, value]) => name === 'Cache-Control' && value === 'no-store'))
    const head = await client.send('HEAD /ready HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
    t.deepEqual([head.status, head.body.length], [200, 0])
    t.is(calls, 0)
    for (const path of ['/', '/ready/', '/readyx', '/read'])
      t.is((await client.get(path)).status, 200)
    t.is(calls, 4)
    const posted = client.send('POST /ready HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
    t.not((await posted.reply('POST')).body.toString(), 'ok')
  }
})

/** What clients ask with besides, and what they send behind the head. */
const ASKED_WITH: Record<string, [fields: string, body?: string]> = {
  'another protocol, as Java does': [
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n',
  ],
  'a WebSocket': ['Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n'],
  'a body': ['Content-Length: 3\r\n', 'abc'],
  'an empty body': ['Content-Length: 0\r\n'],
  chunks: ['Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n0\r\n\r\n'],
  'conditions and ranges': ['If-None-Match: *\r\nRange: bytes=0-0\r\n'],
}

for (const bodyMode of ['buffer', 'stream'] as const) {
  for (const [name, [fields, body = '']] of Object.entries(ASKED_WITH)) {
    test(`a probe that asks with ${name} is a probe, with bodyMode ${bodyMode}`, async (t) => {
      const { server, connect } = await serve(t, () => 'handler', { bodyMode })
      server.on('upgrade', (_req, socket) => void socket.destroy())
      server.ready('/ready')
      const client = await connect()
      await askUntil(client, '/ready', '200 ok')
      for (const pieces of [[0], [0, 1]]) {
        const bytes = Buffer.from(get('/ready', fields) + body + get('/ready') + get('/'))
        // At once, and with a turn between the head and what is behind it.
        const cut = pieces.length === 1 ? bytes.length : get('/ready', fields).length
        await client.sendPieces([bytes.subarray(0, cut), bytes.subarray(cut)])
        for (const expected of ['ok', 'ok', 'handler'])
          t.is((await client.reply()).body.toString(), expected)
      }
    })
  }
}

test('who waits for a 100 ahead of a probe is told the answer at once', async (t) => {
  const { server, connect } = await serve(t, () => 'handler')
  server.ready('/ready')
  const client = await connect()
  await askUntil(client, '/ready', '200 ok')
  client.send(get('/ready', 'Expect: 100-continue\r\nContent-Length: 3\r\n'))
  t.is((await client.reply()).body.toString(), 'ok')
})

test('pipelined probes have their turn', async (t) => {
  for (const { connect } of await probed(t, () => 'handler')) {
    const client = await connect()
    await askUntil(client, '/ready', '200 ok')
    client.send(['/', '/ready', '/', '/alive'].map((path) => get(path)).join(''))
    for (const body of ['handler', 'ok', 'handler', 'ok']) {
      t.is((await client.reply()).body.toString(), body)
    }
  }
})

/** What `isReady` cannot be set to, and how it is named. */
const NO_FLAGS: [wrong: unknown, named: string][] = [
  [1, '1'],
  [undefined, 'undefined'],
  [null, 'null'],
  ['false', '"false"'],
]

test('the program says whether it is ready, before it listens as well', async (t) => {
  const server = createServer(() => 'ok')
  const readiness = server.ready('/ready')
  readiness.isReady = false
  await server.listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  const client = await connectFor(t, (server.address() as { port: number }).port)
  await askUntil(client, '/ready', '503 not ready')
  readiness.isReady = true
  t.is(await ask(client, '/ready'), '200 ok')
  for (const [wrong, named] of NO_FLAGS) {
    const message = `isReady must be a boolean, got ${named}`
    t.throws(() => (readiness.isReady = wrong as never), { instanceOf: TypeError, message })
    t.true(readiness.isReady)
  }
})

test('a server that drains is alive and not ready', async (t) => {
  for (const { server, connect } of await probed(t, () => 'ok')) {
    await askUntil(await connect(), '/ready', '200 ok')
    const drained = server.drain({ lameDuck: 60_000 })
    t.is(await ask(await connect(), '/ready'), '503 draining')
    t.is(await ask(await connect(), '/alive'), '200 ok')
    await server.close()
    await drained
  }
})

// What JavaScript is told to do while nobody waits for an answer, or somebody does.
const SPINS: Record<string, (service: { say: (line: string) => void; client: Client }) => void> = {
  'in a handler': ({ client }) => void client.send(get('/spin?1e9')),
  'anywhere else': ({ say }) => say('spin'),
}

for (const [where, spin] of Object.entries(SPINS)) {
  apart(`JavaScript that spins for ever ${where} is not ready, and then not alive`, async (t) => {
    const program = start(t, 'probed')
    const port = Number(await program.line())
    const client = await connectFor(t, port)
    for (const path of ['/ready', '/alive']) await askUntil(client, path, '200 ok')
    spin({ say: (line) => program.say(line), client: await connectFor(t, port) })
    await askUntil(client, '/ready', '503 stuck')
    t.is(await ask(client, '/alive'), '200 ok')
    t.deepEqual([...(await askUntil(client, '/alive', '503 stuck'))], ['200 ok'])
  })
}

apart('JavaScript that comes back is ready again', async (t) => {
  const end = join(folder(t), 'end')
  const program = start(t, 'probed', { args: ['100', '60000', end] })
  const port = Number(await program.line())
  const [client, other] = [await connectFor(t, port), await connectFor(t, port)]
  await askUntil(client, '/ready', '200 ok')
  other.send(get('/spin?1e9'))
  await askUntil(client, '/ready', '503 stuck')
  writeFileSync(end, '')
  t.is((await other.reply()).status, 200)
  await askUntil(client, '/ready', '200 ok')
})

apart('a drain shows although JavaScript spins', async (t) => {
  const program = start(t, 'probed', { args: ['60000', '60000'] })
  const port = Number(await program.line())
  const [client, other] = [await connectFor(t, port), await connectFor(t, port)]
  await askUntil(client, '/ready', '200 ok')
  other.send(get('/drain'))
  // Each answer is the last one of its connection now.
  for (let answer = ''; answer !== '503 draining';) {
    answer = await ask(await connectFor(t, port), '/ready')
    t.true(['200 ok', '503 draining'].includes(answer), answer)
  }
})

for (const path of ['', 'ready', '/a b', '/a?b', '/%61', 7, undefined]) {
  test(`a probe at ${JSON.stringify(path)} is refused`, (t) => {
    const server = createServer(() => 'ok')
    t.throws(() => server.ready(path as never), { instanceOf: TypeError })
    t.throws(() => server.alive(path as never), { instanceOf: TypeError })
  })
}

test('the times of probes are checked', (t) => {
  const server = createServer(() => 'ok')
  t.throws(() => server.ready('/a', { readyAfter: 0 }), { message: /^readyAfter must be/ })
  t.throws(() => server.alive('/a', { stuckAfter: 1.5 }), { message: /^stuckAfter must be/ })
  t.throws(() => server.alive('/a', { readyAfter: 1 } as never), { message: /no option of alive/ })
})
