import test from 'ava'
import { once } from 'node:events'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { text, type HttpRequest } from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

const DATE = 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n'
const HI = `HTTP/1.1 200 OK\r\n${DATE}Content-Length: 2\r\n\r\nhi`
const CHUNKED = `HTTP/1.1 200 OK\r\n${DATE}Transfer-Encoding: chunked\r\n\r\n4\r\nmanu\r\n2\r\nal\r\n0\r\n\r\n`

/** Answers by hand where the path is /raw, in pieces of `size` characters. */
function byHand(response: string, size = response.length): (req: HttpRequest) => string {
  return (req) => {
    if (req.path !== '/raw') return 'normal'
    const out = req.raw()
    for (let at = 0; at < response.length; at += size) out.write(response.slice(at, at + size))
    out.end()
    return 'ignored'
  }
}

for (const [response, body] of [
  [HI, 'hi'],
  [CHUNKED, 'manual'],
] as const) {
  for (const size of [1, 40, 1000]) {
    test(`the connection comes back behind ${body} in pieces of ${size}`, async (t) => {
      const { connect, errors } = await serve(t, byHand(response, size))
      const client = await connect()
      client.send('GET /ra').send('w HTTP/1.1\r\nHost: a\r\n\r\n')
      t.is((await client.reply()).text, body)
      const normal = await client.get('/')
      t.is(normal.text, 'normal')
      t.is(normal.header('connection'), undefined)
      client.send([get('/'), get('/raw'), get('/'), get('/raw')].join(''))
      for (const expected of ['normal', body, 'normal', body]) {
        t.is((await client.reply()).text, expected)
      }
      t.deepEqual(errors, [])
    })
  }
}

for (const [request, sent] of [
  ['HEAD /raw HTTP/1.1\r\nHost: a\r\n\r\n', CHUNKED.slice(0, CHUNKED.indexOf('4\r\n'))],
  ['GET /raw HTTP/1.0\r\n\r\n', `HTTP/1.1 200 OK\r\nConnection: close\r\n${DATE}\r\nmanual`],
  [
    'GET /raw HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    CHUNKED.replace('OK\r\n', 'OK\r\nConnection: close\r\n'),
  ],
] as const) {
  test(`what is written suits ${JSON.stringify(request)}`, async (t) => {
    const { connect } = await serve(t, byHand(CHUNKED, 10))
    const client = await connect()
    client.send(request).finish()
    t.is((await within('answer', client.rest())).toString('latin1'), sent)
  })
}

/** What is written, what the client gets, and what is said about it. */
const REFUSED: readonly (readonly [string, RegExp, RegExp])[] = [
  ['hello', /^HTTP\/1\.1 500 /, /status line/],
  ['', /^HTTP\/1\.1 500 /, /status line/],
  ['HTTP/1.1 100 Continue\r\n\r\n', /^HTTP\/1\.1 500 /, /1xx/],
  ['HTTP/1.1 200 OK\r\nA: b\r\n', /^HTTP\/1\.1 500 /, /head/],
  ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi', /\r\n\r\nhi$/, /Content-Length/],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n', /hi\r\n$/, /last chunk/],
]

for (const [written, got, why] of REFUSED) {
  test(`${JSON.stringify(written)} is no response`, async (t) => {
    const failed = gate<Error>()
    const { connect, errors } = await serve(t, (req) => {
      const out = req.raw().on('error', failed.open)
      out.end(written)
      return ''
    })
    const client = await connect()
    client.send(get('/', 'Connection: close\r\n'))
    t.regex((await within('answer', client.rest())).toString('latin1'), got)
    t.regex((await within('error', failed.promise)).message, why)
    t.is(errors.length, 1)
    t.regex(String(errors[0]?.error), why)
  })
}

test('bytes behind the response are not sent', async (t) => {
  const { connect, errors } = await serve(t, (req) => {
    const out = req.raw()
    out.write(HI)
    out.end(HI)
    return ''
  })
  const client = await connect()
  client.send(get('/'))
  t.is((await within('answer', client.rest())).toString('latin1'), HI)
  t.regex(String(errors[0]?.error), /Content-Length/)
})

test('it is written no faster than the client reads', async (t) => {
  const size = 32 << 20
  const piece = Buffer.alloc(64 << 10, 'x')
  const written = { bytes: 0 }
  const { connect } = await serve(t, async (req) => {
    const out = req.raw()
    out.write(`HTTP/1.1 200 OK\r\n${DATE}Content-Length: ${size}\r\n\r\n`)
    for (; written.bytes < size; written.bytes += piece.length) {
      if (!out.write(piece)) await once(out, 'drain')
    }
    out.end()
    return ''
  })
  const client = await connect()
  client.socket.pause()
  client.send(get('/'))
  let before = -1
  await until('standstill', () => {
    const isStill = written.bytes > 0 && written.bytes === before
    before = written.bytes
    return isStill
  })
  t.true(written.bytes < size / 2, `${written.bytes} bytes were written`)
  client.socket.resume()
  t.is((await client.reply()).body.length, size)
  await until('end', () => written.bytes === size)
})

test('a pipeline ends when the answer is complete', async (t) => {
  const ended = gate()
  const { connect } = await serve(t, async (req) => {
    const head = `HTTP/1.1 200 OK\r\n${DATE}Content-Length: 300000\r\n\r\n`
    await pipeline(Readable.from([head, Buffer.alloc(300_000, 'y')]), req.raw())
    ended.open()
    return ''
  })
  const client = await connect()
  t.is((await client.get('/')).body.length, 300_000)
  await within('end', ended.promise)
})

