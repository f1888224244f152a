import test from 'ava'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer as createNetServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { file, HttpError, type HttpResult, text } from '../../ts/index.ts'
import { type Client, get } from '../support/client.ts'
import { gate, until } from '../support/deadline.ts'
import { folder, sparse } from '../support/folder.ts'
import { serve } from '../support/service.ts'

const isRoot = process.getuid?.() === 0
const onUnix = process.platform === 'win32' ? test.skip : test
const pattern = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, i) => i % 251))

test('a file arrives whole, of every size and in every form of a path', async (t) => {
  const root = folder(t)
  const { connect, server, errors } = await serve(t, (req) => {
    const path = join(root, req.path)
    if (req.query === 'url') return file(pathToFileURL(path))
    if (req.query === 'bytes') return file(Buffer.from(path))
    return file(path, { headers: { 'x-a': 'b' } })
  })
  const client = await connect()
  let sum = 0
  for (const size of [0, 1, 4095, 4096, 65_536, 262_143, 262_144, 262_145, 3_000_001]) {
    writeFileSync(join(root, 'f'), pattern(size))
    for (const query of ['', '?url', '?bytes']) {
      const got = await client.get(`/f${query}`)
      t.is(got.status, 200)
      t.is(got.header('content-length'), String(size))
      t.is(got.header('content-type'), 'application/octet-stream')
      t.true(got.body.equals(pattern(size)), `${size}${query}`)
      sum += size
    }
  }
  const { bytes, responses } = server.stats()
  t.true(bytes.out > sum && bytes.out < sum + 27 * 300)
  t.is(responses['2xx'], 27)
  t.deepEqual(errors, [])
})

test('part of a file: both ends count, what is behind the end does not', async (t) => {
  const root = folder(t)
  const path = join(root, 'f')
  writeFileSync(path, pattern(1000))
  const rows: [init: object, status: number, start: number, end: number, range?: string][] = [
    [{ start: 0, end: 0 }, 200, 0, 1],
    [{ start: 10, end: 19 }, 200, 10, 20],
    [{ start: 990 }, 200, 990, 1000],
    [{ end: 5000 }, 200, 0, 1000],
    [{ start: 999, end: Infinity }, 200, 999, 1000],
    [{ status: 206, start: 10, end: 19 }, 206, 10, 20, 'bytes 10-19/1000'],
    [{ status: 206 }, 206, 0, 1000, 'bytes 0-999/1000'],
    [{ status: 206, start: 1, headers: { 'Content-Range': 'x' } }, 206, 1, 1000, 'x'],
    [{ start: 1000 }, 416, 0, 0, 'bytes */1000'],
    [{ status: 206, start: 2 ** 40 }, 416, 0, 0, 'bytes */1000'],
  ]
  let init = {}
  const { connect } = await serve(t, () => file(path, init))
  const client = await connect()
  for (const [given, status, start, end, range] of rows) {
    init = given
    const got = await client.get('/')
    t.is(got.status, status)
    t.is(got.header('content-range'), range)
    if (status !== 416) t.true(got.body.equals(pattern(1000).subarray(start, end)))
  }
  writeFileSync(path, '')
  init = { status: 206 }
  t.is((await client.get('/')).header('content-range'), 'bytes */0')
  init = {}
  t.is((await client.get('/')).body.length, 0)
})

onUnix('the last bytes of a sparse file of 5 GiB, and its length', async (t) => {
  const root = folder(t)
  const path = join(root, 'f')
  const size = 5 * 2 ** 30
  sparse(path, size)
  const { connect } = await serve(t, (req) =>
    file(path, req.path === '/end' ? { start: size - 100 } : {}),
  )
  const client = await connect()
  const head = await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
  t.is(head.header('content-length'), String(size))
  t.is((await client.get('/end')).body.length, 100)
  client.send(get('/'))
  await client.through('\r\n\r\n')
  for (let left = 8 << 20; left > 0; left -= 1 << 20) await client.exactly(1 << 20)
})

/** Paths for which there is no file to send, and what a client hears. */
onUnix('what is no regular file is 404 at once, what must not be read is 403', async (t) => {
  const root = folder(t)
  const at = (name: string): string => join(root, name)
  mkdirSync(at('folder'))
  writeFileSync(at('file'), 'x')
  execFileSync('mkfifo', [at('fifo')])
  symlinkSync(at('loop'), at('loop'))
  symlinkSync(at('gone'), at('dangling'))
  symlinkSync(at('file'), at('link'))
  const socket = createNetServer().listen(at('socket'))
  t.teardown(() => socket.close())
  await until('listen', () => socket.listening)
  writeFileSync(at('secret'), 'x')
  chmodSync(at('secret'), 0)
  const rows: [path: string, status: number][] = [
    [at('missing'), 404],
    [at('folder'), 404],
    [at('fifo'), 404],
    [at('loop'), 404],
    [at('dangling'), 404],
    [at('socket'), 404],
    [at('file/below'), 404],
    [at('x'.repeat(300)), 404],
    [at('n\0ul'), 404],
    ['', 404],
    ['/dev/null', 404],
    ['/dev/zero', 404],
    [at('link'), 200],
    [at('secret'), isRoot ? 200 : 403],
  ]
  let path = ''
  const { connect, errors } = await serve(t, () => file(path))
  const client = await connect()
  for (const [given, status] of rows) {
    path = given
    const got = await client.get('/')
    t.is(got.status, status, given)
    if (status === 404) t.is(got.text, 'Not Found')
  }
  t.deepEqual(errors, [])
})

