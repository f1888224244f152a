import test from 'ava'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Router, type UpgradeRequest } from '../../ts/index.ts'
import { type Client, get } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { connectFor, serve } from '../support/service.ts'

const UPGRADE = 'Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n'
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
const HUNDRED = 'a'.repeat(100)

function shout(socket: Socket, head: Buffer): void {
  const say = (bytes: Buffer): void => void socket.write(bytes.toString('latin1').toUpperCase())
  if (head.length > 0) say(head)
  socket.on('data', say)
  socket.on('end', () => socket.end())
}

test('SEQ-027: bytes behind an Upgrade begin the new protocol', async (t) => {
  const heads: number[] = []
  const { server, connect } = await serve(t, () => 'handler')
  server.on('upgrade', (_req: UpgradeRequest, socket: Socket, head: Buffer) => {
    heads.push(head.length)
    socket.write(SWITCHED)
    shout(socket, head)
  })
  const client = await connect()
  client.send(get('/', UPGRADE) + HUNDRED)
  t.is((await within('101', client.through('\r\n\r\n'))).toString(), SWITCHED)
  t.is((await within('echo', client.exactly(100))).toString(), HUNDRED.toUpperCase())
  client.send('more')
  t.is((await within('echo', client.exactly(4))).toString(), 'MORE')
  await client.finish().closed()
  t.deepEqual(heads, [100])
})

test('SEQ-027: without a listener they are the next request', async (t) => {
  const { connect } = await serve(t, (req) => req.path)
  const client = await connect()
  client.send(get('/1', UPGRADE) + get('/2') + 'not HTTP at all\r\n\r\n')
  t.is((await client.reply()).text, '/1')
  t.is((await client.reply()).text, '/2')
  t.is((await client.reply()).status, 400)
  await client.closed()
})

test('SEQ-027: a listener that answers otherwise has them for itself', async (t) => {
  const { server, connect } = await serve(t, (req) => req.path)
  server.on('upgrade', (_req: UpgradeRequest, socket: Socket, head: Buffer) => {
    socket.end(`HTTP/1.1 426 Upgrade Required\r\nContent-Length: ${head.length}\r\n\r\n${head}`)
  })
  const client = await connect()
  const reply = await client.send(get('/', UPGRADE) + HUNDRED).reply()
  t.deepEqual([reply.status, reply.text], [426, HUNDRED])
  await client.finish().closed()
})

test('an upgrade waits for the answers before it and holds what is behind it', async (t) => {
  const { server, connect } = await serve(t, async (req) => {
    await new Promise((resolve) => setImmediate(resolve))
    return req.path
  })
  server.on('upgrade', (_req: UpgradeRequest, socket: Socket, head: Buffer) => shout(socket, head))
  const client = await connect()
  client.send(get('/1') + get('/2') + get('/3', UPGRADE) + get('/4'))
  t.is((await client.reply()).text, '/1')
  t.is((await client.reply()).text, '/2')
  t.is((await within('echo', client.exactly(get('/4').length))).toString(), get('/4').toUpperCase())
})

test('an upgrade in an HTTP/1.0 request, or not named by Connection, is none', async (t) => {
  const { server, connect } = await serve(t, (req) => req.path)
  server.on('upgrade', (_req: UpgradeRequest, socket: Socket) => socket.destroy())
  const client = await connect()
  t.is((await client.get('/1', 'Upgrade: websocket\r\n')).text, '/1')
  client.send(`GET /0 HTTP/1.0\r\n${UPGRADE}\r\n`)
  t.is((await client.reply()).text, '/0')
})

test('the request of an upgrade has fields as in node and as elsewhere here', async (t) => {
  const { server, connect } = await serve(t, () => '')
  const seen: unknown[] = []
  server.on('upgrade', (req: UpgradeRequest, socket: Socket) => {
    const { headers } = req
    seen.push(req.method, req.url, req.httpVersion, req.socket === socket)
    seen.push(headers['upgrade'], headers['x-a'], headers['cookie'], headers['nope'])
    seen.push(headers.get('X-A'), headers.has('GET'), headers.get('get'), headers.size)
    seen.push(req.header('x-a'), Object.getPrototypeOf(headers), headers['__proto__'])
    seen.push(Object.keys(headers).join(), req.rawHeaders.slice(0, 2))
    socket.end()
  })
  const client = await connect()
  const fields = 'X-A: 1\r\nx-a: 2\r\nCookie: a\r\nCookie: b\r\nGet: me\r\n__proto__: p\r\n'
  await client
    .send(get('/p?q', UPGRADE + fields))
    .finish()
    .closed()
  t.deepEqual(seen, [
    'GET',
    '/p?q',
    '1.1',
    true,
    'websocket',
    '1, 2',
    'a; b',
    undefined,
    '1, 2',
    true,
    'me',
    9,
    '1, 2',
    null,
    'p',
    'host,connection,upgrade,x-a,cookie,__proto__',
    ['Host', 'a.test'],
  ])
})

