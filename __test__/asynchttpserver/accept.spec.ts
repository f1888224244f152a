import test, { type ExecutionContext } from 'ava'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  newAsyncHttpServer,
  type AsyncHttpServer,
  Http200,
} from '../../ts/asynchttpserver/index.ts'
import type { Callback } from '../../ts/asynchttpserver/index.ts'
import { descriptors } from '../../ts/server/descriptors.ts'
import { createServer } from '../../ts/index.ts'
import { DEMAND, type DemandOptions } from '../../ts/server/listen.ts'
import { type Client, get } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { connectFor } from '../support/service.ts'
import { acceptOne } from '../../ts/server/http-server.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const says =
  (text: string): Callback =>
  (req) =>
    req.respond(Http200, text)

/** A server that listens and accepts nobody. */
async function listening(t: ExecutionContext): Promise<AsyncHttpServer> {
  const server = newAsyncHttpServer()
  await server.listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  return server
}

/** Sends a request on each of so many connections. */
function askFor(t: ExecutionContext, port: number, count: number): Promise<Client[]> {
  const clients = Array.from({ length: count }, async () => {
    const client = await connectFor(t, port)
    return client.send(get('/'))
  })
  return Promise.all(clients)
}

test('a server that listens on demand accepts one client for each call, and no other', async (t) => {
  const server = createServer(() => 'unasked', { ioThreads: 2 })
  const options: DemandOptions = { host: '127.0.0.1', [DEMAND]: { onDemand: true } }
  await server.listen(options)
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const clients = await askFor(t, port, 3)
  t.is(server.stats().connections.total, 0)
  for (const [i, client] of clients.entries()) {
    await within(
      'a client',
      acceptOne(server, () => `handler ${i}`),
    )
    t.is((await client.reply()).text, `handler ${i}`)
    t.is(server.stats().connections.total, i + 1)
    // The loop has had turns enough to accept another one, if it would.
    for (let turn = 0; turn < 5; turn++) t.is((await client.get('/')).text, `handler ${i}`)
    t.is(server.stats().connections.total, i + 1)
    for (const other of clients.slice(i + 1)) t.true(other.isQuiet)
  }
})

test('each connection keeps the callback that it was accepted for', async (t) => {
  const server = await listening(t)
  const [one, two] = (await askFor(t, server.getPort(), 2)) as [Client, Client]
  // Both at once: they are served in turn.
  await Promise.all([server.acceptRequest(says('first')), server.acceptRequest(says('second'))])
  const texts = [(await one.reply()).text, (await two.reply()).text]
  t.deepEqual(texts.toSorted(), ['first', 'second'])
  t.deepEqual([(await one.get('/')).text, (await two.get('/')).text], texts)
})

test('a callback is forgotten with its connection', async (t) => {
  const server = await listening(t)
  const accept = async (): Promise<WeakRef<object>> => {
    const callback = says('once')
    const [client] = (await askFor(t, server.getPort(), 1)) as [Client]
    await server.acceptRequest(callback)
    t.is((await client.reply()).text, 'once')
    client.finish()
    await client.closed()
    return new WeakRef(callback)
  }
  const callbacks = [await accept(), await accept()]
  await until('the collection of both', () => {
    collect()
    return callbacks.every((callback) => callback.deref() === undefined)
  })
})

test('who waits for a client is told when the server closes', async (t) => {
  const server = await listening(t)
  const waiting = [server.acceptRequest(says('a')), server.acceptRequest(says('b'))]
  const rejected = waiting.map((one) => t.throwsAsync(one, { code: 'ERR_SERVER_NOT_RUNNING' }))
  await within('close', server.close())
  await within('the errors', Promise.all(rejected))
  await t.throwsAsync(server.acceptRequest(says('c')), { code: 'ERR_SERVER_NOT_RUNNING' })
})

test('nobody is accepted unasked when the server closes either', async (t) => {
  const server = await listening(t)
  const [client] = (await askFor(t, server.getPort(), 1)) as [Client]
  await within('close', server.close())
  t.is(await client.gone(), 'RST')
})

test('a server that does not listen has no port and accepts nobody', async (t) => {
  const server = newAsyncHttpServer()
  t.throws(() => server.getPort(), { code: 'ERR_SERVER_NOT_RUNNING' })
  await t.throwsAsync(server.acceptRequest(says('a')), { code: 'ERR_SERVER_NOT_RUNNING' })
  await t.notThrowsAsync(server.close())
})