test('onMissing answers in place of a file, at once, later, or not at all', async (t) => {
  const root = folder(t)
  writeFileSync(join(root, 'there'), 'there')
  const missing = (): string => join(root, 'missing')
  const seen: unknown[] = []
  const { connect, errors } = await serve(t, (req) => {
    if (req.path === '/value') return file(missing(), { onMissing: text('own', { status: 404 }) })
    if (req.path === '/string') return file(missing(), { onMissing: 'string' })
    if (req.path === '/bytes')
      return file(missing(), {
        onMissing: Buffer.from('HTTP/1.1 410 X\r\nContent-Length: 0\r\n\r\n'),
      })
    if (req.path === '/there') return file(join(root, 'there'), { onMissing: 'never' })
    return file(missing(), {
      headers: { 'x-of': 'file' },
      onMissing: (error): HttpResult | Promise<HttpResult> => {
        seen.push([error.code, error.syscall, (error as { path?: string }).path, error.errno])
        if (req.path === '/late') return new Promise((yes) => setImmediate(yes, text('late')))
        if (req.path === '/http') throw new HttpError(451, 'no')
        if (req.path === '/throw') throw new Error('onMissing failed')
        if (req.path === '/reject') return Promise.reject(new Error('rejected'))
        if (req.path === '/other') return file(join(root, 'there'))
        return file(missing(), { onMissing: 'second' })
      },
    })
  })
  const client = await connect()
  const rows: [path: string, status: number, body: string][] = [
    ['/value', 404, 'own'],
    ['/string', 200, 'string'],
    ['/bytes', 410, ''],
    ['/there', 200, 'there'],
    ['/late', 200, 'late'],
    ['/http', 451, 'no'],
    ['/throw', 500, 'Internal Server Error'],
    ['/reject', 500, 'Internal Server Error'],
    ['/other', 200, 'there'],
    ['/twice', 200, 'second'],
  ]
  for (const [path, status, body] of rows) {
    const got = await client.get(path)
    t.deepEqual([got.status, got.text, got.header('x-of')], [status, body, undefined], path)
  }
  client.send(rows.map(([path]) => get(path)).join(''))
  for (const [path, status, body] of rows) {
    const got = await client.reply()
    t.deepEqual([got.status, got.text], [status, body], path)
  }
  t.deepEqual(seen[0], ['ENOENT', 'open', missing(), -2])
  t.is(errors.length, 4)
  t.true(errors.every(({ req }) => req?.path === '/throw' || req?.path === '/reject'))
})

test('onMissing hears of every file that nobody has looked for before', async (t) => {
  const root = folder(t)
  let count = 0
  const { connect, errors } = await serve(t, (req) =>
    file(join(root, `${count++}${req.path}`), { onMissing: () => text(req.path, { status: 404 }) }),
  )
  const clients = await Promise.all(Array.from({ length: 8 }, () => connect()))
  const ask = async (client: Client): Promise<void> => {
    for (let round = 0; round < 20; round++) {
      const paths = Array.from({ length: 16 }, (_, i) => `-${round}-${i}`)
      client.send(paths.map((path) => get(`/${path}`)).join(''))
      for (const path of paths) {
        const got = await client.reply()
        t.deepEqual([got.status, got.text], [404, `/${path}`])
      }
    }
  }
  await Promise.all(clients.map(ask))
  t.deepEqual(errors, [])
})

onUnix('files that do not know their size are sent with what is in them', async (t) => {
  if (process.platform !== 'linux') {
    t.pass()
    return
  }
  const { connect } = await serve(t, (req) => file(req.path, req.query ? { start: 2, end: 5 } : {}))
  const client = await connect()
  const got = await client.get('/proc/version')
  t.regex(got.text, /^Linux version .*\n$/s)
  t.is(got.header('content-length'), String(got.body.length))
  t.is((await client.get('/proc/version?part')).text, got.text.slice(2, 6))
  t.regex((await client.get('/proc/self/status')).text, /^Name:/)
})

