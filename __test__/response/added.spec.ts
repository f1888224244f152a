import test from 'ava'
import {
  addHeaders,
  bytes,
  file,
  type FileInit,
  type HeaderInput,
  type HttpResult,
  json,
  type Middleware,
  Router,
  sse,
  stream,
  text,
} from '../../ts/index.ts'
import { FastResponse } from '../../ts/fetch/index.ts'
import type { Reply } from '../support/reply.ts'
import { serve } from '../support/service.ts'

/** The values of a field, in order. */
function all({ headers }: Reply, name: string): string[] {
  return headers.filter(([known]) => known.toLowerCase() === name).map(([, value]) => value)
}

const here = new URL(import.meta.url)
const gone = new URL('no-such-file', here)

test('headers are added to whatever a handler returns', async (t) => {
  const type = { 'Content-Type': 'a/b' }
  const cases: [make: () => HttpResult, fields: [string, string | undefined][]][] = [
    [() => 'text', [['content-type', 'text/plain; charset=utf-8']]],
    [() => json({ a: 1 }), [['content-type', 'application/json']]],
    [() => json(1, { headers: { Vary: 'Accept', b: '2' } }), [['b', '2']]],
    [() => bytes(Buffer.from('x'), { transfer: true }), [['content-length', '1']]],
    [() => text('x', { headers: { 'content-type': [] } }), [['content-type', undefined]]],
    [() => ({ status: 201, headers: new Map([['b', '2']]).entries(), body: 'x' }), [['b', '2']]],
    [() => Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx'), [['content-length', '1']]],
    [() => stream(['a', 'b'], { headers: type }), [['content-type', 'a/b']]],
    [() => sse([{ data: 'x' }]), [['cache-control', 'no-cache']]],
    [() => file(here, { headers: type }), [['content-type', 'a/b']]],
    [() => file(gone, { onMissing: 'none' }), [['content-length', '4']]],
    [() => file(gone, { onMissing: async () => 'none' }), [['content-length', '4']]],
  ]
  let make = cases[0]?.[0] as () => HttpResult
  const { connect, errors } = await serve(t, () => addHeaders(make(), { X: ['1', '2'], Vary: 'V' }))
  const client = await connect()
  for (const [i, [one, fields]] of cases.entries()) {
    make = one
    const got = await client.get('/')
    t.deepEqual(all(got, 'x'), ['1', '2'], `case ${i}`)
    t.is(all(got, 'vary').at(-1), 'V', `case ${i}`)
    for (const [name, value] of fields) t.is(got.header(name), value, `case ${i}`)
  }
  t.deepEqual(errors, [])
})

test('a promise in the place of a result is said to want an await', (t) => {
  t.throws(() => addHeaders(Promise.resolve('text') as never, { a: '1' }), {
    instanceOf: TypeError,
    code: 'ERR_INVALID_RETURN_VALUE',
    message: 'addHeaders takes what a handler has returned, got a promise: await it',
  })
})

test('what is added is checked like other headers', async (t) => {
  const wrong: unknown[] = [{ 'a b': '1' }, { a: 'x\r\ny' }, null, 7, [['a']], { a: undefined }]
  for (const result of ['text', Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), file(here)]) {
    for (const headers of wrong) {
      t.throws(() => addHeaders(result, headers as HeaderInput), {
        instanceOf: TypeError,
      })
    }
  }
  t.throws(() => addHeaders(file(here), { 'Content-Length': '1' }), {
    message: /set by the server/,
  })
  const sent = bytes(Buffer.from('x'), { transfer: true })
  t.is(addHeaders(addHeaders(sent, { a: '1' }), { b: '2' }).constructor, sent.constructor)
  t.is(addHeaders(undefined as never, { a: '1' }) as unknown, undefined, 'which the server refuses')
  t.deepEqual(
    Buffer.from(addHeaders(Buffer.from('no head'), { a: '1' }) as Uint8Array).toString(),
    'no head',
  )
})

test('a middleware adds headers to files, and to what stands for missing ones', async (t) => {
  const cors: Middleware = async (_, next) =>
    addHeaders(await next(), { 'Access-Control-Allow-Origin': '*', Vary: 'Origin' })
  const router = new Router({ overlap: 'static-first' }).use(cors)
  router.notFound = () => text('none', { status: 404 })
  router.serveFiles('/*filepath', new URL('.', here))
  const { connect } = await serve(t, router)
  const client = await connect()
  for (const [path, status, vary] of [
    ['/added.spec.js', 200, ['Accept-Encoding', 'Origin']],
    ['/none', 404, ['Origin']],
  ] as const) {
    const got = await client.get(path)
    t.deepEqual(
      [got.status, got.header('access-control-allow-origin'), all(got, 'vary')],
      [status, '*', vary],
    )
  }
  router.use((_, next) => addHeaders(next() as HttpResult, { ETag: '"mine"' }))
  router.serveFiles('/own/*filepath', new URL('.', here))
  t.is((await client.get('/own/added.spec.js')).status, 500)
})

