import test from 'ava'
import { pathToFileURL } from 'node:url'
import { HttpError, Router, type ServeFilesOptions, text } from '../../ts/index.ts'
import { ofKind } from '../router/table.ts'
import { serve } from '../support/service.ts'
import { ask, serveFrom, site } from '../support/site.ts'

for (const suite of ofKind('http').filter(({ id }) => /serve.*\/fasthttprouter$/i.test(id))) {
  test(`${suite.id}, in place of its listings index.html or nothing`, async (t) => {
    const files: Record<string, string> = suite.files ?? {
      'favicon.ico': 'fake ico',
      'sub/a.txt': 'hello',
    }
    const root = site(t, files)
    for (const { serveFiles = [], requests = [] } of suite.phases ?? []) {
      const router = new Router()
      for (const { path, ok } of serveFiles) {
        if (ok) router.serveFiles(path, root)
        else
          t.throws(() => router.serveFiles(path, root), {
            instanceOf: TypeError,
            message: /path must end with \/\*filepath/,
          })
      }
      const client = await (await serve(t, router)).connect()
      for (const { method, target, expect } of requests) {
        const answer = await ask(client, target, method)
        const note = `${method} ${target}`
        if (method === 'HEAD') t.is(answer.status, 200, note)
        else if (expect.status === 405) {
          t.deepEqual([answer.status, answer.header('Allow')], [405, 'GET, HEAD, OPTIONS'], note)
        } else if (target.includes('..') || target.includes('%2e') || target.endsWith('empty/')) {
          t.is(answer.status, 404, note)
        } else if (target === '/static/') t.is(answer.status, 404, note)
        else if (target === '/static/sub') {
          t.deepEqual([answer.status, answer.header('Location')], [301, '/static/sub/'], note)
        } else {
          t.is(answer.status, expect.status ?? 0, note)
          if (expect.body !== undefined) t.is(answer.text, expect.body, note)
          t.is(answer.header('Location'), expect.location, note)
        }
      }
    }
  })
}

test('a folder is its index.html, redirected to where its links are right', async (t) => {
  const root = site(t, {
    'index.html': 'top',
    'sub/index.html': 'sub',
    'sub/deep/main.htm': 'deep',
    'bare/x': 'x',
    'a:b/index.html': 'colon',
    'index/index.html/x': 'x',
  })
  const rows: [target: string, status: number, bodyOrLocation?: string][] = [
    ['/static', 301, '/static/'],
    ['/static?a', 301, '/static/?a'],
    ['/static/', 200, 'top'],
    ['/static/?a=b', 200, 'top'],
    ['/static/sub', 301, '/static/sub/'],
    ['/static/sub/', 200, 'sub'],
    ['/static/sub?a=%2F&b=//x\\y', 301, '/static/sub/?a=%2F&b=//x\\y'],
    ['/static/%73ub', 301, '/static/sub/'],
    ['/static/a:b', 301, '/static/a:b/'],
    ['/static/sub/deep', 404],
    ['/static/sub/deep/', 404],
    ['/static/bare', 404],
    ['/static/bare/', 404],
    ['/static/index', 404],
    ['/static/index/', 404],
    ['/static/sub//', 404],
  ]
  const { connect } = await serveFrom(t, root)
  const client = await connect()
  for (const [target, status, rest] of rows) {
    const answer = await ask(client, target)
    t.is(answer.status, status, target)
    if (status === 200) t.is(answer.text, rest ?? '')
    else t.is(answer.header('Location'), rest, target)
    t.is((await ask(client, target, 'HEAD')).header('Location'), answer.header('Location'))
  }
  t.is((await client.get('/static/')).header('content-type'), 'text/html; charset=utf-8')
  t.is((await ask(client, 'http://h/static/sub?x')).header('Location'), '/static/sub/?x')

  const other = await (await serveFrom(t, root, { index: 'main.htm' })).connect()
  t.is((await other.get('/static/sub/deep/')).text, 'deep')
  t.is((await other.get('/static/sub')).status, 404)
  const none = await (await serveFrom(t, root, { index: false })).connect()
  for (const path of ['/static/', '/static/sub', '/static/sub/']) {
    t.is((await none.get(path)).status, 404, path)
  }
})

