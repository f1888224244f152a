import test, { type ExecutionContext } from 'ava'
import {
  type Append,
  createServer,
  HttpError,
  type ResponseOut,
  type ServerOptions,
} from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { until } from '../support/deadline.ts'
import { type Service, serve } from '../support/service.ts'

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: '

/** A server that answers by appending. */
function append(
  t: ExecutionContext,
  handler: Append,
  options: ServerOptions = {},
): Promise<Service> {
  return serve(t, undefined, { ...options, append: handler })
}

test('strings and bytes are one response, piece by piece', async (t) => {
  const { connect, errors } = await append(t, (req, out) => {
    const body = req.query
    out.write(HEAD).write(String(body.length)).write('\r\n')
    out.write(Buffer.from('X-Path: ')).write('').write(req.path)
    out.write(new Uint8Array(0)).write('\r\n\r\n').write(body)
  })
  const client = await connect()
  for (const length of [0, 1, 15, 16, 17, 100, 5000]) {
    const got = await client.get(`/p?${'q'.repeat(length)}`)
    t.deepEqual([got.status, got.header('x-path'), got.text], [200, '/p', 'q'.repeat(length)])
  }
  t.deepEqual(errors, [])
})

test('a string is latin1, every byte of it', async (t) => {
  const all = String.fromCharCode(...Array(256).keys())
  const { connect } = await append(t, (_req, out) => {
    out.write(`${HEAD}512\r\n\r\n`).write(all)
    for (const unit of all) out.write(unit)
  })
  const got = await (await connect()).get('/')
  t.is(got.body.toString('latin1'), all + all)
})

test('what no ring can hold goes another way: large bodies, many pieces, many pipelined', async (t) => {
  const { connect } = await append(t, (req, out) => {
    const count = Number(req.query)
    out.write(`${HEAD}${count * 1000}\r\n\r\n`)
    for (let i = 0; i < count; i++) out.write(Buffer.alloc(1000, 97 + (i % 26)))
  })
  const client = await connect()
  for (const count of [15, 16, 17, 33, 64, 3000]) {
    const { body } = await client.get(`/?${count}`)
    t.is(body.length, count * 1000)
    for (let i = 0; i < count; i++) t.is(body[i * 1000 + 999], 97 + (i % 26))
  }
  const counts = Array.from({ length: 400 }, (_, i) => (i * 7) % 17)
  client.send(counts.map((count) => get(`/?${count}`)).join(''))
  for (const count of counts) t.is((await client.reply()).body.length, count * 1000)
})

test('an error midway is a 500, and nothing of what was written is sent', async (t) => {
  const { connect, errors } = await append(t, (req, out) => {
    out.write(`${HEAD}5\r\n\r\n`)
    out.write('h')
    if (req.path === '/throw') throw new Error('midway')
    if (req.path === '/404') throw new HttpError(404, 'nothing')
    if (req.path === '/large') {
      out.write(Buffer.alloc(100_000))
      throw new Error('midway')
    }
    if (req.path === '/char') out.write('\u010a'.padEnd(Number(req.query)))
    if (req.path === '/type') out.write(5 as never)
    if (req.path === '/short') return
    if (req.path === '/long') out.write('ello!')
    out.write('ello')
  })
  const client = await connect()
  const rows: [path: string, status: number, text: string, told: RegExp | undefined][] = [
    ['/', 200, 'hello', undefined],
    ['/throw', 500, 'Internal Server Error', /midway/],
    ['/large', 500, 'Internal Server Error', /midway/],
    ['/404', 404, 'nothing', undefined],
    ['/char?1', 500, 'Internal Server Error', /latin1/],
    ['/char?99', 500, 'Internal Server Error', /latin1/],
    ['/type', 500, 'Internal Server Error', /string or a Uint8Array/],
    ['/short', 500, 'Internal Server Error', /Content-Length/],
    ['/long', 500, 'Internal Server Error', /Content-Length/],
    ['/', 200, 'hello', undefined],
  ]
  for (const [path, status, text, told] of rows) {
    errors.length = 0
    const got = await client.get(path)
    t.deepEqual([got.status, got.text], [status, text], path)
    if (told === undefined) continue
    await until('onError hears of it', () => errors.length > 0)
    t.regex(String(errors[0]?.error), told, path)
  }
})

