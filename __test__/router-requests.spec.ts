import test from 'ava'
import { bytes, html, HttpError, json, rawParams, reply, Router, text } from '../ts/index.ts'
import { get, post } from './client.ts'
import { gate } from './deadline.ts'
import { serve } from './service.ts'

test('parameters arrive in their request, also in one that no chunk can hold', async (t) => {
  const router = new Router({ overlap: 'static-first' })
    .get('/u/:name/*rest', (req) => json([req.pattern, req.params, rawParams(req)]))
    .post('/big/:id', async (req) => {
      await Promise.resolve()
      return json([req.params.id, req.body.length])
    })
    .get('/*all', (req) => json(req.params))
  const { connect } = await serve(t, router, { maxRequestLine: 100_000, maxHeaderSize: 200_000 })
  const client = await connect()
  const parsed = async (sent: string | Buffer): Promise<unknown> =>
    JSON.parse((await client.send(sent).reply()).text)
  const user = ['/u/:name/*rest', { name: 'a/b', rest: '/%zz' }, { name: 'a%2Fb', rest: '/%zz' }]
  t.deepEqual(await parsed(get('/u/a%2Fb/%zz?q')), user)
  t.deepEqual(await parsed(get('http://h.test/u/a%2Fb/%zz?q')), user)
  t.deepEqual(await parsed('GET http://h.test HTTP/1.1\r\nHost: h.test\r\n\r\n'), { all: '/' })
  t.deepEqual(await parsed('GET http://h.test?q HTTP/1.1\r\nHost: h.test\r\n\r\n'), { all: '/' })
  t.deepEqual(await parsed(post('/big/7', 'x'.repeat(200_000))), ['7', 200_000])
  const long = 'y'.repeat(60_000)
  t.deepEqual(await parsed(get(`/u/${long}/z`)), [
    '/u/:name/*rest',
    { name: long, rest: '/z' },
    { name: long, rest: '/z' },
  ])
})

test('a request keeps its parameters after its chunk is gone', async (t) => {
  const held = gate()
  const router = new Router()
    .get('/held/:id', async (req) => {
      await held.promise
      return req.params.id
    })
    .post('/fill', () => 'filled')
  const { connect } = await serve(t, router, { ioThreads: 1 })
  const [client, other] = [await connect(), await connect()]
  client.send(get('/held/mine'))
  for (let i = 0; i < 40; i++) await other.send(post('/fill', 'z'.repeat(20_000))).reply()
  held.open()
  t.is((await client.reply()).text, 'mine')
})

test('handlers for what has no route know nothing of parameters', async (t) => {
  const router = new Router({
    notFound: (req) => json([req.params, req.pattern ?? null], { status: 404 }),
    methodNotAllowed: () => json('no', { status: 418 }),
  }).get('/a/:b/c', () => 'ok')
  const { connect } = await serve(t, router)
  const client = await connect()
  t.deepEqual(JSON.parse((await client.get('/a/x/d')).text), [{}, null])
  const refused = await client.send(post('/a/x/c', '')).reply()
  t.is(refused.status, 418)
  t.is(refused.header('Allow'), 'GET, OPTIONS')
  t.is(refused.header('Content-Type'), 'application/json')
})

test('Allow is added to whatever methodNotAllowed returns', async (t) => {
  const router = new Router().get('/a', () => 'ok')
  const { connect } = await serve(t, router)
  const client = await connect()
  const results = [
    'text',
    text('text', { headers: { Allow: 'GET' } }),
    reply(405, null),
    bytes(Buffer.from('x'), { transfer: true, status: 405 }),
    { status: 405, headers: undefined, body: 'plain' },
    Promise.resolve(html('late', { status: 405 })),
  ]
  for (const result of results) {
    router.methodNotAllowed = () => result
    const answer = await client.send(post('/a', '')).reply()
    t.is(answer.header('Allow'), result === results[1] ? 'GET' : 'GET, OPTIONS')
  }
  router.methodNotAllowed = undefined
  t.is((await client.send(post('/a', '')).reply()).text, 'Method Not Allowed')
})

test('panicHandler answers for what was thrown or rejected, but not for an HttpError', async (t) => {
  const router = new Router({
    panicHandler: (req, error) => text(`${req.path} ${String(error)}`, { status: 500 }),
  })
    .get('/throws', () => {
      throw 'oops!'
    })
    .get('/rejects', async () => Promise.reject(new Error('late')))
    .get('/says', () => {
      throw new HttpError(409, 'no')
    })
  router.notFound = () => {
    throw 'lost'
  }
  const { connect, errors } = await serve(t, router)
  const client = await connect()
  t.is((await client.get('/throws')).text, '/throws oops!')
  t.is((await client.get('/rejects')).text, '/rejects Error: late')
  t.is((await client.get('/none')).text, '/none lost')
  t.is((await client.get('/says')).status, 409)
  t.is(errors.length, 0)
  router.panicHandler = undefined
  t.is((await client.get('/throws')).status, 500)
  t.is(errors.length, 1)
})

test('middleware around router.handler, and around routes', async (t) => {
  const router = new Router().use(async (req, next) => {
    const result = (await next()) as string
    return `${result} ${req.params['id'] ?? ''}`
  })
  router.get('/x/:id', (req) => `<${req.params.id}>`)
  const { connect } = await serve(t, (req) =>
    req.path === '/outer' ? 'outer' : router.handler(req),
  )
  const client = await connect()
  t.is((await client.get('/outer')).text, 'outer')
  t.is((await client.get('/x/1')).text, '<1> 1')
  const moved = await client.get('/X/1/?a=%2F')
  t.deepEqual([moved.status, moved.header('Location')], [301, '/x/1?a=%2F'])
})