test('a redirect has a Date of its own', async (t) => {
  const root = site(t, { 'sub/index.html': 'sub' })
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
  const client = await (await serveFrom(t, root, { headers: { Date: date } })).connect()
  t.is((await client.get('/static/sub/')).header('date'), date)
  const moved = await client.get('/static/sub')
  t.is(moved.status, 301)
  t.true(Date.parse(moved.header('date') ?? '') > Date.parse(date))
})

test('headFromGet serves HEAD by the routes of GET, files beside others', async (t) => {
  const root = site(t, { 'a.txt': 'file' })
  const router = new Router({ headFromGet: true, overlap: 'static-first' })
  router.get('/api', () => 'api').serveFiles('/*filepath', root)
  t.deepEqual({ ...router.list() }, { GET: ['/api', '/*filepath'] })
  const client = await (await serve(t, router)).connect()
  for (const [path, length] of [
    ['/api', '3'],
    ['/a.txt', '4'],
  ] as const) {
    const head = await client.send(`HEAD ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).reply('HEAD')
    t.deepEqual([head.status, head.header('content-length')], [200, length], path)
  }
})

test('no redirect names another host, and redirectCode counts', async (t) => {
  const root = site(t, { 'sub/index.html': 'sub', 'evil.com/index.html': 'x' })
  const router = new Router({ redirectCode: 308 }).serveFiles('/:a/*filepath', root)
  const client = await (await serve(t, router)).connect()
  const rows: [target: string, location: string][] = [
    ['/x/sub', '/x/sub/'],
    ['//evil.com', './evil.com/'],
    ['//evil.com?q', './evil.com/?q'],
    ['/\\host/evil.com', './evil.com/'],
  ]
  for (const [target, location] of rows) {
    const answer = await ask(client, target)
    t.deepEqual([answer.status, answer.header('Location')], [308, location], target)
    t.is(new URL(location, `http://a.test${target}`).host, 'a.test', target)
  }
  // Clients would take the dots out of a target.
  for (const target of ['/../sub', '/%2e%2E/sub', '/./sub']) {
    t.is((await ask(client, target)).status, 404, target)
  }
  t.is((await ask(client, '/../sub/')).text, 'sub')
})

test('media types come of extensions, and nothing else does', async (t) => {
  const types: [name: string, type: string][] = [
    ['a.html', 'text/html; charset=utf-8'],
    ['a.css', 'text/css; charset=utf-8'],
    ['a.js', 'text/javascript; charset=utf-8'],
    ['a.mjs', 'text/javascript; charset=utf-8'],
    ['a.TXT', 'text/plain; charset=utf-8'],
    ['a.json', 'application/json'],
    ['a.svg', 'image/svg+xml'],
    ['a.png', 'image/png'],
    ['a.wasm', 'application/wasm'],
    ['a.tar.gz', 'application/gzip'],
    ['a.woff2', 'font/woff2'],
    ['html', 'application/octet-stream'],
    ['a', 'application/octet-stream'],
    ['a.', 'application/octet-stream'],
    ['a.b/c', 'application/octet-stream'],
    ['x.constructor', 'application/octet-stream'],
    ['x.__proto__', 'application/octet-stream'],
    ['x.toString', 'application/octet-stream'],
    ['.html', 'application/octet-stream'],
  ]
  const root = site(t, Object.fromEntries(types.map(([name]) => [name, 'x'])))
  const client = await (await serveFrom(t, root, { dotfiles: 'allow' })).connect()
  for (const [name, type] of types) {
    const answer = await client.get(`/static/${name}`)
    t.deepEqual([answer.status, answer.header('content-type')], [200, type], name)
  }
})

test('dotfiles are not found, refused or served', async (t) => {
  const files = { '.env': '1', '.git/config': '2', 'a/.b/c': '3', 'a/.b.txt': '4', 'a.b': '5' }
  const root = site(t, files)
  for (const [dotfiles, status] of [
    [undefined, 404],
    ['ignore', 404],
    ['deny', 403],
    ['allow', 200],
  ] as const) {
    const { connect } = await serveFrom(t, root, dotfiles === undefined ? {} : { dotfiles })
    const client = await connect()
    for (const path of Object.keys(files)) {
      const expected = path === 'a.b' ? 200 : status
      t.is((await client.get(`/static/${path}`)).status, expected, `${dotfiles} ${path}`)
    }
    t.is((await client.get('/static/%2eenv')).status, status)
    t.is((await client.get('/static/..')).status, 404)
  }
})

test('Cache-Control and further fields are sent with files, and with what stands for them', async (t) => {
  const root = site(t, { 'a.css': 'css', 'index.html': 'html' })
  const fixed = await (
    await serveFrom(t, root, {
      cacheControl: 'public, max-age=60',
      headers: { 'X-Content-Type-Options': 'nosniff', Link: ['<a>', '<b>'] },
    })
  ).connect()
  const answer = await fixed.get('/static/a.css')
  t.is(answer.header('cache-control'), 'public, max-age=60')
  t.is(answer.header('x-content-type-options'), 'nosniff')
  const known = await fixed.get(
    '/static/a.css',
    `If-None-Match: ${answer.header('etag') ?? ''}\r\n`,
  )
  t.deepEqual([known.status, known.header('cache-control')], [304, 'public, max-age=60'])
  t.is((await fixed.get('/static/none')).header('cache-control'), undefined)
  const seen: string[] = []
  const { connect, errors } = await serveFrom(t, root, {
    cacheControl: (path) => {
      seen.push(path)
      if (path === 'wrong') return 'a\nb'
      return path.endsWith('.html') ? 'no-cache' : undefined
    },
  })
  const client = await connect()
  t.is((await client.get('/static/')).header('cache-control'), 'no-cache')
  t.is((await client.get('/static/%61.css')).header('cache-control'), undefined)
  t.deepEqual(seen, ['index.html', 'a.css'])
  t.is((await client.get('/static/wrong')).status, 500)
  t.regex(String(errors[0]?.error), /cacheControl/)
})

for (const way of ['matched natively', 'as an ordinary handler']) {
  test(`what is missing is the router's notFound, with no route of its own, ${way}`, async (t) => {
    const root = site(t, { 'a.txt': 'a', 'sub/x': 'x' })
    const router = new Router({ panicHandler: (_, error) => text(`saved ${String(error)}`) })
    router.serveFiles('/static/*filepath', root)
    const { connect, errors } = await serve(t, way === 'matched natively' ? router : router.handler)
    const client = await connect()
    const missing = ['none', 'sub', 'sub/', '../outside', '%00', '.env', 'a.txt/x', '%zz']
    for (const path of missing) {
      t.is((await ask(client, `/static/${path}`)).text, 'Not Found', path)
    }
    let how = ''
    router.notFound = (req) => {
      if (how === 'throw') throw new Error('oops')
      if (how === 'reject') return Promise.reject(new Error('later'))
      if (how === 'http') throw new HttpError(410, 'gone')
      const route = [req.path, JSON.stringify(req.params), req.pattern].join(' ')
      return how === 'late' ? Promise.resolve(text(route, { status: 404 })) : text(route)
    }
    for (const path of missing) {
      const answer = await ask(client, `/static/${path}`)
      t.deepEqual([answer.status, answer.text], [200, `/static/${path} {} `], path)
    }
    t.is((await client.get('/static/a.txt')).text, 'a')
    const rows: [string, number, string][] = [
      ['late', 404, '/static/none {} '],
      ['throw', 200, 'saved Error: oops'],
      ['reject', 200, 'saved Error: later'],
      ['http', 410, 'gone'],
    ]
    for (const [given, status, body] of rows) {
      how = given
      const answer = await client.get('/static/none')
      t.deepEqual([answer.status, answer.text], [status, body])
    }
    t.deepEqual(errors, [])
  })
}

test('routers are chained by it, groups have it, and middleware stands before it', async (t) => {
  const [one, two] = [site(t, { a: 'one a', both: 'one' }), site(t, { b: 'two b', both: 'two' })]
  const second = new Router().serveFiles('/*filepath', two)
  const first = new Router({ notFound: second.handler }).serveFiles(
    '/*filepath',
    pathToFileURL(one),
  )
  const client = await (await serve(t, first)).connect()
  for (const [path, body] of [
    ['/a', 'one a'],
    ['/b', 'two b'],
    ['/both', 'one'],
    ['/c', 'Not Found'],
  ] as const) {
    t.is((await client.get(path)).text, body, path)
  }
  const router = new Router({ overlap: 'static-first' })
  router.get('/v1/files/special', () => 'route')
  router
    .group('/v1')
    .use((req, next) => (req.query === 'no' ? text('no', { status: 401 }) : next()))
    .serveFiles('/files/*filepath', one)
  t.deepEqual(
    { ...router.list() },
    {
      GET: ['/v1/files/special', '/v1/files/*filepath'],
    },
  )
  const other = await (await serve(t, router)).connect()
  t.is((await other.get('/v1/files/a')).text, 'one a')
  t.is((await other.get('/v1/files/a?no')).status, 401)
  t.is((await other.get('/v1/files/special')).text, 'route')
  t.true(router.remove('GET', '/v1/files/*filepath'))
  t.is((await other.get('/v1/files/a')).status, 404)
})

test('wrong paths, roots and options throw, and leave no route behind', (t) => {
  const router = new Router({ headFromGet: false })
  const add = (path: unknown, root: unknown, options?: unknown) => () =>
    router.serveFiles(path as string, root as string, options as ServeFilesOptions)
  for (const path of ['/a', '/noFilepath', '/x*filepath', '/a/*rest', '/a/*filepath/', 3, '']) {
    t.throws(
      add(path, '/x'),
      { instanceOf: TypeError, message: /path must end with/ },
      String(path),
    )
  }
  for (const root of ['', 3, null, undefined, 'a\0b', {}]) {
    t.throws(add('/a/*filepath', root), { instanceOf: TypeError, message: /root/ })
  }
  t.throws(add('/a/*filepath', new URL('http://a/b')), { instanceOf: TypeError, message: /root/ })
  const options: [name: string, value: unknown][] = [
    ['index', 3],
    ['index', ''],
    ['index', 'a/b'],
    ['index', '.'],
    ['index', '..'],
    ['index', 'a\\b'],
    ['index', true],
    ['dotfiles', 'yes'],
    ['precompressed', 1],
    ['cacheControl', 'a\r\nb'],
    ['cacheControl', 3],
  ]
  for (const [name, value] of options) {
    t.throws(add('/a/*filepath', '/x', { [name]: value }), {
      instanceOf: TypeError,
      message: new RegExp(name),
    })
  }
  for (const name of ['Content-Type', 'content-length', 'ETag', 'Content-Encoding']) {
    t.throws(add('/a/*filepath', '/x', { headers: { [name]: '1' } }), { message: /set by the/ })
  }
  t.throws(add('/a/*filepath', '/x', { cacheControl: 'a', headers: { 'cache-control': 'b' } }), {
    instanceOf: TypeError,
    message: /given twice: by cacheControl and by headers/,
  })
  t.throws(add('/a/*filepath', '/x', null), { message: /options/ })
  t.deepEqual({ ...router.list() }, {})
  router.head('/a/:x', () => '')
  t.throws(add('/a/*filepath', '/x'), { code: 'ERR_ROUTE_CONFLICT' })
  t.deepEqual({ ...router.list() }, { HEAD: ['/a/:x'] })
})
