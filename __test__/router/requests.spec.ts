import test from 'ava'
import {
  bytes,
  file,
  type Handler,
  type HttpRequest,
  html,
  HttpError,
  json,
  rawParams,
  reply,
  Router,
  sse,
  stream,
  text,
} from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { gate, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

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
  t.is(refused.header('Allow'), 'GET, HEAD, OPTIONS')
  t.is(refused.header('Content-Type'), 'application/json')
})

test('Allow is added to whatever methodNotAllowed returns', async (t) => {
  const here = new URL(import.meta.url)
  const gone = new URL('no-such-file', here)
  const raw = 'HTTP/1.1 405 No\r\nContent-Length: 1\r\n\r\n'
  const refuse = (): never => {
    throw new HttpError(403, 'no')
  }
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
  const later = { then: (take: (result: string) => void) => void take('later') }
  const cases: [answer: () => unknown, status: number, own?: true][] = [
    [() => 'text', 200],
    [() => text('text', { headers: { allow: 'GET' } }), 200, true],
    [() => reply(405, null), 405],
    [() => bytes(Buffer.from('x'), { transfer: true, status: 405 }), 405],
    [() => ({ status: 405, headers: undefined, body: 'plain' }), 405],
    [() => ({ status: 405, headers: new Map([['A', 'b']]).entries(), body: 'plain' }), 405],
    [async () => html('late', { status: 405 }), 405],
    [() => later, 200],
    [() => stream(['a', 'b'], { status: 405, headers: { 'Content-Type': [] } }), 405],
    [() => sse([{ data: 'x' }], { status: 405 }), 405],
    [() => stream(['a'], { headers: { Allow: 'GET' } }), 200, true],
    [() => Buffer.from(`${raw}x`), 405],
    [() => Buffer.from(`${raw.replace('\r\n', '\r\nALLOW: GET\r\n')}x`), 405, true],
    [() => file(here, { status: 405 }), 405],
    [() => file(here, { headers: { Allow: 'GET' } }), 200, true],
    [() => file(gone, { onMissing: text('none', { status: 404 }) }), 404],
    [() => file(gone, { onMissing: refuse }), 403],
    [() => file(gone, { onMissing: async () => refuse() }), 403],
    [refuse, 403],
    [async () => refuse(), 403],
  ]
  const router = new Router().get('/a', () => 'ok')
  const { connect, errors } = await serve(t, router)
  const client = await connect()
  for (const [i, [answer, status, own]] of cases.entries()) {
    router.methodNotAllowed = answer as Handler
    const got = await client.send(post('/a', '')).reply()
    const expected = own ? 'GET' : 'GET, HEAD, OPTIONS'
    t.deepEqual([got.status, got.header('Allow')], [status, expected], `case ${i}`)
  }
  t.deepEqual(errors, [])
  router.methodNotAllowed = undefined
  t.is((await client.send(post('/a', '')).reply()).text, 'Method Not Allowed')
})

test('Allow is added to files below a folder, and to what stands for those that are missing', async (t) => {
  const folder = new URL('.', import.meta.url)
  const files = new Router({ notFound: () => text('none', { status: 404 }) })
  files.serveFiles('/*filepath', folder)
  const router = new Router({ methodNotAllowed: files.handler })
  router.post('/cases.spec.js', () => 'posted').post('/none', () => 'posted')
  const { connect } = await serve(t, router)
  const client = await connect()
  for (const [path, status] of [
    ['/cases.spec.js', 200],
    ['/none', 404],
  ] as const) {
    const got = await client.get(path)
    t.deepEqual([got.status, got.header('Allow')], [status, 'OPTIONS, POST'])
  }
})

test('a handler that fails with the connection in its hands is not answered for', async (t) => {
  const fail = (req: HttpRequest): never => {
    const raw = req.raw()
    raw.on('error', () => undefined)
    if (req.query === 'begun') raw.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab')
    throw req.query === 'http' ? new HttpError(409, 'no') : new Error('boom')
  }
  const router = new Router({ panicHandler: () => text('sorry', { status: 500 }) })
  router.get('/now', fail).get('/later', async (req) => fail(req))
  router.methodNotAllowed = fail
  const { server, connect, errors } = await serve(t, router)
  const sent = [
    get('/now'),
    get('/later'),
    get('/now?http'),
    post('/now', ''),
    post('/now?http', ''),
  ]
  for (const one of sent) t.is((await (await connect()).send(one).reply()).status, 500)
  for (const one of [get('/now?begun'), post('/later?begun', '')]) {
    const client = await connect()
    client.send(one)
    await client.through('\r\n\r\nab')
    await client.gone()
  }
  t.is(errors.length, sent.length + 2)
  await within('close', server.close())
})

