import test from 'ava'
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addHeaders, file, type FileInit, Router, text } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { folder } from '../support/folder.ts'
import { serve } from '../support/service.ts'

// What file() says of a file by itself, and what reaches the answers in place of one.

const OLD = new Date('2020-01-02T03:04:05Z')
const HTTP_DATE = OLD.toUTCString()

test('a file has a type, validators, conditions and ranges', async (t) => {
  const path = join(folder(t), 'a.docx')
  writeFileSync(path, '0123456789')
  utimesSync(path, OLD, OLD)
  const { connect } = await serve(t, () => file(path))
  const client = await connect()
  const whole = await client.get('/')
  const tag = whole.header('ETag') as string
  t.regex(tag, /^".+"$/)
  t.deepEqual(
    [whole.status, whole.header('Content-Type'), whole.header('Last-Modified'), whole.text],
    [
      200,
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      HTTP_DATE,
      '0123456789',
    ],
  )
  t.is(whole.header('Accept-Ranges'), 'bytes')
  for (const [fields, status, body] of [
    [`If-None-Match: ${tag}`, 304, ''],
    [`If-Modified-Since: ${HTTP_DATE}`, 304, ''],
    ['If-Match: "other"', 412, 'Precondition Failed'],
    ['Range: bytes=2-4', 206, '234'],
    [`Range: bytes=2-4\r\nIf-Range: ${tag}`, 206, '234'],
    [`Range: bytes=2-4\r\nIf-Range: ${HTTP_DATE}`, 206, '234'],
    ['Range: bytes=2-4\r\nIf-Range: "other"', 200, '0123456789'],
    ['Range: bytes=99-', 416, 'Range Not Satisfiable'],
  ] as const) {
    const got = await client.get('/', `${fields}\r\n`)
    t.deepEqual([got.status, got.text], [status, body], fields)
  }
})

/** What is turned off, or said by the handler, and the fields that are left. */
const LEFT: [
  init: FileInit,
  type: string | undefined,
  etag: boolean,
  date: boolean,
  ranges: boolean,
][] = [
  [{}, 'text/css; charset=utf-8', true, true, true],
  [{ type: false }, 'application/octet-stream', true, true, true],
  [{ type: 'x/y' }, 'x/y', true, true, true],
  [{ headers: { 'Content-Type': 'a/b' } }, 'a/b', true, true, true],
  [{ headers: { 'Content-Type': [] } }, undefined, true, true, true],
  [{ etag: false }, 'text/css; charset=utf-8', false, true, true],
  [{ lastModified: false }, 'text/css; charset=utf-8', true, false, true],
  [{ ranges: false }, 'text/css; charset=utf-8', true, true, false],
  [{ status: 201 }, 'text/css; charset=utf-8', false, false, false],
  [{ start: 1 }, 'text/css; charset=utf-8', false, false, false],
  [{ end: 3 }, 'text/css; charset=utf-8', false, false, false],
  [{ statusText: 'Fine' }, 'text/css; charset=utf-8', false, false, false],
]

for (const [init, type, etag, date, ranges] of LEFT) {
  test(`what is turned off, or another's affair, is not said: ${JSON.stringify(init)}`, async (t) => {
    const path = join(folder(t), 'a.css')
    writeFileSync(path, '0123456789')
    const { connect } = await serve(t, () => file(path, init))
    const got = await (await connect()).get('/')
    const names = ['ETag', 'Last-Modified', 'Accept-Ranges']
    t.is(got.header('Content-Type'), type)
    t.deepEqual(
      names.map((name) => got.header(name) !== undefined),
      [etag, date, ranges],
    )
    t.is(got.headers.filter(([name]) => name.toLowerCase() === 'content-type').length, type ? 1 : 0)
  })
}

test('conditions and ranges can be turned off, and are where the handler has validators', async (t) => {
  const path = join(folder(t), 'a')
  writeFileSync(path, '0123456789')
  const inits: Record<string, FileInit> = {
    '/conditions': { conditions: false },
    '/ranges': { ranges: false },
    '/own': { headers: { ETag: '"own"' } },
  }
  const { connect } = await serve(t, (req) => file(path, inits[req.path]))
  const client = await connect()
  t.is((await client.get('/conditions', 'If-None-Match: *\r\n')).status, 200)
  t.is((await client.get('/ranges', 'Range: bytes=0-1\r\n')).status, 200)
  const own = await client.get('/own', 'If-None-Match: "own"\r\nRange: bytes=0-1\r\n')
  t.deepEqual(
    [own.status, own.headers.filter(([name]) => name.toLowerCase() === 'etag').length],
    [200, 1],
  )
})

test('a date tells no state of this second from another', async (t) => {
  const root = folder(t)
  const { connect } = await serve(t, new Router().serveFiles('/*filepath', root))
  const client = await connect()
  const ask = async (name: string, time: Date): Promise<number> => {
    writeFileSync(join(root, name), '0123456789')
    utimesSync(join(root, name), time, time)
    const date = (await client.get(`/${name}`)).header('Last-Modified') as string
    return (await client.get(`/${name}`, `Range: bytes=0-1\r\nIf-Range: ${date}\r\n`)).status
  }
  t.is(await ask('old', OLD), 206)
  t.is(await ask('future', new Date(Date.now() + 3_600_000)), 200)
  writeFileSync(join(root, 'epoch'), 'x')
  utimesSync(join(root, 'epoch'), 0, 0)
  t.is((await client.get('/epoch')).header('Last-Modified'), undefined)
})

