import test from 'ava'
import {
  bytes,
  createServer,
  type Handler,
  type HttpResponse,
  type HttpResult,
  json,
  type Middleware,
  Router,
  stream,
  text,
} from '../../ts/index.ts'
import { routesOf } from './table.ts'

const ok: Handler = () => 'ok'

test('a conflict names both patterns and changes nothing', (t) => {
  const router = new Router().get('/cmd/:tool', ok)
  const error = t.throws(() => router.get('/cmd/vet', ok))
  t.regex(error.message, /^route GET "\/cmd\/vet" conflicts with GET "\/cmd\/:tool": .*overlap/)
  t.is((error as Error & { code?: string }).code, 'ERR_ROUTE_CONFLICT')
  t.deepEqual({ ...router.list() }, { GET: ['/cmd/:tool'] })
  t.is(router.lookup('GET', '/cmd/vet').params['tool'], 'vet')
  t.throws(() => router.handle('NEW', '/*a/b', ok))
  t.deepEqual(Object.keys(router.list()), ['GET'])
})

test('wrong arguments are named', (t) => {
  const router = new Router()
  const cases: [() => unknown, RegExp][] = [
    [() => router.get('', ok), /path? ?"" must begin with '\/'|"" must begin/],
    [() => router.get('a', ok), /"a" must begin with '\/'/],
    [() => router.get('/:a:b', ok), /"\/:a:b" has more than one wildcard/],
    [() => router.get('/:', ok), /"\/:" has a wildcard without a name/],
    [() => router.get('/*a/b', ok), /"\/\*a\/b" has a catch-all that is not at the end/],
    [() => router.get('/a*b', ok), /"\/a\*b" has no '\/' before its catch-all/],
    [() => router.get('/', undefined as never), /handler of "\/" must be a function/],
    [() => router.get(7 as never, ok), /path must be a string, got 7/],
    [() => router.handle('', '/', ok), /method must be a token.*""/],
    [() => router.handle('A B', '/', ok), /method must be a token.*"A B"/],
    [() => router.use(1 as never), /middleware must be a function, got 1/],
    [() => router.use((_, next) => next(), 2 as never), /middleware must be a function, got 2/],
    [() => router.group('v9'), /prefix must begin with '\/'.*"v9"/],
    [() => router.group('/v9/'), /prefix must begin with '\/'.*"\/v9\/"/],
    [() => router.group(''), /prefix must begin/],
    [() => router.static('/', 7 as never), /answer of "\/" must be a string.*got 7/],
    [() => router.static('/', stream(['a'])), /a stream is no fixed answer/],
    [() => router.static('/', Buffer.from('x')), /route GET "\/" has no answer: /],
    [() => router.static('/', Buffer.from('no response')), /./],
    [() => new Router({ redirectCode: 303 as never }), /redirectCode must be.*303/],
    [() => new Router({ overlap: 'yes' as never }), /overlap must be.*"yes"/],
    [() => new Router({ handleOptions: 1 as never }), /handleOptions must be a boolean, got 1/],
    [() => new Router({ notFound: 1 as never }), /notFound must be a function, got 1/],
    [() => new Router(null as never), /options must be an object, got null/],
  ]
  for (const [act, message] of cases) t.throws(act, { message })
  t.deepEqual(Object.keys(router.list()), [])
})

test('all of GitHub is found under static-first, and each route by its own values', (t) => {
  const router = new Router({ overlap: 'static-first' })
  const routes = routesOf('github')
  t.is(routes.length, 239)
  for (const { method, path } of routes) router.handle(method, path, ok)
  for (const { method, path } of routes) {
    const match = router.lookup(method, path.replace(/[:*]/g, 'val-'))
    t.is(match.pattern, path)
    for (const [name, value] of Object.entries(match.params)) {
      t.is(value, path.includes(`*${name}`) ? `/val-${name}` : `val-${name}`)
    }
  }
})