test('what no field can be added to is reported', async (t) => {
  const used = stream(['once'])
  const router = new Router({ methodNotAllowed: () => used }).get('/a', () => 'ok')
  const { connect, errors } = await serve(t, router)
  const client = await connect()
  t.is((await client.send(post('/a', '')).reply()).text, 'once')
  t.is((await client.send(post('/a', '')).reply()).status, 500)
  for (const result of [undefined, {}, { status: 200, headers: null }, 7]) {
    router.methodNotAllowed = () => result as unknown as string
    t.is((await client.send(post('/a', '')).reply()).status, 500)
  }
  router.methodNotAllowed = () => {
    throw new HttpError(503, 'later')
  }
  t.is((await client.send(post('/a', '')).reply()).status, 503)
  t.is(errors.length, 6)
})

test('panicHandler answers for what was thrown or rejected, but not for an HttpError', async (t) => {
  const router = new Router({
    panicHandler: (req, error) => {
      const said = req.path === '/odd' ? typeof error : String(error)
      return text(`${req.path} ${said}`, { status: 500 })
    },
  })
    .get('/throws', () => {
      throw 'oops!'
    })
    .get('/rejects', async () => Promise.reject(new Error('late')))
    .get('/foreign', () => {
      // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
      const later = { then: (_: unknown, fail: (error: Error) => void) => fail(new Error('odd')) }
      return later as unknown as Promise<string>
    })
    .get('/says', () => {
      throw new HttpError(409, 'no')
    })
    .get('/answers', () => {
      throw new Response('log in', { status: 401 })
    })
    .get('/answers-late', async () => Promise.reject(new Response('later', { status: 503 })))
    .get('/odd', () => {
      throw new Proxy(
        {},
        {
          getPrototypeOf: () => {
            throw new Error('do not look')
          },
        },
      )
    })
  router.notFound = () => {
    throw 'lost'
  }
  const { connect, errors } = await serve(t, router)
  const client = await connect()
  t.is((await client.get('/throws')).text, '/throws oops!')
  t.is((await client.get('/rejects')).text, '/rejects Error: late')
  t.is((await client.get('/foreign')).text, '/foreign Error: odd')
  t.is((await client.get('/odd')).text, '/odd object')
  t.is((await client.get('/none')).text, '/none lost')
  t.is((await client.get('/says')).status, 409)
  t.deepEqual(
    [(await client.get('/answers')).status, (await client.get('/answers-late')).text],
    [401, 'later'],
  )
  t.is(errors.length, 0)
  router.panicHandler = () => {
    throw new HttpError(503, 'later')
  }
  t.is((await client.get('/throws')).status, 503)
  router.panicHandler = (_, error) => {
    throw error
  }
  t.is((await client.get('/throws')).status, 500)
  t.is(errors.at(-1)?.error, 'oops!')
  router.panicHandler = async () => Promise.reject(new Error('second'))
  t.is((await client.get('/throws')).status, 500)
  const { errors: both } = (errors.at(-1) as { error: AggregateError }).error
  t.deepEqual(both.map(String), ['oops!', 'Error: second'])
  const before = errors.length
  router.panicHandler = undefined
  t.is((await client.get('/throws')).status, 500)
  t.is(errors.length, before + 1)
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

test('a route has its own parameters, whatever its middleware asks of other routers', async (t) => {
  const users = new Router()
    .get('/a/:user', (req) => `user ${req.params.user}`)
    .get('/files/*rest', (req) => req.params.rest)
  const router = new Router().use(async (req, next) => {
    const before = await users.handler(req)
    const result = await next()
    return typeof result === 'string' ? `${before as string} ${result}` : result
  })
  router.get('/a/:id', (req) => json([req.params, req.pattern]).body as string)
  router.serveFiles('/files/*filepath', new URL('.', import.meta.url))
  const expected = 'user 7 [{"id":"7"},"/a/:id"]'
  const { connect } = await serve(t, router)
  const client = await connect()
  t.is((await client.get('/a/7')).text, expected)
  t.is((await client.get('/files/cases.spec.js')).status, 200)
  // Matched here instead of by the addon.
  const chained = await serve(t, new Router({ notFound: router.handler }))
  t.is((await (await chained.connect()).get('/a/7')).text, expected)
})