test('nothing written, two responses and a promise are no answer', async (t) => {
  const late: unknown[] = []
  const { connect, errors } = await append(t, (req, out) => {
    const response = `${HEAD}0\r\n\r\n`
    if (req.path === '/two') out.write(response + response)
    if (req.path === '/async') {
      out.write(response)
      return Promise.resolve().then(() => {
        try {
          out.write('late')
        } catch (error) {
          late.push((error as { code?: string }).code)
        }
        throw new Error('nobody hears of it')
      }) as never
    }
    if (req.path === '/closed') out.close()
  })
  const client = await connect()
  for (const path of ['/nothing', '/two', '/async']) t.is((await client.get(path)).status, 500)
  await until('onError hears of each', () => errors.length === 3)
  t.deepEqual(late, ['ERR_STREAM_WRITE_AFTER_END'])
  t.true(errors.some(({ error }) => /promise/.test(String(error))))
  t.is((await client.get('/closed')).status, 500)
  await client.closed()
})

test('an out that was kept does not reach the next response', async (t) => {
  let kept: ResponseOut | undefined
  const { connect, errors } = await append(t, (_req, out) => {
    if (kept === undefined) kept = out
    else t.throws(() => kept?.write('x'), { code: 'ERR_STREAM_WRITE_AFTER_END' })
    t.is(Object.keys(out).length, 0)
    out.write(`${HEAD}2\r\n\r\nok`)
  })
  const client = await connect()
  t.is((await client.get('/')).text, 'ok')
  t.is((await client.get('/')).text, 'ok')
  t.throws(() => kept?.close(), { code: 'ERR_STREAM_WRITE_AFTER_END' })
  t.deepEqual(errors, [])
})

test('close ends the connection behind the response, HEAD has no body', async (t) => {
  const { connect } = await append(t, (req, out) => {
    if (req.path === '/last') out.close()
    out.write(`${HEAD}2\r\n\r\nok`)
  })
  const client = await connect()
  t.is((await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')).body.length, 0)
  client.send(get('/') + get('/last') + get('/never'))
  t.is((await client.reply()).header('connection'), undefined)
  const last = await client.reply()
  t.deepEqual([last.text, last.header('connection')], ['ok', 'close'])
  await client.closed()
})

test("a server has a handler or append; userData is the server's", async (t) => {
  const handler = (): string => 'ok'
  const both = { append: () => undefined }
  t.throws(() => createServer(both as never, handler), {
    instanceOf: TypeError,
    message: /not both/,
  })
  t.throws(() => createServer(handler, both as never), { message: /not both/ })
  const twice: [second: unknown, named: string][] = [
    [{ ioThreads: 1 }, 'an object with ioThreads'],
    [both, 'an object with append'],
    [null, 'null'],
  ]
  for (const [second, named] of twice) {
    t.throws(() => createServer(both as never, second as never), {
      instanceOf: TypeError,
      message: `options are given once, with append among them, got also ${named}`,
    })
  }
  t.throws(() => createServer({ append: 3 as never }), { message: /append must be a function/ })
  t.throws(() => createServer({} as never), { message: /handler must be a function/ })
  const userData = { hits: 0 }
  t.is(createServer(handler, { userData }).userData, userData)
  t.is(createServer(handler).userData, undefined)
  const { server, connect } = await append(
    t,
    (_req, out) => {
      ;(server.userData as typeof userData).hits++
      out.write(`${HEAD}0\r\n\r\n`)
    },
    { userData },
  )
  await (await connect()).get('/')
  t.is(userData.hits, 1)
})
