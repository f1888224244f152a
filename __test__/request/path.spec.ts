import test from 'ava'
import { decodeRequest, type HttpRequest, json, rawParams, Router, text } from '../../ts/index.ts'
import { type Client, get, post } from '../support/client.ts'
import { gate } from '../support/deadline.ts'
import type { Reply } from '../support/reply.ts'
import { serve } from '../support/service.ts'
import { ask, site } from '../support/site.ts'

/** Targets, and the path of each. */
const PATHS: [target: string, path: string][] = [
  ['/plain', '/plain'],
  ['/%61%41%30%2d%2E%5f%7e', '/aA0-._~'],
  ['/%2f%3a%40%5c%7b%c3%bc%00', '/%2F%3A%40%5C%7B%C3%BC%00'],
  ['/a:b@c!{}|\\', '/a:b@c!{}|\\'],
  ['/%c0%ae%FF%2e', '/%C0%AE%FF.'],
  ['/%zz/%4/%', '/%zz/%4/%'],
  ['/%2561/%252e', '/%2561/%252e'],
  ['/%%36%31', '/%6%31'],
  ['/%2e%2E/a/%2e/b', '/../a/./b'],
  ['//%61//b', '//a//b'],
  ['/a%3fb?%61=%62', '/a%3Fb'],
  ['http://a.test/%61?%62', '/a'],
  ['HTTP://a%2Dtest/%2D', '/-'],
  ['http://a.test', '/'],
]

const seen = (req: HttpRequest): object => {
  const { start, len } = req.slices.path
  const sliced = Buffer.from(req.buffer.subarray(start, start + len)).toString('latin1')
  return { url: req.url, path: req.path, sliced, body: req.body.length }
}

const parse = (reply: Reply): unknown => JSON.parse(reply.text)

test('a request has the normal form of its path, and its target as sent', async (t) => {
  const { connect } = await serve(t, (req) => json(seen(req)), {
    maxRequestLine: 200_000,
    maxHeaderSize: 400_000,
  })
  const client = await connect()
  for (const [url, path] of PATHS) {
    const is = (reply: unknown, body = 0): unknown =>
      t.deepEqual(reply, { url, path, sliced: url, body }, url)
    is(parse(await client.get(url)))
    is(parse(await client.send(post(url, 'body')).reply()), 4)
    is(parse(await client.send(post(url, 'x'.repeat(200_000))).reply()), 200_000)
    await client.sendBytewise(post(url, 'body'))
    is(parse(await client.reply()), 4)
    is(seen(decodeRequest(post(url, 'body')) as HttpRequest), 4)
  }
  const [url, path] = [`/${'%61%2f'.repeat(20_000)}`, `/${'a%2F'.repeat(20_000)}`]
  t.deepEqual(parse(await client.get(url)), { url, path, sliced: url, body: 0 })
  const all = await client.send('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n').reply()
  t.deepEqual(parse(all), { url: '*', path: '*', sliced: '*', body: 0 })
})

test('it has it with a streamed body as well', async (t) => {
  const router = new Router().post('/:x/:y', async (req) => {
    const before = req.path
    let size = 0
    for await (const piece of req) size += piece.length
    return json([before, req.path, req.params, rawParams(req), size])
  })
  const { connect } = await serve(t, router, { bodyMode: 'stream' })
  const client = await connect()
  for (const size of [0, 5, 100_000]) {
    const reply = await client.send(post('/%61/%2e%2f%ff?q', 'x'.repeat(size))).reply()
    const [path, params] = ['/a/.%2F%FF', { x: 'a', y: './%FF' }]
    t.deepEqual(parse(reply), [path, path, params, { x: 'a', y: '.%2F%FF' }, size])
  }
})

test('it keeps it after its chunk is gone', async (t) => {
  const held = gate()
  const router = new Router()
    .get('/held/:id', async (req) => {
      await held.promise
      return json([req.path, req.params, req.url])
    })
    .post('/fill', () => 'filled')
  const { connect } = await serve(t, router, { ioThreads: 1 })
  const [client, other] = [await connect(), await connect()]
  client.send(get('/%68eld/%6d%40%c3%bc'))
  for (let i = 0; i < 40; i++) await other.send(post('/fill', 'z'.repeat(20_000))).reply()
  held.open()
  const expected = ['/held/m%40%C3%BC', { id: 'm@ü' }, '/%68eld/%6d%40%c3%bc']
  t.deepEqual(parse(await client.reply()), expected)
})