test('files keep their place among other answers', async (t) => {
  const root = folder(t)
  writeFileSync(join(root, 'large'), pattern(700_000))
  writeFileSync(join(root, 'small'), pattern(10))
  writeFileSync(join(root, 'none'), '')
  const late = gate<string>()
  const { connect } = await serve(t, (req) => {
    if (req.path === '/late') return late.promise
    if (req.path === '/text') return 'text'
    if (req.path === '/raw') return Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nraw')
    return file(join(root, req.path))
  })
  const client = await connect()
  const paths =
    '/text /large /late /none /none /raw /small /missing /large /text /none /small'.split(' ')
  client.send(paths.map((path) => get(path)).join(''))
  late.open('late')
  const expected: Record<string, Buffer> = {
    '/text': Buffer.from('text'),
    '/late': Buffer.from('late'),
    '/raw': Buffer.from('raw'),
    '/large': pattern(700_000),
    '/small': pattern(10),
    '/none': Buffer.alloc(0),
    '/missing': Buffer.from('Not Found'),
  }
  for (const path of paths)
    t.true((await client.reply()).body.equals(expected[path] as Buffer), path)
})

test('HEAD sends no byte of a file, HTTP/1.0 persists or not, close closes', async (t) => {
  const root = folder(t)
  const path = join(root, 'f')
  writeFileSync(path, pattern(100_000))
  const { connect } = await serve(t, (req) =>
    file(path, req.path === '/last' ? { headers: { connection: 'close' } } : {}),
  )
  const client = await connect()
  client.send(`HEAD / HTTP/1.1\r\nHost: a\r\n\r\n${get('/')}`)
  t.is((await client.reply('HEAD')).header('content-length'), '100000')
  t.is((await client.reply()).body.length, 100_000)
  const last = await client.get('/last')
  t.deepEqual([last.header('connection'), last.body.length], ['close', 100_000])
  await client.closed()
  const old = await connect()
  for (let i = 0; i < 2; i++) {
    const got = await old.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n').reply()
    t.deepEqual([got.header('connection'), got.body.length], ['keep-alive', 100_000])
  }
  const end = await old.send('GET / HTTP/1.0\r\n\r\n').reply()
  t.deepEqual([end.header('connection'), end.body.length], ['close', 100_000])
  await old.closed()
})

test('a file that becomes shorter while it is sent ends the connection, and onError hears of it', async (t) => {
  const root = folder(t)
  const path = join(root, 'f')
  sparse(path, 64 << 20)
  const { connect, errors } = await serve(t, (req) => (req.path === '/' ? file(path) : 'ok'))
  const client = await connect()
  client.socket.pause()
  client.send(get('/') + get('/next'))
  client.socket.resume()
  const head = (await client.through('\r\n\r\n')).toString()
  t.regex(head, /content-length: 67108864/i)
  client.socket.pause()
  truncateSync(path, 1000)
  client.socket.resume()
  const rest = await client.rest().catch(() => Buffer.alloc(0))
  t.true(rest.length < 64 << 20)
  await until('onError hears of it', () => errors.length > 0)
  t.regex(String(errors[0]?.error), /shorter/)
})

test('a file that is replaced while it is sent stays what it was; the next answer is the new one', async (t) => {
  const root = folder(t)
  const path = join(root, 'f')
  const [before, after] = [Buffer.alloc(16 << 20, 'a'), Buffer.from('new')]
  writeFileSync(path, before)
  const { connect } = await serve(t, () => file(path))
  const client = await connect()
  client.send(get('/'))
  await client.through('\r\n\r\n')
  writeFileSync(join(root, 'g'), after)
  renameSync(join(root, 'g'), path)
  t.true((await client.exactly(before.length)).equals(before))
  t.is((await client.get('/')).text, 'new')
})

test('wrong paths, ranges, statuses and fields throw; the handler is told', (t) => {
  t.throws(() => file(3 as never), { instanceOf: TypeError })
  t.throws(() => file(new URL('http://a/b')), { instanceOf: TypeError })
  t.throws(() => file('f', null as never), { instanceOf: TypeError })
  for (const init of [{ start: -1 }, { start: 1.5 }, { end: NaN }, { start: 2, end: 1 }]) {
    t.throws(() => file('f', init), { instanceOf: RangeError })
  }
  t.throws(() => file('f', { start: '1' as never }), { instanceOf: TypeError })
  for (const status of [204, 205, 304, 100, 1000]) {
    t.throws(() => file('f', { status }), { instanceOf: RangeError })
  }
  t.throws(() => file('f', { headers: { 'content-length': '3' } }), { message: /Content-Length/ })
  t.throws(() => file('f', { headers: { a: 'b\r\nc: d' } }), { instanceOf: TypeError })
  t.throws(() => file('f', { onMissing: 3 as never }), { message: /onMissing/ })
})
