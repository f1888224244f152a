import test from 'ava'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

/** Sends back what comes, in capitals. */
function shout(socket: Socket): void {
  socket.on('data', (chunk: Buffer) =>
    socket.write(chunk.toString('latin1').toUpperCase(), 'latin1'),
  )
  socket.on('end', () => socket.end())
  socket.on('error', () => undefined)
}

const BEHIND = [
  '',
  'some words',
  '\0\x01\xf7 binary',
  'GET / HTTP/1.1\r\nHost',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf',
  '\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf',
  'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd and more',
  '\r\n\r\n\r\n\r\n\r\n',
  'x'.repeat(30_000),
]

for (const bytes of BEHIND) {
  for (const method of ['GET', 'POST']) {
    const what = `${bytes.length} bytes behind a ${method}, ${JSON.stringify(bytes.slice(0, 5))}`
    test(`the socket has ${what} and then what comes`, async (t) => {
      const { connect, errors } = await serve(t, (req) => {
        shout(req.takeover())
        return ''
      })
      const client = await connect()
      client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n${bytes}`)
      const first = await within('echo', client.exactly(bytes.length))
      t.is(first.toString('latin1'), Buffer.from(bytes.toUpperCase(), 'latin1').toString('latin1'))
      client.send('more')
      t.is((await within('echo', client.exactly(4))).toString(), 'MORE')
      await client.finish().closed()
      t.deepEqual(errors, [])
    })
  }
}

for (const result of ['text', undefined, 42, text('x', { status: 500 }), Promise.resolve()]) {
  test(`what the handler returns is ignored: ${String(result)}`, async (t) => {
    const { connect, errors } = await serve(t, (req) => {
      shout(req.takeover())
      return result as string
    })
    const client = await connect()
    client.send(`${get('/')}hello`)
    t.is((await within('echo', client.exactly(5))).toString(), 'HELLO')
    await client.finish().closed()
    t.deepEqual(errors, [])
  })
}

test('an error behind a takeover is reported, and the socket is left alone', async (t) => {
  const { connect, errors } = await serve(t, (req) => {
    shout(req.takeover())
    throw new Error('afterwards')
  })
  const client = await connect()
  client.send(`${get('/')}hello`)
  t.is((await within('echo', client.exactly(5))).toString(), 'HELLO')
  t.is(String(errors[0]?.error), 'Error: afterwards')
})

test('answers to earlier requests come first, and what is written meanwhile is kept', async (t) => {
  const held = gate()
  const taken = gate<Socket>()
  const { connect } = await serve(t, async (req) => {
    if (req.path === '/take') {
      const socket = req.takeover()
      socket.write('raw')
      taken.open(socket)
    } else await held.promise
    return req.path
  })
  const [client, witness] = [await connect(), await connect()]
  client.send(get('/1') + get('/2') + get('/take') + 'mine')
  const socket = await within('takeover', taken.promise)
  t.true(socket.connecting)
  t.is((await within('data', once(socket, 'data'))).toString(), 'mine')
  client.send('late')
  t.is((await within('data', once(socket, 'data'))).toString(), 'late')
  t.true(client.isQuiet)
  held.open()
  t.is((await client.reply()).text, '/1')
  t.is((await client.reply()).text, '/2')
  t.is((await within('raw', client.exactly(3))).toString(), 'raw')
  t.false(socket.connecting)
  socket.end('bye')
  t.is((await within('rest', client.rest())).toString(), 'bye')
  client.finish()
  t.is((await witness.get('/')).status, 200)
})

test('when an earlier answer ends the connection, the taken socket is destroyed', async (t) => {
  const held = gate()
  const [failed, taken] = [gate<Error>(), gate()]
  const { connect } = await serve(t, async (req) => {
    if (req.path !== '/take') {
      await held.promise
      return text('last', { headers: { Connection: 'close' } })
    }
    req.takeover().on('error', (error) => failed.open(error))
    taken.open()
    return ''
  })
  const client = await connect()
  client.send(get('/') + get('/take'))
  await within('takeover', taken.promise)
  held.open()
  t.is((await client.reply()).text, 'last')
  t.is(((await within('error', failed.promise)) as { code?: string }).code, 'ECONNRESET')
  await client.closed()
})

test('a socket that is destroyed before its turn leaves the earlier answers alone', async (t) => {
  const held = gate()
  const { connect } = await serve(t, async (req) => {
    if (req.path === '/take') req.takeover().destroy()
    else await held.promise
    return req.path
  })
  const client = await connect()
  client.send(get('/1') + get('/take'))
  setImmediate(held.open)
  t.is((await client.reply()).text, '/1')
  await client.closed()
})

test('a connection is taken once, and not behind its answer', async (t) => {
  const codes: unknown[] = []
  const late: (() => void)[] = []
  const { connect } = await serve(t, (req) => {
    const again = (): void => {
      const error = t.throws(() => req.takeover())
      codes.push((error as { code?: string }).code)
    }
    if (req.path === '/take') {
      shout(req.takeover())
      again()
    } else {
      late.push(again)
    }
    return 'ok'
  })
  const client = await connect()
  t.is((await client.get('/')).text, 'ok')
  for (const again of late) again()
  client.send(`${get('/take')}hello`)
  t.is((await within('echo', client.exactly(5))).toString(), 'HELLO')
  t.deepEqual(codes, ['ERR_INVALID_STATE', 'ERR_INVALID_STATE'])
})

test('a client that has gone has no connection to take', async (t) => {
  const codes: unknown[] = []
  const { connect } = await serve(t, async (req) => {
    const aborted = once(req.signal, 'abort')
    if (req.path === '/') return 'ok'
    await aborted
    const error = t.throws(() => req.takeover())
    codes.push((error as { code?: string }).code)
    return ''
  })
  const [client, witness] = [await connect(), await connect()]
  client.send(get('/take'))
  for (let i = 0; i < 3; i++) await witness.get('/')
  client.reset()
  await until('try', () => codes.length === 1)
  t.deepEqual(codes, ['ERR_INVALID_STATE'])
})

test('a request with others behind it in their handlers cannot take the connection', async (t) => {
  const { connect, errors } = await serve(t, (req) => {
    if (req.path === '/take') shout(req.takeover())
    return req.path
  })
  const client = await connect()
  client.send(get('/take') + get('/next'))
  t.is((await client.reply()).status, 500)
  t.is((await client.reply()).text, '/next')
  t.is((errors[0]?.error as { code?: string } | undefined)?.code, 'ERR_INVALID_STATE')
})

test('close waits for no taken socket, and stats count them as taken', async (t) => {
  const { server, connect } = await serve(t, (req) => {
    shout(req.takeover())
    return ''
  })
  const client = await connect()
  client.send(`${get('/')}a`)
  await within('echo', client.exactly(1))
  const { connections, takeovers } = server.stats()
  t.deepEqual([connections.open, connections.total, takeovers], [0, 1, 1])
  await within('close', server.close({ timeout: 0 }))
  server.closeAllConnections()
  client.send('hello')
  t.is((await within('echo', client.exactly(5))).toString(), 'HELLO')
  await client.finish().closed()
})

test('a connection over a Unix socket is taken like any other', async (t) => {
  const path = join(tmpdir(), `fasthttp-takeover-${process.pid}.sock`)
  const { connect } = await serve(
    t,
    (req) => {
      shout(req.takeover())
      return ''
    },
    {},
    { path },
  )
  const client = await connect()
  client.send(`${post('/', 'body').toString('latin1')}hello`)
  t.is((await within('echo', client.exactly(5))).toString(), 'HELLO')
  await client.finish().closed()
})

test('large writes and reads cross a taken socket whole', async (t) => {
  const size = 8 << 20
  const { connect } = await serve(t, (req) => {
    const socket = req.takeover()
    socket.pipe(socket)
    return ''
  })
  const client = await connect()
  const bytes = Buffer.alloc(size, 'abcdefg')
  client.send(get('/')).send(bytes).finish()
  t.true(bytes.equals(await within('echo', client.rest())))
})

test('no descriptor is left behind by 300 takeovers, whoever ends them', async (t) => {
  const open = (): number => readdirSync('/proc/self/fd').length
  if (process.platform !== 'linux') return void t.pass()
  const sockets: Socket[] = []
  const { connect } = await serve(t, (req) => {
    const socket = req.takeover()
    socket.on('error', () => undefined)
    if (req.path === '/end') socket.end('bye')
    else if (req.path === '/destroy') socket.destroy()
    sockets.push(socket)
    return ''
  })
  const before = open()
  for (let i = 0; i < 100; i++) {
    const clients = [await connect(), await connect(), await connect()] as const
    clients[0].send(get('/end'))
    clients[1].send(get('/destroy'))
    clients[2].send(get('/reset'))
    await clients[0].finish().gone()
    await clients[1].gone()
    await until('takeover', () => sockets.length === 3 * (i + 1))
    clients[2].reset()
  }
  await until('all closed', () => sockets.every((socket) => socket.destroyed))
  await until('descriptors', () => open() <= before + 2)
  t.is(sockets.length, 300)
})

/** Not `once`, which listens to errors. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.on('close', () => resolve()))
}

for (const how of ['takeover', 'upgrade', 'connect']) {
  test(`a reset while the owner of a connection waits ends nothing: ${how}`, async (t) => {
    const taken = gate<Socket>()
    const { server, connect, errors } = await serve(t, async (req) => {
      if (req.path !== '/take') return 'ok'
      const socket = req.takeover()
      taken.open(socket)
      await closeOf(socket)
      return ''
    })
    const own = async (_req: unknown, socket: Socket): Promise<void> => {
      taken.open(socket)
      await closeOf(socket)
    }
    if (how !== 'takeover') server.on(how, (req, socket) => void own(req, socket as Socket))
    const client = await connect()
    if (how === 'takeover') client.send(get('/take'))
    if (how === 'upgrade') client.send(get('/', 'Connection: upgrade\r\nUpgrade: websocket\r\n'))
    if (how === 'connect') client.send('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
    const socket = await within('taken', taken.promise)
    const closed = closeOf(socket)
    client.reset()
    await within('close', closed)
    t.true(socket.destroyed)
    t.deepEqual(errors, [])
    t.is((await (await connect()).get('/')).text, 'ok')
  })
}