test('it listens once, and again when it was closed', async (t) => {
  const server = await listening(t)
  const port = server.getPort()
  await t.throwsAsync(server.listen(0), { code: 'ERR_SERVER_ALREADY_LISTEN' })
  await t.throwsAsync(server.serve(0, says('a')), { code: 'ERR_SERVER_ALREADY_LISTEN' })
  t.is(server.getPort(), port)
  await Promise.all([server.close(), server.close()])
  t.throws(() => server.getPort(), { code: 'ERR_SERVER_NOT_RUNNING' })
  const served = server.serve(port, says('again'), { address: '127.0.0.1' })
  const client = await until('it listens', () => canPort(server)).then(() => connectFor(t, port))
  t.is((await client.get('/')).text, 'again')
  await t.throwsAsync(server.acceptRequest(says('b')), { code: 'ERR_SERVER_NOT_RUNNING' })
  client.finish()
  await server.close()
  await within('serve', served)
})

function canPort(server: AsyncHttpServer): boolean {
  try {
    return server.getPort() > 0
  } catch {
    return false
  }
}

test('listen need not be waited for', async (t) => {
  const server = newAsyncHttpServer()
  t.teardown(() => server.close())
  void server.listen(0, '127.0.0.1')
  const accepted = server.acceptRequest(says('a'))
  await until('it listens', () => canPort(server))
  const [client] = (await askFor(t, server.getPort(), 1)) as [Client]
  await accepted
  t.is((await client.reply()).text, 'a')
})

test('a server that is closed while it starts does not listen', async (t) => {
  const server = newAsyncHttpServer()
  const [listened, closed] = [server.listen(0, 'localhost'), server.close()]
  await within('both', Promise.all([listened, closed]))
  t.throws(() => server.getPort(), { code: 'ERR_SERVER_NOT_RUNNING' })
  const served = server.serve(0, says('a'), { address: '127.0.0.1' })
  await within('close', server.close())
  await within('serve', served)
  t.throws(() => server.getPort(), { code: 'ERR_SERVER_NOT_RUNNING' })
})

test('a listen that fails leaves a server that can listen', async (t) => {
  const [first, second] = [await listening(t), newAsyncHttpServer()]
  t.teardown(() => second.close())
  const failing = second.listen(first.getPort(), '127.0.0.1')
  const accepting = second.acceptRequest(says('a'))
  await t.throwsAsync(failing, { code: 'EADDRINUSE' })
  await t.throwsAsync(accepting, { code: 'EADDRINUSE' })
  await second.listen(0, '127.0.0.1')
  t.not(second.getPort(), first.getPort())
})

test('serve guards descriptors if told so, and accepts everybody', async (t) => {
  const server = newAsyncHttpServer()
  const options = { address: '127.0.0.1', assumedDescriptorsPerRequest: 5 }
  const served = server.serve(0, says('guarded'), options)
  await until('it listens', () => canPort(server))
  const clients = await askFor(t, server.getPort(), 20)
  for (const client of clients) t.is((await client.reply()).text, 'guarded')
  for (const client of clients) client.finish()
  await server.close()
  await within('serve', served)
})

test('shouldAcceptRequest counts what the whole process has open', (t) => {
  const server = newAsyncHttpServer()
  const { open, limit } = descriptors()
  t.true(open > 3 && open < limit)
  t.true(server.shouldAcceptRequest())
  t.true(server.shouldAcceptRequest(-1))
  t.true(server.shouldAcceptRequest(limit - open - 20))
  t.false(server.shouldAcceptRequest(limit - open))
  t.false(server.shouldAcceptRequest(limit))
})

const wrong = (value: unknown): never => value as never
const CALLS: [name: string, call: (server: AsyncHttpServer) => unknown][] = [
  ['a port below 0', (server) => server.listen(-1)],
  ['a port above 65535', (server) => server.listen(65536)],
  ['a port of text', (server) => server.listen(wrong('http'))],
  ['an address of the other domain', (server) => server.listen(0, '::1')],
  ['an IPv4 address as IPv6', (server) => server.listen(0, '127.0.0.1', 'AF_INET6')],
  ['an address of no text', (server) => server.listen(0, wrong(7))],
  ['a domain that is none', (server) => server.listen(0, '', wrong('AF_UNIX'))],
  ['a domain of the prototype', (server) => server.listen(0, '', wrong('constructor'))],
  ['no callback', (server) => server.serve(0, wrong(undefined))],
  ['options that are none', (server) => server.serve(0, says('a'), wrong(null))],
  [
    'half a descriptor',
    (server) => server.serve(0, says('a'), { assumedDescriptorsPerRequest: 0.5 }),
  ],
  ['text for descriptors', (server) => server.shouldAcceptRequest(wrong('5'))],
  ['an option of another server', (server) => server.serve(0, says('a'), wrong({ host: '::1' }))],
  ['options of serve in a list', (server) => server.serve(0, says('a'), wrong(['::1']))],
  ['an option of close that is none', (server) => server.close(wrong({ timeOut: 5 }))],
  ['a time-out of close without its name', (server) => server.close(wrong(5000))],
  ['no callback for a client', (server) => server.acceptRequest(wrong('x'))],
]