test('list, remove and add again', (t) => {
  const router = new Router().get('/a', ok).post('/a', ok).get('/b/:c', ok).any('/d', ok)
  t.deepEqual({ ...router.list() }, { GET: ['/a', '/b/:c'], POST: ['/a'], '*': ['/d'] })
  t.is(Object.getPrototypeOf(router.list()), null)
  t.false(router.remove('GET', '/b/:other'))
  t.false(router.remove('PUT', '/a'))
  t.true(router.remove('GET', '/b/:c'))
  t.false(router.remove('GET', '/b/:c'))
  t.true(router.remove('*', '/d'))
  t.deepEqual({ ...router.list() }, { GET: ['/a'], POST: ['/a'] })
  router.get('/b/:other', ok)
  t.is(router.lookup('GET', '/b/1').params['other'], '1')
})

test('groups nest, and their middleware is put before what is added later', (t) => {
  const router = new Router()
  const api = router.group('/api').get('/free', ok)
  api.use((_, next) => next())
  const deep = api.group('/v1').get('/x/:id', ok)
  api.group('/').get('/root', ok)
  router.group('/').get('/top', ok)
  deep.group('/deeper').any('/y', ok)
  t.deepEqual(router.list()['GET'], ['/api/free', '/api/v1/x/:id', '/api/root', '/top'])
  t.deepEqual(router.list()['*'], ['/api/v1/deeper/y'])
  t.is(router.lookup('GET', '/api/free').handler, ok, 'without middleware it is the handler itself')
  t.not(router.lookup('GET', '/api/v1/x/1').handler, ok)
  t.is(router.lookup('GET', '/top').handler, ok)
  t.throws(() => api.get('no-slash', ok), { message: /"no-slash" must begin/ })
})

test('middleware runs in order, around the handler, and next only once', (t) => {
  const seen: string[] = []
  const named =
    (name: string): Middleware =>
    (_, next) => {
      seen.push(`${name} in`)
      const result = next()
      seen.push(`${name} out`)
      return name === 'twice' ? next() : result
    }
  const router = new Router().use(named('a')).use(named('b'))
  router.get('/x', () => {
    seen.push('handler')
    return 'ok'
  })
  router.group('/g').use(named('twice')).get('/x', ok)
  const run = (path: string): unknown => router.lookup('GET', path).handler?.(undefined as never)
  t.is(run('/x'), 'ok')
  t.deepEqual(seen, ['a in', 'b in', 'handler', 'b out', 'a out'])
  t.throws(() => run('/g/x'), { message: /next\(\) was called twice/ })
})

test('params are decoded once, whatever they hold', (t) => {
  const router = new Router().get('/u/:a/*b', ok).get('/p/:__proto__/:constructor', ok)
  const cases: [string, string, string][] = [
    ['/u/a%2Fb/c%2Fd', 'a/b', '/c/d'],
    ['/u/a%252Fb/', 'a%2Fb', '/'],
    ['/u/%/%zz', '%', '/%zz'],
    ['/u/%ff%C3%A9/%E2%82', '%FFé', '/%E2%82'],
    ['/u/%C3/%a', '%C3', '/%a'],
    ['/u/é b/ü', 'é b', '/ü'],
    ['/u//x', '', '/x'],
    ['/u/\ud800/x', '\ufffd', '/x'],
  ]
  for (const [path, a, b] of cases) {
    t.deepEqual({ ...router.lookup('GET', path).params }, { a, b }, path)
  }
  const { params } = router.lookup('GET', '/p/evil/1')
  t.is(Object.getPrototypeOf(params), null)
  t.deepEqual(Object.entries(params), [
    ['__proto__', 'evil'],
    ['constructor', '1'],
  ])
  t.is(({} as { evil?: unknown }).evil, undefined)
})

test('a route with characters that no target may contain is found by its escapes', (t) => {
  const router = new Router().get('/é x/:ü', ok)
  for (const path of ['/é x/1', '/%C3%A9%20x/1', '/%c3%a9%20x/1']) {
    t.is(router.lookup('GET', path).params['ü'], '1', path)
  }
})

