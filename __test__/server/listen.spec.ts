import test, { type ExecutionContext } from 'ava'
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs'
import { once } from 'node:events'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type ListenOptions, type Server } from '../../ts/index.ts'
import { gate, within } from '../support/deadline.ts'
import { answers, freePort } from '../support/place.ts'
import { start } from '../support/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'fasthttp-listen-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

function server(t: ExecutionContext): Server {
  const made = createServer(() => 'ok')
  t.teardown(() => made.close())
  return made
}

/** What of an error callers look at. */
function shape(error: unknown): object {
  const { code, errno, syscall, address, port, message } = error as NodeJS.ErrnoException & {
    address?: string
    port?: number
  }
  return { code, errno, syscall, address, port, message }
}

/** The error of node:net for the same options. */
async function nodesError(options: ListenOptions): Promise<object> {
  const net = createNetServer()
  const heard = once(net, 'error') as Promise<[unknown]>
  net.listen(options)
  return shape((await within('error of node:net', heard))[0])
}

const HOSTS: [string, string | undefined][] = [
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['::', '::'],
  ['0.0.0.0', '0.0.0.0'],
  ['no host', undefined],
  ['localhost', 'localhost'],
]

for (const [name, host] of HOSTS) {
  test(`EADDRINUSE looks as node:net's: ${name}`, async (t) => {
    const port = await freePort('::')
    const options = host === undefined ? { port } : { host, port }
    const first = server(t)
    await first.listen(options)
    const second = server(t)
    const error = await t.throwsAsync(second.listen(options))
    t.deepEqual(shape(error), await nodesError(options))
    t.false(second.listening)
    await first.close()
    await second.listen(options)
    t.true(second.listening)
  })
}

const BAD_PLACES: [string, ListenOptions][] = [
  ['a Unix path in a missing folder', { path: join(folder, 'missing', 'socket') }],
  ['a Unix path in no folder', { path: '/dev/null/socket' }],
  ['an address that is not ours', { host: '192.0.2.1', port: 0 }],
  ['an IPv6 address that is not ours', { host: '2001:db8::1', port: 0 }],
]

for (const [name, options] of BAD_PLACES) {
  test(`a failing listen looks as node:net's: ${name}`, async (t) => {
    const error = await t.throwsAsync(server(t).listen(options))
    t.deepEqual(shape(error), await nodesError(options))
  })
}

test("EADDRINUSE of a Unix path looks as node:net's", async (t) => {
  const path = join(folder, 'in-use')
  await server(t).listen(path)
  const error = await t.throwsAsync(server(t).listen(path))
  t.deepEqual(shape(error), await nodesError({ path }))
  t.true(await answers(t, path))
})

test('a failing listen rejects, tells error listeners, and does not call back', async (t) => {
  const first = server(t)
  await first.listen(0, '127.0.0.1')
  const { port } = first.address() as AddressInfo
  const second = server(t)
  const heard: unknown[] = []
  second.on('error', (error) => heard.push(error))
  second.on('listening', () => heard.push('listening'))
  const error = await t.throwsAsync(
    second.listen(port, '127.0.0.1', undefined, () => heard.push('callback')),
  )
  t.deepEqual(heard, [error])
  await second.listen(0, '127.0.0.1')
  t.deepEqual(heard, [error, 'listening'])
})

test('a host that has no address rejects as dns does', async (t) => {
  const error = await t.throwsAsync(server(t).listen(0, 'name.invalid'))
  t.is((error as NodeJS.ErrnoException).syscall, 'getaddrinfo')
})

test('listen while the server runs or starts rejects with ERR_SERVER_ALREADY_LISTEN', async (t) => {
  const made = server(t)
  const first = made.listen(0, '127.0.0.1')
  await t.throwsAsync(made.listen(0, '127.0.0.1'), { code: 'ERR_SERVER_ALREADY_LISTEN' })
  await first
  await t.throwsAsync(made.listen(0, '127.0.0.1'), { code: 'ERR_SERVER_ALREADY_LISTEN' })
  t.true(await answers(t, (made.address() as AddressInfo).port))
})

test('address is null before and after, and tells family, address and port between', async (t) => {
  for (const [host, family] of [
    ['127.0.0.1', 'IPv4'],
    ['::1', 'IPv6'],
    ['::', 'IPv6'],
    ['0.0.0.0', 'IPv4'],
  ]) {
    const made = server(t)
    t.is(made.address(), null)
    await made.listen(0, host)
    const address = made.address() as AddressInfo
    t.deepEqual(
      { ...address, port: 0 },
      { address: host as string, family: family as string, port: 0 },
    )
    t.true(address.port > 0)
    await made.close()
    t.is(made.address(), null)
  }
})

/** What nobody else answers. */
const NAME = `listens in ${process.pid}`

/** Where a server listens, and whether IPv4 and IPv6 clients reach it. */
const STACKS: [ListenOptions, boolean, boolean][] = [
  [{}, true, true],
  [{ host: '::' }, true, true],
  [{ host: '::', ipv6Only: true }, false, true],
  [{ host: '::1' }, false, true],
  [{ host: '0.0.0.0' }, true, false],
  [{ host: '127.0.0.1' }, true, false],
]

for (const [options, v4, v6] of STACKS) {
  test(`${JSON.stringify(options)}: IPv4 clients ${v4}, IPv6 clients ${v6}`, async (t) => {
    // Somebody else's server may have the same port of the other address.
    const made = createServer(() => NAME)
    t.teardown(() => made.close())
    await made.listen(options)
    const { port } = made.address() as AddressInfo
    t.is(await answers(t, { port, host: '127.0.0.1' }, NAME), v4)
    t.is(await answers(t, { port, host: '::1' }, NAME), v6)
  })
}