test('field lines that are added reach whatever is answered in place of a file', async (t) => {
  const root = folder(t)
  writeFileSync(join(root, 'a'), '0123456789')
  writeFileSync(join(root, 'index.html'), 'index')
  const lines = { 'X-Added': 'w\xe4rt', 'Access-Control-Allow-Origin': '*' }
  const router = new Router({ overlap: 'static-first' })
    .use(async (_req, next) => addHeaders(await next(), lines))
    .serveFiles('/f/*filepath', join(root, '..', root.slice(root.lastIndexOf('/') + 1)))
    .get('/one/:name', (req) => file(join(root, req.params.name)))
    .get('/part/:name', (req) => file(join(root, req.params.name), { start: 99 }))
    .get('/own/:name', (req) => file(join(root, req.params.name), { onMissing: text('own') }))
  const { connect } = await serve(t, router)
  const client = await connect()
  for (const [path, fields, status] of [
    ['/f/a', '', 200],
    ['/f/none', '', 404],
    ['/f/a', 'If-Match: "x"\r\n', 412],
    ['/f/a', 'Range: bytes=99-\r\n', 416],
    ['/f/a', 'If-None-Match: *\r\n', 304],
    ['/one/a', '', 200],
    ['/one/none', '', 404],
    ['/one/a', 'If-Match: "x"\r\n', 412],
    ['/one/a', 'Range: bytes=99-\r\n', 416],
    ['/part/a', '', 416],
    ['/own/none', '', 200],
  ] as const) {
    const got = await client.get(path, fields)
    const added = [got.header('X-Added'), got.header('Access-Control-Allow-Origin')]
    t.deepEqual([got.status, ...added], [status, 'w\xe4rt', '*'], `${path} ${fields}`)
    t.is(got.headers.filter(([name]) => name === 'X-Added').length, 1)
  }
})

const TYPES: [name: string, type: string][] = [
  ['a.ico', 'image/vnd.microsoft.icon'],
  ['a.m3u8', 'application/vnd.apple.mpegurl'],
  ['a.flac', 'audio/x-flac'],
  ['a.m4v', 'video/x-m4v'],
  ['a.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['a.apk', 'application/vnd.android.package-archive'],
  ['a.eot', 'application/vnd.ms-fontobject'],
  ['a.tar', 'application/x-tar'],
  ['a.7z', 'application/x-7z-compressed'],
  ['a.md', 'text/own'],
  ['a.b.c', 'x/bc'],
  ['a.constructor', 'application/octet-stream'],
  ['a', 'application/octet-stream'],
]

test('types are those that are known, and before them those of the user', async (t) => {
  const root = folder(t)
  for (const [name] of TYPES) writeFileSync(join(root, name), name)
  writeFileSync(join(root, 'a.svgz'), 'coded')
  writeFileSync(join(root, 'a.svgz.gz'), 'twice')
  const types = { md: 'text/own', '.b.c': 'x/bc' }
  const router = new Router().serveFiles('/*filepath', root, { types })
  const client = await (await serve(t, router)).connect()
  for (const [name, type] of TYPES) {
    const got = (await client.get(`/${name}`)).header('Content-Type')
    if (name === 'a.ico') t.regex(got ?? '', /^image\/(?:vnd\.microsoft\.icon|x-icon)$/)
    else if (name === 'a.flac') t.regex(got ?? '', /^audio\/(?:x-)?flac$/)
    else t.is(got, type, name)
  }
  const coded = await client.get('/a.svgz', 'Accept-Encoding: gzip, br\r\n')
  t.deepEqual(
    [coded.header('Content-Type'), coded.header('Content-Encoding'), coded.text],
    ['image/svg+xml', 'gzip', 'coded'],
  )
})

/** What is no media type. */
const NO_TYPES = ['nonsense', '', 'text', 'text/', '/html', 'text/html/x', 'a b/c', 'text/a, b/c']

test('types are media types; what is none is named', (t) => {
  for (const type of [...NO_TYPES, 'text/a\r\nb: c', 1, null]) {
    const types = { a: type as never }
    t.throws(() => new Router().serveFiles('/*filepath', '/', { types }), {
      instanceOf: TypeError,
      message: /^types of "a" must be a media type such as 'text\/plain', got /,
    })
    t.throws(() => file('/x', { type: type as never }), {
      instanceOf: TypeError,
      message: /^type must be a media type or false, got /,
    })
  }
  const known = ['text/a', 'application/vnd.b+json', 'text/html; charset=utf-8', 'a/b;c="d;e"']
  for (const type of known) {
    t.notThrows(() => new Router().serveFiles('/*filepath', '/', { types: { a: type } }))
    t.notThrows(() => file('/x', { type }))
  }
  const message = /^types must be a record of extensions, got an array$/
  t.throws(() => new Router().serveFiles('/*filepath', '/', { types: ['a/b'] as never }), {
    message,
  })
})

const isLinux = process.platform === 'linux'
;(isLinux ? test : test.skip)(
  'files that do not know their size are served below a folder too',
  async (t) => {
    const router = new Router().serveFiles('/*filepath', '/proc/self')
    const client = await (await serve(t, router)).connect()
    t.is(statSync('/proc/self/cmdline').size, 0)
    const got = await client.get('/cmdline')
    t.deepEqual([got.status, got.text], [200, readFileSync('/proc/self/cmdline', 'utf8')])
    t.is((await client.send(get('/none')).reply()).status, 404)
  },
)
