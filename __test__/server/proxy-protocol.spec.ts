import test, { type ExecutionContext } from 'ava'
import { type ChildProcess, spawn, spawnSync, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { join } from 'node:path'
import { createServer, type HttpRequest, json, type ServerOptions } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { nginxStream, STREAM_MODULE } from '../support/nginx.ts'
import { freePort } from '../support/place.ts'
import { connectFor, serve } from '../support/service.ts'

type ProxyProtocol = NonNullable<ServerOptions['proxyProtocol']>
type Ends = [string, number, string, number]

const LOOPBACK: ProxyProtocol = { from: ['loopback'] }

const ends = (req: HttpRequest): Ends => [
  req.remoteAddress,
  req.remotePort,
  req.localAddress,
  req.localPort,
]

/** A header of version 2: command, family and transport, addresses. */
function block(command: number, family: number, ...parts: Uint8Array[]): Buffer {
  const rest = Buffer.concat(parts)
  const fixed = Buffer.from([command, family, rest.length >> 8, rest.length & 0xff])
  return Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), fixed, rest])
}

const V4 = Buffer.from([192, 0, 2, 1, 198, 51, 100, 2, 1, 2, 3, 4])
const V6 = Buffer.from(
  '20010db800000000000000000000000120010db800000000000000000000000201020304',
  'hex',
)
const V4_ENDS: Ends = ['192.0.2.1', 258, '198.51.100.2', 772]
const V6_ENDS: Ends = ['2001:db8::1', 258, '2001:db8::2', 772]