test('the file of a Unix socket is there while the server listens, and gone afterwards', async (t) => {
  const path = join(folder, 'removed')
  const made = server(t)
  for (let i = 0; i < 3; i++) {
    await made.listen(path)
    t.true(existsSync(path))
    t.true(await answers(t, path))
    await made.close()
    t.false(existsSync(path))
  }
})

test('an aborted signal closes the server; one aborted before refuses to listen', async (t) => {
  const made = server(t)
  const controller = new AbortController()
  await made.listen({ port: 0, host: '127.0.0.1', signal: controller.signal })
  const closed = gate()
  made.once('close', () => closed.open())
  controller.abort()
  await within('close', closed.promise)
  t.false(made.listening)
  const again = made.listen({ port: 0, signal: controller.signal })
  await t.throwsAsync(again, { any: true, name: 'AbortError' })
  t.false(made.listening)
})

test('a signal aborted while the server starts keeps it from running', async (t) => {
  for (const host of ['127.0.0.1', 'localhost']) {
    const made = server(t)
    const controller = new AbortController()
    const listening = made.listen({ port: 0, host, signal: controller.signal })
    controller.abort()
    await t.throwsAsync(listening, { any: true, name: 'AbortError' })
    t.false(made.listening)
  }
})

test('a signal of an earlier listen does not close a later one', async (t) => {
  const made = server(t)
  const controller = new AbortController()
  await made.listen({ port: 0, host: '127.0.0.1', signal: controller.signal })
  await made.close()
  await made.listen(0, '127.0.0.1')
  controller.abort()
  t.true(made.listening)
  t.true(await answers(t, (made.address() as AddressInfo).port))
})

test('reusePort lets two servers share a port, and only if both ask', async (t) => {
  const [one, two, three] = [server(t), server(t), server(t)]
  await one.listen({ port: 0, host: '127.0.0.1', reusePort: true })
  const { port } = one.address() as AddressInfo
  await two.listen({ port, host: '127.0.0.1', reusePort: true })
  for (let i = 0; i < 20; i++) t.true(await answers(t, port))
  await t.throwsAsync(three.listen(port, '127.0.0.1'), { code: 'EADDRINUSE' })
  await one.close()
  t.true(await answers(t, port))
})

test('in a cluster worker listen shares a fixed port, and refuses what cannot be shared', async (t) => {
  const port = await freePort('127.0.0.1')
  const program = start(t, 'cluster', { args: [String(port), join(folder, 'cluster')] })
  for (const place of ['port 0', 'path']) {
    const line = await program.line()
    t.regex(line, /^ERR_UNSUPPORTED .*reusePort/, place)
  }
  const shared = await program.line()
  t.is(shared, process.platform === 'linux' ? 'two workers listen' : 'refused')
  if (process.platform === 'linux') t.true(await answers(t, port))
  program.say('end')
  t.like(await program.ended(), { code: 0, signal: null, stderr: '' })
})

/** How somebody hears of a listen that fails; what they hear, how the process ends, and with what word. */
const HEARERS: [how: string, stdout: string, code: number, stderr: RegExp][] = [
  ['nobody', '', 1, /Error: listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+/],
  ['event', 'heard listen EADDRINUSE', 0, /^$/],
  ['promise', 'heard listen EADDRINUSE', 0, /^$/],
  ['both', 'heard listen EADDRINUSE', 0, /^$/],
  ['throws', '', 1, /Error: boom/],
]

for (const [how, stdout, code, stderr] of HEARERS) {
  test(`a listen that fails is heard of: ${how}`, async (t) => {
    const made = server(t)
    await made.listen(0, '127.0.0.1')
    const { port } = made.address() as AddressInfo
    const ended = await start(t, 'failing-listen', { args: [String(port), how] }).ended()
    t.true(ended.stdout.startsWith(stdout) && ended.stdout.includes('EADDRINUSE') === stdout > '')
    t.is(ended.code, code)
    t.regex(ended.stderr, stderr)
  })
}

test('a close leaves what a successor has put at the path, and nothing of its own', async (t) => {
  const [one, two, three] = [server(t), server(t), server(t)]
  const place = mkdtempSync(join(folder, 'successor-'))
  const [path, beside] = [join(place, 'socket'), join(place, 'next')]
  await one.listen(path)
  await t.throwsAsync(three.listen(path), { code: 'EADDRINUSE' })
  await two.listen(beside)
  renameSync(beside, path)
  await one.close()
  t.true(await answers(t, path))
  t.deepEqual(readdirSync(place), ['socket'])
  await two.close()
  t.deepEqual(readdirSync(place), ['socket'])
  unlinkSync(path)
  await three.listen(path)
  t.is(three.address(), path)
  await three.close()
  t.deepEqual(readdirSync(place), [])
})

test('an address may have a zone', async (t) => {
  const zone = Object.keys(networkInterfaces())[0] as string
  for (const host of [`::1%${zone}`, '::1%1', '::1%nowhere']) {
    const made = server(t)
    await made.listen({ port: 0, host })
    t.is((made.address() as AddressInfo).address, '::1')
    await made.close()
  }
  const found: object[] = []
  for (const made of [server(t), createNetServer()]) {
    const failed = new Promise((resolve) => void made.once('error', resolve))
    const listening = made.listen({ port: 0, host: 'fe80::1%nowhere' }) as unknown
    if (listening instanceof Promise) listening.catch(() => undefined)
    const { code, syscall, address } = (await within('error', failed)) as Record<string, unknown>
    found.push({ code, syscall, address })
  }
  t.deepEqual(found[0], found[1])
})
