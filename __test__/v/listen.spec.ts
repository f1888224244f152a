import test from 'ava'
import type { AddressInfo } from 'node:net'
import { createServer, type ListenOptions } from '../../ts/index.ts'
import { Client, get } from '../support/client.ts'
import { gate, within } from '../support/deadline.ts'
import { answers, freePort, refused } from '../support/place.ts'
import { start } from '../support/program.ts'
import { connectFor, inParallel, serve } from '../support/service.ts'

// What V's fasthttp tests of addresses, of its start and of its end, by the numbers in list.spec.ts.

test('V 1: the example is compiled, runs, answers, and ends by a signal', async (t) => {
  const program = start(t, 'examples/hello', { env: { PORT: '0' } })
  const url = /^http:\/\/127\.0\.0\.1:(\d+)\//.exec(await program.line())
  const client = await connectFor(t, Number(url?.[1]))
  t.is((await client.get('/')).text, 'Hello, World!\n')
  program.child.kill('SIGTERM')
  t.deepEqual(await program.ended().then(({ code, signal }) => [code, signal]), [0, null])
})

/** Where a server listens, and what it says of it: family, address, and how clients find it. */
const PLACES: [string, options: ListenOptions, family: string, address: string, hosts: string[]][] =
  [
    ['V 7, V 53, V 80', {}, 'IPv6', '::', ['127.0.0.1', '::1']],
    ['V 53', { host: '::' }, 'IPv6', '::', ['127.0.0.1', '::1']],
    ['V 53, V 58', { host: '0.0.0.0' }, 'IPv4', '0.0.0.0', ['127.0.0.1']],
    ['V 54, V 55, V 60', { host: '127.0.0.1' }, 'IPv4', '127.0.0.1', ['127.0.0.1']],
    ['V 56, V 58', { host: '::1' }, 'IPv6', '::1', ['::1']],
    ['V 80', { host: '::', ipv6Only: true }, 'IPv6', '::', ['::1']],
  ]

for (const [number, options, family, address, hosts] of PLACES) {
  test(`${number}: listen(${JSON.stringify(options)}) is reached at ${hosts.join(' and ')}`, async (t) => {
    const { server } = await serve(t, () => 'ok', {}, options)
    const bound = server.address() as AddressInfo
    t.deepEqual([bound.family, bound.address], [family, address])
    for (const host of ['127.0.0.1', '::1']) {
      t.is(await answers(t, { host, port: bound.port }), hosts.includes(host), host)
    }
  })
}

test('V 58: a name is shown as the address it stands for', async (t) => {
  const { server } = await serve(t, () => 'ok', {}, { host: 'localhost' })
  t.true(['127.0.0.1', '::1'].includes((server.address() as AddressInfo).address))
})

test('V 60: a chosen port is the port, and requests are answered there', async (t) => {
  const port = await freePort('127.0.0.1')
  const { server } = await serve(t, () => 'ok', {}, { host: '127.0.0.1', port })
  t.deepEqual(server.address(), { address: '127.0.0.1', family: 'IPv4', port })
  t.is((await (await connectFor(t, port)).get('/')).text, 'ok')
})

test('V 8: two servers, one of each family, at once', async (t) => {
  const four = await serve(t, () => 'four', {}, { host: '127.0.0.1' })
  const six = await serve(t, () => 'six', {}, { host: '::1' })
  t.is((await (await connectFor(t, four.port)).get('/')).text, 'four')
  t.is((await (await connectFor(t, { host: '::1', port: six.port })).get('/')).text, 'six')
})

test('V 57, V 59: a host that nobody knows is an error, and the server can try another', async (t) => {
  const server = createServer(() => 'ok')
  t.teardown(() => server.close())
  const error: NodeJS.ErrnoException | undefined = await t.throwsAsync(
    within('error', server.listen({ host: 'no-such-host.invalid' })),
  )
  t.true(['ENOTFOUND', 'EAI_AGAIN'].includes(error?.code ?? ''), error?.code)
  t.is(server.address(), null)
  await server.listen({ host: '127.0.0.1' })
  t.true(server.listening)
})

test('V 66: whoever hears of listening is served, by every I/O thread, each of many times', async (t) => {
  for (let i = 0; i < 25; i++) {
    const server = createServer(() => 'ok', { ioThreads: 4 })
    await within('listen', server.listen({ host: '127.0.0.1' }))
    const { port } = server.address() as AddressInfo
    await inParallel(Array(8).fill(0), 8, async () => {
      const client = await Client.connect(port)
      t.is((await client.get('/')).text, 'ok')
      client.socket.destroy()
    })
    await within('close', server.close())
  }
})

test('V 66: a server that is closed while it starts is closed', async (t) => {
  for (let i = 0; i < 25; i++) {
    const server = createServer(() => 'ok', { ioThreads: 4 })
    const listening = server.listen({ host: '127.0.0.1' })
    if (i % 2 === 0) await listening
    const closed = server.close()
    await within(
      'listen',
      listening.catch(() => undefined),
    )
    await within('close', closed)
    await within('close', server.close())
    t.false(server.listening)
  }
})

test('V 79: a slow request is answered while the server closes, and nobody else is let in', async (t) => {
  const [held, arrived] = [gate(), gate()]
  const { server, port, connect } = await serve(t, async () => {
    arrived.open()
    await held.promise
    return 'slow'
  })
  const client = await connect()
  client.send(get('/'))
  await within('handler', arrived.promise)
  const closed = server.close()
  await refused(port)
  held.open()
  t.is((await client.reply()).text, 'slow')
  await client.closed()
  await within('close', closed)
  await t.throwsAsync(Client.connect(port), { code: 'ECONNREFUSED' })
})