test('a client that leaves ends it, and nobody needs to listen', async (t) => {
  const streams: Writable[] = []
  const { connect, errors } = await serve(t, (req) => {
    const out = req.raw()
    if (req.path === '/begun') out.write('HTTP/1.1 200 OK\r\n\r\n')
    streams.push(out)
    return ''
  })
  for (const path of ['/', '/begun']) {
    const client = await connect()
    client.send(get(path))
    await until('call', () => streams.length > 0)
    const out = streams.pop() as Writable
    client.reset()
    await until('destruction', () => out.destroyed)
    t.is((out.errored as NodeJS.ErrnoException).code, 'ECONNRESET')
  }
  t.deepEqual(errors, [])
})

for (const [begun, got] of [
  ['', /^HTTP\/1\.1 500 /],
  ['HTTP/1.1 200 OK\r\nA: ', /^HTTP\/1\.1 500 /],
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe', /\r\n\r\nhe$/],
] as const) {
  for (const how of ['throws', 'rejects', 'destroys'] as const) {
    test(`a handler that ${how} behind ${JSON.stringify(begun)}`, async (t) => {
      const { connect, errors } = await serve(t, (req) => {
        const out = req.raw()
        if (begun !== '') out.write(begun)
        if (how === 'throws') throw new Error('handler')
        if (how === 'rejects') return Promise.reject(new Error('handler'))
        out.destroy()
        return ''
      })
      const client = await connect()
      client.send(get('/', 'Connection: close\r\n'))
      t.regex((await within('answer', client.rest())).toString('latin1'), got)
      t.is(errors.length, how === 'destroys' ? 0 : 1)
    })
  }
}

test('a handler that never ends it is timed out', async (t) => {
  const failed = gate<Error>()
  const { connect } = await serve(
    t,
    (req) => {
      req.raw().on('error', failed.open).write('HTTP/1.1 200 OK\r\n')
      return ''
    },
    // Longer than a busy machine lets it wait for its handler.
    { handlerTimeout: 2000 },
  )
  const client = await connect()
  t.is((await client.get('/')).status, 503)
  t.is(((await within('error', failed.promise)) as NodeJS.ErrnoException).code, 'ECONNRESET')
})

test('whoever has the answer has it alone', async (t) => {
  const tried: unknown[] = []
  const attempt = (what: () => unknown): void => {
    try {
      what()
      tried.push('nothing was thrown')
    } catch (error) {
      tried.push((error as NodeJS.ErrnoException).code)
    }
  }
  const late = gate<Error>()
  const { connect } = await serve(t, (req) => {
    if (req.path === '/late') {
      setImmediate(() => req.raw().on('error', late.open).end(HI))
      return text('early')
    }
    if (req.path === '/taken') {
      const socket = req.takeover()
      attempt(() => req.raw())
      socket.end(HI)
      return ''
    }
    req.raw().end(HI)
    attempt(() => req.raw())
    attempt(() => req.takeover())
    return ''
  })
  const client = await connect()
  t.is((await client.get('/')).text, 'hi')
  t.is((await client.get('/late')).text, 'early')
  const error: NodeJS.ErrnoException = await within('late', late.promise)
  t.is(error.code, 'ERR_INVALID_STATE')
  t.is((await client.get('/taken')).text, 'hi')
  t.deepEqual(tried, ['ERR_INVALID_STATE', 'ERR_INVALID_STATE', 'ERR_INVALID_STATE'])
})

test('strings are latin1 unless told otherwise, and nothing else is written', async (t) => {
  const failures: (string | undefined)[] = []
  const { connect } = await serve(t, (req) => {
    const out = req.raw().on('error', (error) => failures.push(error.message))
    out.write(`HTTP/1.1 200 OK\r\n${DATE}Content-Length: 6\r\n\r\n`)
    if (req.path === '/good') out.end('\xfc')
    if (req.path === '/both') {
      out.write('\xfc\xfc')
      out.end('€\xe9'.slice(0, 1) + 'x', 'utf8')
    }
    if (req.path === '/bad') out.write('€')
    if (req.path === '/worse') t.throws(() => out.write(42), { code: 'ERR_INVALID_ARG_TYPE' })
    return ''
  })
  const client = await connect()
  const { body } = await client.get('/both')
  t.deepEqual([...body], [0xfc, 0xfc, 0xe2, 0x82, 0xac, 0x78])
  for (const path of ['/good', '/bad']) {
    const other = await connect()
    await within('cut', other.send(get(path)).through('\r\n\r\n'))
    await other.gone()
  }
  t.regex(failures[0] as string, /Content-Length/)
  t.regex(failures[1] as string, /latin1/)
  const other = await connect()
  await within('head', other.send(get('/worse')).through('\r\n\r\n'))
})

test('close() waits for its end', async (t) => {
  const begun = gate<Writable>()
  const { server, connect } = await serve(t, (req) => {
    const out = req.raw()
    out.write(HI.slice(0, -1))
    begun.open(out)
    return ''
  })
  const client = await connect()
  client.send(post('/', 'body'))
  const out = await within('call', begun.promise)
  const closed = server.close()
  out.end('i')
  t.is((await client.reply()).text, 'hi')
  await within('close', closed)
  await client.closed()
})