test('a type that is added takes the place of the one there is', async (t) => {
  const raw = 'HTTP/1.1 200 OK\r\ncontent-type: a/b;\r\n c=d\r\nX: y\r\nContent-Length: 1\r\n\r\nx'
  const typed = { headers: { 'content-TYPE': 'a/b' } }
  const cases: (() => HttpResult)[] = [
    () => 'text',
    () => json(1),
    () => text('x', typed),
    () => text('x', { headers: { 'Content-Type': [] } }),
    () => text('x', { headers: [['content-type', 'a/b']] }),
    () => Buffer.from(raw),
    () => stream(['a', 'b'], typed),
    () => sse([{ data: 'x' }]),
    () => file(here),
    () => file(here, typed),
    () => file(here, { status: 404, type: 'a/b' }),
    () => file(here, { start: 1, end: 3 }),
    () => new Response('x'),
    () => new Response(null, typed),
    () => new FastResponse('x'),
    () => new FastResponse(null, typed),
  ]
  let make = cases[0] as () => HttpResult
  const { connect, errors } = await serve(t, () =>
    addHeaders(make(), { 'Content-Type': 'new/type' }),
  )
  const client = await connect()
  for (const [i, one] of cases.entries()) {
    make = one
    t.deepEqual(all(await client.get('/'), 'content-type'), ['new/type'], `case ${i}`)
  }
  t.deepEqual(errors, [])
})

test('a file is the same with more fields: its type, its part and what is said of it', async (t) => {
  const cases: [init: FileInit, status: number, type: string, etag: boolean][] = [
    [{}, 200, 'text/javascript; charset=utf-8', true],
    [{ status: 404 }, 404, 'text/javascript; charset=utf-8', false],
    [{ start: 1, end: 3 }, 200, 'text/javascript; charset=utf-8', false],
    [{ start: 1, status: 206, type: 'x/y' }, 206, 'x/y', false],
    [{ statusText: 'Fine', type: false }, 200, 'application/octet-stream', false],
    [{ etag: false }, 200, 'text/javascript; charset=utf-8', false],
    [
      { headers: new Map([['ETag', '"mine"']]).entries() },
      200,
      'text/javascript; charset=utf-8',
      true,
    ],
  ]
  let make = (): HttpResult => ''
  const { connect, errors } = await serve(t, () => make())
  const client = await connect()
  for (const [i, [init, status, type, etag]] of cases.entries()) {
    const plain = file(here, init)
    for (const result of [
      plain,
      addHeaders(plain, { X: 'y' }),
      addHeaders(addHeaders(plain, { X: 'y' }), {}),
    ]) {
      make = () => result
      const got = await client.get('/')
      t.deepEqual(
        [got.status, ...all(got, 'content-type'), all(got, 'etag').length],
        [status, type, etag ? 1 : 0],
        `case ${i}`,
      )
      t.is(got.header('x'), result === plain ? undefined : 'y')
    }
  }
  t.deepEqual(errors, [])
})

test('what is added to an answer that is sent again is not in the next one', async (t) => {
  const cases: [name: string, shared: () => HttpResult][] = [
    ['text', () => text('x')],
    ['a file', () => file(here)],
    ['an empty text', () => text('')],
    ['a Response', () => new Response(null, { status: 204, headers: { Own: '1' } })],
    ['a redirect', () => Response.redirect('http://a.test/', 302)],
    ['a FastResponse', () => new FastResponse(null, { headers: { Own: '1' } })],
  ]
  let shared: HttpResult = ''
  const router = new Router()
    .use(async (req, next) => addHeaders(await next(), { 'Set-Cookie': `of=${req.query}` }))
    .get('/', () => shared)
  const { connect, errors } = await serve(t, router)
  const client = await connect()
  for (const [name, make] of cases) {
    shared = make()
    for (const who of ['alice', 'bob'])
      t.deepEqual(all(await client.get(`/?${who}`), 'set-cookie'), [`of=${who}`], name)
  }
  t.deepEqual(errors, [])
})

test('the methods of one path are not those of another that has the same answer', async (t) => {
  const shared = new Response(null, { status: 405 })
  const router = new Router({ methodNotAllowed: () => shared })
    .put('/a', () => '')
    .post('/b', () => '')
  const { connect } = await serve(t, router)
  const client = await connect()
  const allowed = [await client.get('/a'), await client.get('/b')].map((got) => got.header('allow'))
  t.deepEqual(allowed, ['OPTIONS, PUT', 'OPTIONS, POST'])
})
