import test from 'ava'
import { renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveFrom, site } from '../support/site.ts'

/** Sun, 06 Nov 1994 08:49:37 GMT. */
const MODIFIED = 784_111_777
const SAME = 'Sun, 06 Nov 1994 08:49:37 GMT'
const BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT'
const AFTER = 'Sun, 06 Nov 1994 08:49:38 GMT'
const TEXT = Buffer.from(Uint8Array.from({ length: 1000 }, (_, i) => 97 + (i % 26)))

test('conditions, alone and together, in the order of RFC 9110 §13.2.2', async (t) => {
  const root = site(t, { 'f.txt': TEXT })
  utimesSync(join(root, 'f.txt'), MODIFIED, MODIFIED + 0.25)
  const client = await (await serveFrom(t, root)).connect()
  const first = await client.get('/static/f.txt')
  t.is(first.header('last-modified'), SAME)
  t.is(first.header('accept-ranges'), 'bytes')
  const etag = first.header('etag') ?? ''
  t.regex(etag, /^"[\w-]+"$/)
  const rows: [status: number, fields: Record<string, string>][] = [
    [200, {}],
    [200, { 'If-Match': etag }],
    [200, { 'If-Match': '*' }],
    [200, { 'If-Match': `"x", ${etag}` }],
    [412, { 'If-Match': '"x"' }],
    [412, { 'If-Match': `W/${etag}` }],
    [412, { 'If-Match': etag.slice(1, -1) }],
    [304, { 'If-None-Match': etag }],
    [304, { 'If-None-Match': `W/${etag}` }],
    [304, { 'If-None-Match': `"a,b", "x" , ${etag}` }],
    [304, { 'If-None-Match': '*' }],
    [200, { 'If-None-Match': '"x"' }],
    [200, { 'If-None-Match': 'x' }],
    [304, { 'If-Modified-Since': SAME }],
    [304, { 'If-Modified-Since': AFTER }],
    [304, { 'If-Modified-Since': 'Sunday, 06-Nov-94 08:49:37 GMT' }],
    [304, { 'If-Modified-Since': 'Sun Nov  6 08:49:37 1994' }],
    [200, { 'If-Modified-Since': BEFORE }],
    [200, { 'If-Modified-Since': 'yesterday' }],
    [200, { 'If-Modified-Since': `${SAME}, ${SAME}` }],
    [200, { 'If-Unmodified-Since': SAME }],
    [412, { 'If-Unmodified-Since': BEFORE }],
    [200, { 'If-Unmodified-Since': 'yesterday' }],
    // A field without a value names no state, but is there.
    [412, { 'If-Match': '' }],
    [200, { 'If-None-Match': '' }],
    [200, { 'If-None-Match': '', 'If-Modified-Since': AFTER }],
    [200, { 'If-Match': etag, 'If-Unmodified-Since': '' }],
    [304, { 'If-None-Match': etag, 'If-Modified-Since': '' }],
    [200, { 'If-Range': '', Range: 'bytes=0-0' }],
    [200, { Range: '' }],
    // A tag counts, a date beside it does not.
    [200, { 'If-Match': etag, 'If-Unmodified-Since': BEFORE }],
    [412, { 'If-Match': '"x"', 'If-Unmodified-Since': AFTER }],
    [200, { 'If-None-Match': '"x"', 'If-Modified-Since': AFTER }],
    [304, { 'If-None-Match': etag, 'If-Modified-Since': BEFORE }],
    // Who means another state hears that first.
    [412, { 'If-Match': '"x"', 'If-None-Match': etag }],
    [412, { 'If-Unmodified-Since': BEFORE, 'If-None-Match': etag }],
    [304, { 'If-Match': etag, 'If-None-Match': etag }],
    // A range comes last.
    [206, { 'If-Match': etag, Range: 'bytes=0-0' }],
    [412, { 'If-Match': '"x"', Range: 'bytes=0-0' }],
    [304, { 'If-None-Match': etag, Range: 'bytes=0-0' }],
    [304, { 'If-None-Match': etag, Range: 'bytes=5000-' }],
    [412, { 'If-Unmodified-Since': BEFORE, Range: 'bytes=5000-' }],
  ]
  for (const [status, given] of rows) {
    const fields = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`)
    const note = fields.join('')
    const got = await client.get('/static/f.txt', note)
    t.is(got.status, status, note)
    if (status === 304) {
      t.deepEqual(
        [got.header('etag'), got.header('last-modified'), got.body.length],
        [etag, SAME, 0],
      )
      t.deepEqual([got.header('vary'), got.header('content-type')], ['Accept-Encoding', undefined])
    }
    if (status === 412) t.is(got.text, 'Precondition Failed')
    if ('Range' in given) continue
    const request = `HEAD /static/f.txt HTTP/1.1\r\nHost: a\r\n${note}\r\n`
    const head = await client.send(request).reply('HEAD')
    t.is(head.status, status, `HEAD ${note}`)
    const shown = ['content-length', 'etag', 'content-type', 'last-modified', 'vary']
    t.deepEqual(
      shown.map((name) => head.header(name)),
      shown.map((name) => got.header(name)),
    )
  }
  const several = await client.get(
    '/static/f.txt',
    `If-None-Match: "x"\r\nIf-None-Match: ${etag}\r\n`,
  )
  t.is(several.status, 304)
  writeFileSync(join(root, 'f.txt'), TEXT)
  t.is((await client.get('/static/f.txt', `If-None-Match: ${etag}\r\n`)).status, 200)
})

test('other content has another tag, even with the same size and time of modification', async (t) => {
  const root = site(t, {})
  const [path, other] = [join(root, 'f.txt'), join(root, 'other')]
  const client = await (await serveFrom(t, root)).connect()
  const tags = new Set<string | undefined>()
  for (const content of ['one', 'two']) {
    writeFileSync(other, content)
    utimesSync(other, MODIFIED, MODIFIED)
    // The first one stays, so that its number is taken.
    if (content === 'two') renameSync(path, join(root, 'before'))
    renameSync(other, path)
    const got = await client.get('/static/f.txt')
    t.deepEqual([got.text, got.header('last-modified')], [content, SAME])
    tags.add(got.header('etag'))
  }
  t.is(tags.size, process.platform === 'win32' ? 1 : 2)
})

test('a copy in another coding beside the file is a representation of its own', async (t) => {
  const root = site(t, {
    'a.js': 'plain text',
    'a.js.br': 'br',
    'a.js.gz': 'gzip copy',
    'b.js': 'plain',
    'b.js.gz/x': 'a folder',
    'only.js.br': 'br',
    'index.html': 'index',
    'index.html.gz': 'index copy',
  })
  const client = await (await serveFrom(t, root)).connect()
  const rows: [
    path: string,
    accepts: string | undefined,
    coding: string | undefined,
    body: string,
  ][] = [
    ['a.js', undefined, undefined, 'plain text'],
    ['a.js', '', undefined, 'plain text'],
    ['a.js', 'gzip, deflate, br, zstd', 'br', 'br'],
    ['a.js', 'gzip, deflate', 'gzip', 'gzip copy'],
    ['a.js', 'x-gzip', 'gzip', 'gzip copy'],
    ['a.js', 'GZIP', 'gzip', 'gzip copy'],
    ['a.js', 'br;q=0.5, gzip;q=0.8', 'gzip', 'gzip copy'],
    ['a.js', 'br;q=0, gzip;q=0', undefined, 'plain text'],
    ['a.js', 'br;q=0, *', 'gzip', 'gzip copy'],
    ['a.js', '*', 'br', 'br'],
    ['a.js', '*;q=0', undefined, 'plain text'],
    ['a.js', 'identity', undefined, 'plain text'],
    ['a.js', 'identity, br;q=0.9', undefined, 'plain text'],
    ['a.js', 'identity;q=0, gzip;q=0.1', 'gzip', 'gzip copy'],
    ['b.js', 'br, gzip', undefined, 'plain'],
    ['', 'br, gzip', 'gzip', 'index copy'],
    ['a.js.gz', undefined, undefined, 'gzip copy'],
  ]
  const etags = new Map<string | undefined, string>()
  for (const [path, accepts, coding, body] of rows) {
    const fields = accepts === undefined ? '' : `Accept-Encoding: ${accepts}\r\n`
    const got = await client.get(`/static/${path}`, fields)
    t.deepEqual([got.status, got.header('content-encoding'), got.text], [200, coding, body], fields)
    t.is(got.header('vary'), 'Accept-Encoding')
    const type = path === '' ? 'text/html' : path.endsWith('.js') ? 'text/javascript' : undefined
    if (type !== undefined) t.is(got.header('content-type'), `${type}; charset=utf-8`)
    if (path === 'a.js') etags.set(coding, got.header('etag') ?? '')
  }
  t.is(new Set(etags.values()).size, 3)
  t.is((await client.get('/static/only.js', 'Accept-Encoding: br\r\n')).status, 404)
  const accepts = 'Accept-Encoding: gzip\r\n'
  const known = `${accepts}If-None-Match: ${etags.get('gzip')}\r\n`
  t.is((await client.get('/static/a.js', known)).status, 304)
  const other = `${accepts}If-None-Match: ${etags.get(undefined)}\r\n`
  t.is((await client.get('/static/a.js', other)).status, 200)
  const part = await client.get('/static/a.js', `${accepts}Range: bytes=0-3\r\n`)
  t.deepEqual(
    [part.status, part.text, part.header('content-encoding'), part.header('content-range')],
    [206, 'gzip', 'gzip', 'bytes 0-3/9'],
  )
  const mixed = `${accepts}Range: bytes=0-3\r\nIf-Range: ${etags.get(undefined)}\r\n`
  t.is((await client.get('/static/a.js', mixed)).text, 'gzip copy')
  const plain = await (await serveFrom(t, root, { precompressed: false })).connect()
  const got = await plain.get('/static/a.js', 'Accept-Encoding: br\r\n')
  t.deepEqual([got.text, got.header('vary')], ['plain text', undefined])
})

test('Last-Modified is never later than the clock, and left out before 1970', async (t) => {
  const root = site(t, { f: 'f' })
  const client = await (await serveFrom(t, root)).connect()
  const future = Date.now() / 1000 + 1e6
  utimesSync(join(root, 'f'), future, future)
  const got = await client.get('/static/f')
  t.true(
    Date.parse(got.header('last-modified') ?? '') <= Date.parse(got.header('date') ?? '') + 1000,
  )
  utimesSync(join(root, 'f'), new Date(-1e6), new Date(-1e6))
  t.is(statSync(join(root, 'f')).mtimeMs, -1_000_000)
  const old = await client.get('/static/f', `If-Modified-Since: ${SAME}\r\n`)
  t.deepEqual([old.status, old.header('last-modified')], [200, undefined])
})
