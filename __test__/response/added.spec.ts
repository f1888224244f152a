import test from 'ava'
import {
  addHeaders,
  bytes,
  file,
  type HeaderInput,
  type HttpResult,
  json,
  type Middleware,
  Router,
  sse,
  stream,
  text,
} from '../../ts/index.ts'
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