/** A header, and the ends that a handler sees; none: the real ones. */
const HEADERS: Record<string, [Buffer, Ends | undefined]> = {
  'version 1, IPv4': [Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.2 258 772\r\n'), V4_ENDS],
  'version 1, IPv6': [Buffer.from('PROXY TCP6 2001:db8::1 2001:db8::2 258 772\r\n'), V6_ENDS],
  'version 1, unknown': [Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  'version 2, IPv4': [block(0x21, 0x11, V4), V4_ENDS],
  'version 2, IPv6': [block(0x21, 0x21, V6), V6_ENDS],
  'version 2, Unix': [block(0x21, 0x31, Buffer.alloc(216)), ['', 0, '', 0]],
  'version 2, unspecified': [block(0x21, 0x00), undefined],
  'version 2, local': [block(0x20, 0x11, V4), undefined],
  'version 2, TLVs': [block(0x21, 0x11, V4, Buffer.from([0xea, 0, 2, 1, 2])), V4_ENDS],
}

for (const [name, [header, told]] of Object.entries(HEADERS)) {
  test(`a handler sees the ends that the header tells: ${name}`, async (t) => {
    const { port, connect } = await serve(t, (req) => json(ends(req)), { proxyProtocol: LOOPBACK })
    for (const isBytewise of [false, true]) {
      const client = await connect()
      const expected = told ?? ['127.0.0.1', client.port, '127.0.0.1', port]
      if (isBytewise) await client.sendBytewise(header)
      else client.send(header)
      for (let i = 0; i < 2; i++)
        t.deepEqual(JSON.parse((await client.get('/')).body.toString()), expected)
    }
  })
}

test('a source that is not listed is closed before any answer, and counted', async (t) => {
  const from = ['192.0.2.0/24', '::/0', 'unix']
  const { server, connect } = await serve(t, () => 'ok', { proxyProtocol: { from } })
  for (const bytes of ['', get('/'), 'PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\n' + get('/')]) {
    const client = await connect()
    client.send(bytes)
    await client.gone()
    t.is(client.unread, 0)
  }
  t.is(server.stats().requests, 0)
  t.is(server.stats().unproxied, 3)
})

test('what is no header is closed before any answer, and counted', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', { proxyProtocol: LOOPBACK })
  for (const bytes of [get('/'), 'PROXY TCP4 1.1.1.1\r\n' + get('/')]) {
    const client = await connect()
    client.send(bytes)
    await client.gone()
    t.is(client.unread, 0)
  }
  t.is(server.stats().requests, 0)
  t.is(server.stats().unproxied, 2)
})

test('with required: false other sources are served as who they are, and nothing is guessed', async (t) => {
  const proxyProtocol = { from: ['192.0.2.0/24'], required: false }
  const { connect } = await serve(t, (req) => req.remoteAddress, { proxyProtocol })
  t.is((await (await connect()).get('/')).body.toString(), '127.0.0.1')
  const client = await connect()
  t.is((await client.send('PROXY UNKNOWN\r\n').reply()).status, 400)
})

test('without the option a header is no request', async (t) => {
  const { connect } = await serve(t, () => 'ok')
  t.is((await (await connect()).send('PROXY UNKNOWN\r\n').reply()).status, 400)
})

test('a header that is late ends its connection in silence', async (t) => {
  const proxyProtocol = { ...LOOPBACK, timeout: 100 }
  const { server, connect } = await serve(t, () => 'ok', { proxyProtocol })
  const client = await connect()
  client.send('PROXY TCP4')
  await client.gone()
  t.is(client.unread, 0)
  t.is(server.stats().unproxied, 1)
})

test('a check of health that says nothing more leaves no trace', async (t) => {
  const { server, connect } = await serve(t, () => 'ok', { proxyProtocol: LOOPBACK })
  const client = await connect()
  client.send(block(0x20, 0)).finish()
  await client.closed()
  const { unproxied, timeouts, parseErrors, requests } = server.stats()
  t.deepEqual([unproxied, requests], [0, 0])
  for (const count of [...Object.values(timeouts), ...Object.values(parseErrors)]) t.is(count, 0)
})

const unixTest = process.platform === 'win32' ? test.skip : test
unixTest('whoever connects to a Unix socket may be a proxy', async (t) => {
  const path = join(folder(t), 'socket')
  for (const from of [['unix'], ['loopback']]) {
    const service = await serve(t, (req) => json(ends(req)), { proxyProtocol: { from } }, { path })
    const client = await service.connect()
    client.send(block(0x21, 0x21, V6)).send(get('/'))
    if (from[0] === 'unix') t.deepEqual(JSON.parse((await client.reply()).body.toString()), V6_ENDS)
    else await client.gone()
    const closed = service.server.close()
    service.server.closeAllConnections()
    await closed
  }
})

const WRONG: [value: unknown, message: RegExp][] = [
  [true, /^proxyProtocol must be an object/],
  [['10.0.0.0/8'], /^proxyProtocol must be an object/],
  [null, /^proxyProtocol must be an object/],
  [{}, /^proxyProtocol.from must be an array/],
  [{ from: 'loopback' }, /^proxyProtocol.from must be an array/],
  [{ from: [] }, /^proxyProtocol.from must name/],
  [{ from: [7] }, /^proxyProtocol.from has .*not 7$/],
  [{ from: ['localhost'] }, /not "localhost"$/],
  [{ from: ['10.0.0.0/33'] }, /not "10.0.0.0\/33"$/],
  [{ from: ['::/129'] }, /not "::\/129"$/],
  [{ from: ['10.0.0.0/'] }, /not "10.0.0.0\/"$/],
  [{ from: ['10.0.0/8'] }, /not "10.0.0\/8"$/],
  [{ from: ['fe80::%1/64'] }, /not "fe80::%1\/64"$/],
  [{ from: ['toString'] }, /not "toString"$/],
  [{ from: ['unix'], require: true }, /did you mean required/],
  [{ from: ['unix'], required: 1 }, /^proxyProtocol.required must be a boolean/],
  [{ from: ['unix'], timeout: -1 }, /^proxyProtocol.timeout must be an integer/],
]

for (const [value, message] of WRONG) {
  test(`proxyProtocol: ${JSON.stringify(value)} is refused`, (t) => {
    t.throws(() => createServer(() => 'ok', { proxyProtocol: value as never }), { message })
  })
}

// Proxies that nobody here wrote, and each kind of header that they send.

/** A configuration: from the port `front` to the server's port, with a folder for its files. */
type Conf = (place: { port: number; front: number; at: string }) => string

const haproxy =
  (header: string): Conf =>
  ({ port }) => `
defaults
  mode tcp
  timeout connect 20s
  timeout client 20s
  timeout server 20s
listen proxy
  bind fd@3
  server one 127.0.0.1:${port} ${header}
`

const nginx: Conf = ({ port, front, at }) => nginxStream(at, port, `127.0.0.1:${front}`)

const SENDERS: Record<string, [program: string, conf: Conf, ...args: string[]]> = {
  'send-proxy': ['haproxy', haproxy('send-proxy'), '-db', '-f'],
  'send-proxy-v2': ['haproxy', haproxy('send-proxy-v2'), '-db', '-f'],
  'send-proxy-v2-ssl-cn and a checksum': [
    'haproxy',
    haproxy('send-proxy-v2-ssl-cn proxy-v2-options crc32c,unique-id'),
    '-db',
    '-f',
  ],
  'proxy_protocol on': ['nginx', nginx, '-c'],
}

/** Connects as soon as the proxy listens. */
async function connectThrough(t: ExecutionContext, child: ChildProcess, port: number) {
  for (;;) {
    t.is(child.exitCode, null)
    try {
      return await connectFor(t, port)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function behind(t: ExecutionContext, name: string): Promise<void> {
  const [program, conf, ...args] = SENDERS[name] as (typeof SENDERS)[string]
  const { server, port } = await serve(t, (req) => json(ends(req)), { proxyProtocol: LOOPBACK })
  const at = folder(t)
  // A socket that listens already: so it has a port that nobody else can take. nginx wants its own.
  const holder = createNetServer()
  await once(holder.listen(0, '127.0.0.1'), 'listening')
  const fd = Reflect.get(Reflect.get(holder, '_handle') as object, 'fd') as number
  const front =
    program === 'nginx' ? await freePort('127.0.0.1') : (holder.address() as AddressInfo).port
  writeFileSync(join(at, 'conf'), conf({ port, front, at }))
  const stdio: StdioOptions = ['ignore', 'ignore', 'ignore', fd]
  const child = spawn(program, [...args, join(at, 'conf')], { stdio })
  holder.close()
  t.teardown(() => void child.kill('SIGKILL'))
  const client = await within(`${program} listens`, connectThrough(t, child, front))
  const seen = JSON.parse((await client.get('/')).body.toString()) as Ends
  t.deepEqual(seen, ['127.0.0.1', client.port, '127.0.0.1', front])
  t.is((await client.get('/again')).status, 200)
  t.is(server.stats().unproxied, 0)
}

for (const [name, [program]] of Object.entries(SENDERS)) {
  const isHere = spawnSync(program, ['-v']).status === 0
  const run = isHere && (program !== 'nginx' || existsSync(STREAM_MODULE)) ? test : test.skip
  run(`served behind ${program} with ${name}`, (t) => behind(t, name))
}