test('long paths and unknown methods are looked up as others are', (t) => {
  const router = new Router().get('/a/*rest', ok).handle('BREW', '/a/:b', ok)
  const long = 'x'.repeat(20_000)
  t.is(router.lookup('GET', `/a/${long}`).params['rest'], `/${long}`)
  t.is(router.lookup('BREW', `/a/${long}`).params['b'], long)
  t.true(router.lookup('BREW', `/a/${long}/`).tsr)
  t.is(router.lookup('NONE', '/a/b').handler, undefined)
  t.is(router.lookup('', '').handler, undefined)
  const method = 'M'.repeat(65)
  router.handle(method, '/:a', ok)
  t.is(router.lookup(method, '/1').params['a'], '1')
  t.is(router.lookup('GET', '/a/b').params['rest'], '/b')
  // Its low byte is that of a G.
  t.is(router.lookup('\u0147ET', '/a/b').handler, undefined)
})

test('types know the parameters of a path', (t) => {
  const router = new Router()
  router.get('/user/:id/files/*path', (req) => json([req.params.id, req.params.path]))
  // @ts-expect-error there is no such parameter
  router.post('/user/:id', (req) => req.params.name)
  router.group('/team/:team').get('/user_:name', (req) => req.params.team + req.params.name)
  // @ts-expect-error there is none at all
  router.put('/plain', (req) => String(req.params.id))
  router.get(String('/any'), (req) => req.params['whatever'] ?? '')
  router.group(`/${String('v1')}`).get('/:id', (req) => req.params['id'] ?? '')
  const either = '/a/:x' as '/a/:x' | '/b/:y'
  // @ts-expect-error it is there in one of them only
  router.get(either, (req) => req.params.x)
  const plain: Handler = (req) => req.params['id'] ?? ''
  router.patch('/user/:id', plain)
  t.notThrows(() => createServer(router))
  t.notThrows(() => createServer({ maxPipelined: 1 }, router))
  t.throws(() => createServer({ handler: ok } as never), { message: /handler must be a function/ })
})

test('a static answer is a handler like others to those who look it up', (t) => {
  const answer = text('fixed')
  const memory = Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')
  const given = bytes(new Uint8Array([1, 2, 3]), { transfer: true })
  const router = new Router()
    .static('/fixed', answer)
    .static('/raw', memory)
    .static('/given', given)
  const ask = (path: string): HttpResult =>
    router.lookup('GET', path).handler?.(undefined as never) as HttpResult
  t.is(ask('/fixed'), answer)
  memory.fill(0)
  for (let i = 0; i < 2; i++) {
    const raw = ask('/raw') as Uint8Array
    t.is(Buffer.from(raw).toString(), 'HTTP/1.1 204 No Content\r\n\r\n')
    raw.fill(0)
    const { status, body } = ask('/given') as HttpResponse
    t.deepEqual([status, body], [200, new Uint8Array([1, 2, 3])])
    ;(body as Uint8Array).fill(0)
  }
  t.throws(() => router.static('/fixed', given), { code: 'ERR_ROUTE_CONFLICT' })
  t.notThrows(() => router.static('/again', given), 'what was refused is not used up')
})

test('middleware of a router comes before that of its groups, whichever was put first', (t) => {
  const seen: string[] = []
  const named =
    (name: string): Middleware =>
    (_, next) => {
      seen.push(name)
      return next()
    }
  const router = new Router()
  const group = router.group('/g')
  const inner = group.group('/h').use(named('inner'))
  inner.get('/early', ok)
  group.use(named('group'))
  router.use(named('router'))
  inner.get('/late', ok)
  router.group('/g').use(named('one'), named('two')).get('', ok)
  const run = (path: string): string[] => {
    seen.length = 0
    router.lookup('GET', path).handler?.(undefined as never)
    return [...seen]
  }
  t.deepEqual(run('/g'), ['router', 'one', 'two'])
  t.deepEqual(run('/g/h/early'), ['inner'])
  t.deepEqual(run('/g/h/late'), ['router', 'group', 'inner'])
})

test('a conflict names both patterns, however long they are', (t) => {
  const [long, other] = [`/${'a'.repeat(200)}/:x`, `/${'a'.repeat(200)}/:y`]
  const router = new Router().get(long, ok)
  const { message } = t.throws(() => router.get(other, ok), { code: 'ERR_ROUTE_CONFLICT' })
  t.true(message.startsWith(`route GET "${other}" conflicts with GET "${long}"`))
})