test('CONNECT is a tunnel for its listener, and 501 without one', async (t) => {
  const CONNECT = 'CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n\r\n'
  const { server, connect } = await serve(t, () => 'handler')
  const before = await connect()
  const refusal = await before.send(CONNECT).reply('CONNECT')
  t.deepEqual([refusal.status, refusal.header('connection')], [501, 'close'])
  await before.closed()
  const targets: string[] = []
  const listener = (req: UpgradeRequest, socket: Socket, head: Buffer): void => {
    targets.push(req.method, req.url)
    socket.write('HTTP/1.1 200 Connected\r\n\r\n')
    shout(socket, head)
  }
  server.on('connect', listener)
  const client = await connect()
  client.send(`${CONNECT}hello`)
  const head = (await within('head', client.through('\r\n\r\n'))).toString()
  t.is(head, 'HTTP/1.1 200 Connected\r\n\r\n')
  t.is((await within('echo', client.exactly(5))).toString(), 'HELLO')
  await client.finish().closed()
  t.deepEqual(targets, ['CONNECT', 'example.test:443'])
  const lying = await connect()
  lying.send(CONNECT.replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\n'))
  t.is((await lying.reply('CONNECT')).status, 501)
  server.off('connect', listener)
  const after = await connect()
  const last = await after.send(CONNECT).reply('CONNECT')
  t.deepEqual([last.status, last.header('connection')], [501, 'close'])
  await after.closed()
})

test('a listener that throws is reported, and its socket destroyed', async (t) => {
  const { server, connect, errors } = await serve(t, () => 'ok')
  server.on('upgrade', () => {
    throw new Error('not today')
  })
  const [client, witness] = [await connect(), await connect()]
  await client.send(get('/', UPGRADE)).gone()
  t.is(String(errors[0]?.error), 'Error: not today')
  t.is((await witness.get('/')).text, 'ok')
})

test('a router leaves connections to their listeners, whatever it says of the path', async (t) => {
  const router = new Router()
    .get('/a', () => 'a')
    .static('/s', 's')
    .post('/p', () => 'p')
  const { server, connect } = await serve(t, router)
  const targets = ['/a', '/s', '/p', '/none', '/a/', '/A']
  const statuses = async (): Promise<number[]> => {
    const client = await connect()
    const found: number[] = []
    for (const target of targets) {
      client.send(get(target, UPGRADE))
      found.push((await client.reply()).status)
    }
    return found
  }
  t.deepEqual(await statuses(), [200, 200, 405, 404, 301, 301])
  const heard: string[] = []
  server.on('upgrade', (req: UpgradeRequest, socket: Socket) => {
    heard.push(req.path)
    socket.end(SWITCHED)
  })
  for (const target of targets) {
    const client = await connect()
    client.send(get(target, UPGRADE))
    t.is((await within('101', client.through('\r\n\r\n'))).toString(), SWITCHED)
    await client.finish().closed()
  }
  t.deepEqual(heard, targets)
  server.on('connect', (_req: UpgradeRequest, socket: Socket) => socket.end('tunnel'))
  const client = await connect()
  client.send('CONNECT a.test:1 HTTP/1.1\r\nHost: a.test:1\r\n\r\n')
  t.is((await within('tunnel', client.exactly(6))).toString(), 'tunnel')
})

const PUT = `PUT / HTTP/1.1\r\nHost: a\r\n${UPGRADE}Content-Length: 4\r\n\r\n`
const STREAM = { bodyMode: 'stream', bodyTimeout: 2000 } as const

test('an upgrade whose body is still to come is taken when it is there', async (t) => {
  const bodies: string[] = []
  const { server, connect } = await serve(t, () => 'handler', STREAM)
  const own = async (req: UpgradeRequest, socket: Socket, head: Buffer): Promise<void> => {
    for await (const piece of req) bodies.push(piece.toString())
    socket.end(`${SWITCHED}${head}`)
  }
  server.on('upgrade', (...args: Parameters<typeof own>) => void own(...args))
  const client = await connect()
  client.send(`${PUT}so`)
  await until('read', () => server.stats().bytes.in > PUT.length)
  client.send('mebehind')
  t.is((await within('101', client.rest())).toString(), `${SWITCHED}behind`)
  t.deepEqual(bodies, ['some'])
})

for (const how of ['waits', 'leaves', 'resets']) {
  test(`an upgrade whose body never comes is none: the client ${how}`, async (t) => {
    const { server, connect } = await serve(t, () => 'handler', STREAM)
    server.on('upgrade', () => t.fail())
    const client = await connect()
    client.send(PUT)
    await until('read', () => server.stats().bytes.in === PUT.length)
    if (how === 'waits') t.is((await client.reply()).status, 408)
    if (how === 'leaves') client.finish()
    if (how === 'resets') client.reset()
    await until('no connection', () => server.stats().connections.open === 0)
    t.is(server.stats().requests, 0)
    await within('close', server.close())
  })
}

test('a body goes to the handler in pieces as long as nobody listens to upgrades', async (t) => {
  const { connect } = await serve(
    t,
    async (req) => {
      let length = 0
      for await (const piece of req) length += piece.byteLength
      return String(length)
    },
    STREAM,
  )
  const client = await connect()
  client.send(`${PUT}so`)
  t.is((await client.send('me').reply()).text, '4')
})

const few = fileURLToPath(new URL('../programs/few-upgrades.js', import.meta.url))

for (const what of ['upgrade', 'takeover']) {
  test(`without a descriptor it is refused, and nothing is lost: ${what}`, async (t) => {
    const shell = `ulimit -n 80; exec '${process.execPath}' '${few}'`
    const child = spawn('sh', ['-c', shell], { stdio: ['pipe', 'pipe', 'inherit'] })
    t.teardown(() => void child.kill('SIGKILL'))
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    const line = async (): Promise<string> => (await within('line', lines.next())).value as string
    const port = Number(await line())
    const clients = await Promise.all([0, 1, 2, 3].map(() => connectFor(t, port)))
    for (const client of clients) t.is((await client.get('/')).text, '/')
    const request = what === 'upgrade' ? get('/', UPGRADE) : get('/take')
    // None left, then one, where two are needed.
    for (const [i, client] of clients.slice(0, 2).entries()) {
      const rest = what === 'upgrade' ? 4 - i : 4
      child.stdin.write(`leave ${i} of ${rest}\n`)
      t.is(await line(), `left ${i} of ${rest}`)
      const answer = await client.send(request).reply()
      const expected = what === 'upgrade' ? [503, 'close', '1'] : [200, undefined, undefined]
      t.deepEqual(
        [answer.status, answer.header('Connection'), answer.header('Retry-After')],
        expected,
      )
      if (what === 'upgrade') await client.gone()
      else t.is(answer.text, 'EMFILE')
      t.is(await line(), what === 'upgrade' ? 'onError EMFILE' : 'takeover EMFILE')
    }
    const rest = what === 'upgrade' ? 2 : 4
    child.stdin.write(`leave 9 of ${rest}\n`)
    t.is(await line(), `left 9 of ${rest}`)
    t.is(
      (await within('taken', (clients[2] as Client).send(request).exactly(5))).toString(),
      'taken',
    )
    for (const client of clients) client.finish()
    child.stdin.end()
    const [code] = (await within('end', once(child, 'exit'))) as [number]
    t.is(code, 0)
  })
}

test('offers of something else than a WebSocket are ordinary requests', async (t) => {
  const { server, connect } = await serve(t, (req) => req.header('upgrade') ?? 'none')
  server.on('upgrade', (_req: UpgradeRequest, socket: Socket) => socket.end('taken'))
  const client = await connect()
  for (const offer of ['h2c', 'websockets', 'x, h2c', 'TLS/1.0']) {
    client.send(get('/', `Connection: upgrade\r\nUpgrade: ${offer}\r\n`))
    t.is((await client.reply()).text, offer)
  }
  for (const offer of ['WebSocket', 'h2c, websocket', 'websocket/13']) {
    const one = await connect()
    one.send(get('/', `Connection: upgrade\r\nUpgrade: ${offer}\r\n`))
    t.is((await within('taken', one.rest())).toString(), 'taken', offer)
  }
})

test('an upgrade request has what libraries for node:http read', async (t) => {
  const seen: unknown[] = []
  const { server, connect } = await serve(t, () => 'ok')
  server.on('upgrade', (req: UpgradeRequest, socket: Socket) => {
    const { connection, httpVersionMajor, httpVersionMinor, complete, trailers } = req
    seen.push(connection === socket, httpVersionMajor, httpVersionMinor, complete, trailers)
    seen.push(req.headers['host'], req.url, req.method, req.httpVersion)
    socket.end('taken')
  })
  const client = await connect()
  client.send(get('/a?b', UPGRADE))
  await within('taken', client.rest())
  t.deepEqual(seen, [true, 1, 1, true, {}, 'a.test', '/a?b', 'GET', '1.1'])
})