test('parameters are what the path has, decoded once', async (t) => {
  const router = new Router({ overlap: 'static-first' })
    .get('/u/:a/*b', (req) => json([req.params, rawParams(req)]))
    .any('/ordinary/*rest', (req) => inner.handler(req))
  const inner = new Router().get('/ordinary/:a/*b', (req) => json([req.params, rawParams(req)]))
  const rows: [path: string, a: string, b: string, rawA: string, rawB: string][] = [
    ['%75/%61/%62', 'a', '/b', 'a', '/b'],
    ['u/%2561/%252E', '%61', '/%2E', '%2561', '/%252E'],
    ['u/%2f/%2f%2F', '/', '///', '%2F', '/%2F%2F'],
    ['u/%c3%bc/%ff', 'ü', '/%FF', '%C3%BC', '/%FF'],
    ['u/%/%4', '%', '/%4', '%', '/%4'],
    ['u/%%36%31/x', '%61', '/x', '%6%31', '/x'],
    ['u/%00%5c/x', '\0\\', '/x', '%00%5C', '/x'],
  ]
  const { connect } = await serve(t, router)
  const client = await connect()
  for (const [path, a, b, rawA, rawB] of rows) {
    for (const first of ['', 'ordinary']) {
      const target = first === '' ? `/${path}` : `/${first}/${path.slice(path.indexOf('/') + 1)}`
      const reply = await client.get(target)
      t.deepEqual(
        parse(reply),
        [
          { a, b },
          { a: rawA, b: rawB },
        ],
        target,
      )
    }
    const lookedUp = router.lookup('GET', `/${path}`)
    t.deepEqual({ ...lookedUp.params }, { a, b }, path)
  }
})

/** Spellings of `/@dmin ü/private.txt`. */
const SPELLINGS = [
  '/@dmin%20%C3%BC/private.txt',
  '/%40dmin%20%c3%bc/private.txt',
  '/@%64min%20%c3%BC/private.txt',
  '/%40%64%6D%69%6e%20%C3%bc/%70rivate%2Etxt',
]

test('no spelling of a path leads around a guard', async (t) => {
  const root = site(t, {
    'admin/private.txt': 'SECRET',
    '@dmin ü/private.txt': 'SECRET',
    'a.txt': 'a',
  })
  const no = text('no', { status: 401 })
  const guards: [name: string, guard: (router: Router) => void][] = [
    ['route', (router) => router.get('/admin/*any', () => no).get('/@dmin ü/*any', () => no)],
    [
      'group',
      (router) => {
        for (const prefix of ['/%61dmin', '/%40dmin%20%c3%bc']) {
          router
            .group(prefix)
            .use(() => no)
            .get('/*any', () => 'guarded')
        }
      },
    ],
    ['static', (router) => router.static('/admin/:file', no).static('/@dmin ü/private.txt', no)],
  ]
  const open: [name: string, add: (router: Router) => void][] = [
    ['serveFiles', (router) => router.serveFiles('/*filepath', root)],
    ['parameters', (router) => router.get('/:section/:page', (req) => json(req.params))],
    ['catch-all', (router) => router.get('/*rest', (req) => json(req.params))],
  ]
  const targets = [...spellings('/admin/private.txt'), ...SPELLINGS]
  for (const [guardName, guard] of guards) {
    for (const [openName, add] of open) {
      for (const form of ['native', 'handler'] as const) {
        const router = new Router({ overlap: 'static-first' })
        guard(router)
        add(router)
        const { connect } = await serve(t, form === 'native' ? router : router.handler)
        const client = await connect()
        for (const target of targets) {
          const answer = await ask(client, target)
          t.is(answer.status, 401, `${guardName}, ${openName}, ${form}: ${target}`)
        }
        for (const target of ['/%2e%2e/admin/private.txt', '/x/%2E./admin/private.txt']) {
          await neverSecret(client, target, (note) => t.fail(note))
        }
        if (openName === 'serveFiles') t.is((await client.get('/%61.txt')).text, 'a')
      }
    }
  }
})

async function neverSecret(
  client: Client,
  target: string,
  fail: (note: string) => void,
): Promise<void> {
  const answer = await ask(client, target)
  if (answer.text.includes('SECRET') || /"admin"/.test(answer.text)) fail(target)
}