for (const [name, call] of CALLS) {
  test(`${name} is an error that says so, and leaves nothing behind`, async (t) => {
    const server = newAsyncHttpServer()
    const error = await t.throwsAsync(async () => call(server), { any: true })
    t.true(error instanceof TypeError || error instanceof RangeError, String(error))
    await server.listen(0, '127.0.0.1')
    await server.close()
  })
}

/** Wrong options, and how what is wrong is named. */
const OPTIONS: [bad: unknown, said: RegExp][] = [
  [{ reuseAddr: 1 }, /reuseAddr must be a boolean, got 1/],
  [{ reusePort: 'yes' }, /reusePort must be a boolean, got "yes"/],
  [{ maxBody: -1 }, /maxBody .*got -1/],
  [{ maxBody: '8' }, /maxBody must be a number, got "8"/],
  [{ maxBody: 2 ** 31 }, /maxBody .*got 2147483648/],
  [{ readTimeout: 0.5 }, /readTimeout .*got 0.5/],
  [{ readTimeout: Number.NaN }, /readTimeout .*got NaN/],
  [{ onError: 'log' }, /onError must be a function, got "log"/],
  [{ onError: 5 }, /onError must be a function, got 5/],
  [{ maxbody: 1 }, /"maxbody" is no option of newAsyncHttpServer: did you mean maxBody\?/],
  [{ maxBodySize: 2 }, /"maxBodySize" .*there are reuseAddr, .*onError/],
  [null, /options must be an object, got null/],
  [[], /options must be an object, got an array/],
]

for (const [bad, message] of OPTIONS) {
  test(`options ${JSON.stringify(bad)} are refused`, (t) => {
    const error = t.throws(() => newAsyncHttpServer(wrong(bad)), { any: true, message })
    t.true(error instanceof TypeError || error instanceof RangeError)
  })
}

test('it listens on IPv6, and on every address of a domain', async (t) => {
  for (const [address, domain, client] of [
    ['::1', 'AF_INET6', '::1'],
    ['', 'AF_INET6', '::1'],
    ['', 'AF_INET', '127.0.0.1'],
    ['localhost', 'AF_INET', '127.0.0.1'],
  ] as const) {
    const server = newAsyncHttpServer()
    t.teardown(() => server.close())
    await server.listen(0, address, domain)
    const accepted = server.acceptRequest((req) => req.respond(Http200, req.hostname))
    const connection = await connectFor(t, { port: server.getPort(), host: client })
    await accepted
    t.is((await connection.get('/')).text, client)
  }
})

test('without reuseAddr a port is kept by the connections of its last owner', async (t) => {
  const [first, strict, lenient] = [
    newAsyncHttpServer(),
    newAsyncHttpServer({ reuseAddr: false }),
    newAsyncHttpServer(),
  ]
  await first.listen(0, '127.0.0.1')
  const port = first.getPort()
  const [client] = (await askFor(t, port, 1)) as [Client]
  // Who closes first waits for segments that linger (RFC 9293 §3.6.1).
  await first.acceptRequest((req) => req.respond(Http200, 'a', { connection: 'close' }))
  await client.reply()
  await client.closed()
  await first.close()
  await t.throwsAsync(strict.listen(port, '127.0.0.1'), { code: 'EADDRINUSE' })
  await lenient.listen(port, '127.0.0.1')
  await lenient.close()
})

test('with reusePort two servers share a port', async (t) => {
  const [one, two] = [
    newAsyncHttpServer({ reusePort: true }),
    newAsyncHttpServer({ reusePort: true }),
  ]
  t.teardown(() => Promise.all([one.close(), two.close()]))
  await one.listen(0, '127.0.0.1')
  await two.listen(one.getPort(), '127.0.0.1')
  t.is(two.getPort(), one.getPort())
})