/** A path with each of its characters escaped, one at a time and all of them. */
function spellings(path: string): string[] {
  const escaped = [...path].map((one) =>
    one === '/' ? one : `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  const single = [...path].map((_, at) => path.slice(0, at) + escaped[at] + path.slice(at + 1))
  return [path, ...single, escaped.join(''), escaped.join('').toUpperCase().replaceAll('%2F', '/')]
}

test('a middleware that compares the path sees what is served', async (t) => {
  const root = site(t, { 'admin/private.txt': 'SECRET' })
  const router = new Router()
  router.use((req, next) => (req.path.startsWith('/admin') ? text('no', { status: 401 }) : next()))
  router.serveFiles('/*filepath', root)
  const { connect } = await serve(t, router)
  const client = await connect()
  for (const target of spellings('/admin/private.txt')) {
    t.is((await ask(client, target)).status, 401, target)
  }
  const around = [
    '//admin/private.txt',
    '/x/%2e%2e/admin/private.txt',
    '/%2e/admin/private.txt',
    '/x/..%2fadmin/private.txt',
    '/x/%2e%2e%2fadmin%2fprivate.txt',
    '/%2fadmin/private.txt',
    '/%5cadmin/private.txt',
    '/%2561dmin/private.txt',
    '/%%36%31dmin/private.txt',
    '/%c0%afadmin/private.txt',
  ]
  for (const target of around) {
    t.is((await ask(client, target)).status, 404, target)
  }
})

test('the addon answers what has no handler by the same path', async (t) => {
  const router = new Router()
    .static('/health', 'ok')
    .get('/dir/', () => 'dir')
    .post('/only', () => 'only')
    .get('/Case/:x', (req) => req.params.x)
    .get('/%61/%c3%bc/-{b}', (req) => req.pattern ?? '')
  const rows: [request: string, status: number, rest: string | undefined][] = [
    ['GET /%68ealth', 200, 'ok'],
    ['GET /a/%C3%BC/-%7bb}', 200, '/%61/%c3%bc/-{b}'],
    ['GET /%64ir?%61', 301, '/dir/?%61'],
    ['GET /%43ASE/%2f%c3', 301, '/Case/%2F%C3'],
    ['GET /x/%2e%2e/%64ir/', 301, '/dir/'],
    ['GET /x/../dir/', 301, '/dir/'],
    ['GET /%2e%2e/health', 301, '/health'],
    ['GET /%2E/%2e%2e/dir', 301, '/dir/'],
    ['GET /%252e%252e/health', 404, 'Not Found'],
    ['GET /%2e%2e%2fhealth', 404, 'Not Found'],
    ['GET /%2e%2e%2fetc/passwd', 404, 'Not Found'],
    ['GET /%6fnly', 405, 'OPTIONS, POST'],
    ['OPTIONS /%6Fnly', 200, 'POST, OPTIONS'],
    ['OPTIONS *', 200, undefined],
    ['GET http://a/%68ealth', 200, 'ok'],
    ['GET http://a/%2e%2e/health?q', 301, '/health?q'],
    ['GET /health%', 404, 'Not Found'],
  ]
  for (const handler of [router, router.handler]) {
    const client = await (await serve(t, handler)).connect()
    for (const [request, status, rest] of rows) {
      const answer = await client.send(`${request} HTTP/1.1\r\nHost: a\r\n\r\n`).reply()
      t.is(answer.status, status, request)
      if (status === 301) t.is(answer.header('Location'), rest, request)
      else if (status === 405) t.is(answer.header('Allow'), rest, request)
      else if (request.startsWith('GET')) t.is(answer.text, rest ?? '', request)
    }
  }
})

test('patterns that mean the same are the same route', (t) => {
  const router = new Router({ overlap: 'static-first' }).get('/%61/ü{@}/%2f', () => 'ok')
  for (const pattern of ['/a/ü{@}/%2F', '/a/%c3%bc%7B%40}/%2f', '/%61/%C3%BC{@%7d/%2F']) {
    const error = t.throws(() => router.get(pattern, () => ''), { code: 'ERR_ROUTE_CONFLICT' })
    t.true(error?.message.includes('/%61/ü{@}/%2f'), pattern)
    t.is(router.lookup('GET', pattern).pattern, '/%61/ü{@}/%2f')
  }
  router.get('/a/ü{@}//', () => 'another')
  router.get('/a/ü{@}/%252f', () => 'a third')
  t.is(router.list()['GET']?.length, 3)
  t.false(router.remove('GET', '/a/ü{@}/%2F'))
  t.true(router.remove('GET', '/%61/ü{@}/%2f'))
})

/** What is no request, and how it is named. */
const NO_REQUESTS: [given: unknown, named: string][] = [
  [null, 'null'],
  [undefined, 'undefined'],
  ['/a', '"/a"'],
  [{ params: { a: '1' } }, 'an object'],
]

for (const [given, named] of NO_REQUESTS) {
  test(`rawParams throws for what is no request: ${named}`, (t) => {
    const message = `rawParams takes a request, got ${named}`
    t.throws(() => rawParams(given as never), { instanceOf: TypeError, message })
  })
}
