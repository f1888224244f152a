import test, { type ExecutionContext } from 'ava'
import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { file, type HttpRequest, type HttpResult, sse, stream } from '../../ts/index.ts'
import { gate, until, within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { type Service, serve } from '../support/service.ts'
import { digest, expected } from '../support/upload.ts'

// The server as curl sees it, a client that nobody here wrote.

const found = spawnSync('curl', ['--version'], { encoding: 'utf8' })
const hasCurl = found.status === 0
const withCurl = hasCurl ? test : test.skip
test('curl', (t) => {
  t.log(hasCurl ? found.stdout.split('\n')[0] : 'not installed: its tests are skipped')
  t.pass()
})

/** What curl says of a transfer; there is more. */
interface Transfer {
  readonly http_code: number
  readonly http_version: string
  readonly num_connects: number
  readonly size_download: number
  readonly errormsg: string | null
}

interface Got {
  /** Null if it was killed. */
  readonly code: number | null
  readonly body: Buffer
  readonly text: string
  readonly heads: string
  /** One for each URL. */
  readonly transfers: Transfer[]
}

/** Runs curl, which is killed behind `last`; heads and what it says go elsewhere than bodies. */
async function curl(
  t: ExecutionContext,
  args: readonly string[],
  input?: Buffer,
  last?: string,
): Promise<Got> {
  const heads = join(folder(t), 'heads')
  const all = ['-sS', '--noproxy', '', '-m', '20', '-D', heads, '-w', '%{stderr}%{json}\n', ...args]
  const child = spawn('curl', all, { stdio: ['pipe', 'pipe', 'pipe'] })
  t.teardown(() => void child.kill('SIGKILL'))
  const [out, said]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (bytes: Buffer) => {
    out.push(bytes)
    if (last !== undefined && Buffer.concat(out).includes(last)) child.kill('SIGKILL')
  })
  child.stderr.on('data', (bytes: Buffer) => said.push(bytes))
  child.stdin.on('error', () => undefined).end(input)
  const [code] = (await within('curl', once(child, 'close'))) as [number | null]
  const body = Buffer.concat(out)
  const lines = Buffer.concat(said).toString().split('\n')
  const transfers = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  return { code, body, text: body.toString(), heads: readFileSync(heads, 'latin1'), transfers }
}

const WORDS = ['one ', 'two ', 'three']

async function answer(req: HttpRequest): Promise<HttpResult> {
  switch (req.path) {
    case '/digest':
      return `${req.method} ${await digest(req)}`
    case '/stream':
      return stream(WORDS)
    case '/length':
      return stream(WORDS, { headers: { 'Content-Length': '13' } })
    case '/events':
      return sse([{ event: 'ping', data: '1' }, 'two'])
    case '/hints':
      req.earlyHints('</style.css>; rel=preload; as=style')
      return 'hinted'
    case '/raw':
      req.raw().end('HTTP/1.1 203 By Hand\r\nContent-Length: 7\r\n\r\nby hand')
      return ''
    default:
      return `${req.method} ${req.path} ${req.httpVersion}`
  }
}

const CHUNKED = ['-H', 'Transfer-Encoding: chunked']
/** Arguments, and what curl gets: body, status, and a part of the heads. */
const ANSWERS: [args: string[], path: string, text: string, status?: number, heads?: RegExp][] = [
  [[], '/', 'GET / 1.1', 200, /^HTTP\/1\.1 200 OK\r\nDate: /],
  [['-X', 'PURGE'], '/x', 'PURGE /x 1.1'],
  [['-I'], '/head', '', 200, /^Content-Length: 14\r$/m],
  [['-I'], '/stream', '', 200, /^Transfer-Encoding: chunked\r$/m],
  [['-0'], '/', 'GET / 1.0', 200, /^Connection: close\r$/m],
  [['-0', '-H', 'Connection: keep-alive'], '/', 'GET / 1.0', 200, /^Connection: keep-alive\r$/m],
  [['-0'], '/stream', WORDS.join(''), 200, /^Connection: close\r$/m],
  [[], '/stream', WORDS.join(''), 200, /^Transfer-Encoding: chunked\r$/m],
  [['--raw'], '/stream', '4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n'],
  [[], '/length', WORDS.join(''), 200, /^Content-Length: 13\r$/m],
  [['-N'], '/events', 'event: ping\ndata: 1\n\ndata: two\n\n', 200, /text\/event-stream/],
  [
    [],
    '/hints',
    'hinted',
    200,
    /^HTTP\/1\.1 103 Early Hints\r\nLink: [^\r]+\r\n\r\nHTTP\/1\.1 200/,
  ],
  [[], '/raw', 'by hand', 203, /^HTTP\/1\.1 203 By Hand/],
  [['-H', 'Connection: close'], '/', 'GET / 1.1', 200, /^Connection: close\r$/m],
  [['-H', 'Connection: Upgrade, HTTP2-Settings', '-H', 'Upgrade: h2c'], '/', 'GET / 1.1'],
  [['--http2'], '/', 'GET / 1.1'],
  [['-H', 'X-Large: '.padEnd(20_000, 'x')], '/', '', 431, /^Connection: close\r$/m],
  [['-H', 'Host;'], '/', '', 400],
  [['-H', 'Host:'], '/', '', 400],
  [['-H', 'Expect: nonsense', '-d', 'x'], '/digest', '', 417],
  // It sends a Content-Length beside the coding, which is worse (RFC 9112 §6.3).
  [['-H', 'Transfer-Encoding: gzip', '-d', 'x'], '/digest', '', 400],
]

for (const [args, path, text, status = 200, heads = /^/] of ANSWERS) {
  const shown = args.map((arg) => (arg.length > 40 ? `${arg.slice(0, 40)}...` : arg))
  withCurl(`curl ${[...shown, path].join(' ')}`, async (t) => {
    const { port, errors } = await serve(t, answer)
    const got = await curl(t, [...args, `http://127.0.0.1:${port}${path}`])
    t.is(got.code, 0, got.transfers[0]?.errormsg ?? '')
    // With -I the heads are what it prints.
    if (status < 400) t.is(args.includes('-I') ? '' : got.text, text)
    t.is(got.transfers[0]?.http_code, status)
    t.regex(got.heads, heads)
    t.deepEqual(errors, [])
  })
}

for (const bodyMode of ['buffer', 'stream'] as const) {
  const body = randomBytes(3 << 20)
  for (const [about, args, method] of [
    ['with a length', ['--data-binary', '@-'], 'POST'],
    ['in chunks', ['--data-binary', '@-', ...CHUNKED], 'POST'],
    ['from a pipe, in chunks', ['-T', '-'], 'PUT'],
    ['from a pipe, as it comes', ['-T', '.'], 'PUT'],
    ['in chunks and expecting', ['-T', '-', '-H', 'Expect: 100-continue'], 'PUT'],
    ['without an expectation', ['--data-binary', '@-', '-H', 'Expect:'], 'POST'],
  ] as const) {
    withCurl(`curl sends 3 MiB ${about}, ${bodyMode}`, async (t) => {
      const { port } = await serve(t, answer, { bodyMode, maxBodySize: 4 << 20 })
      const got = await curl(t, [...args, `http://127.0.0.1:${port}/digest`], body)
      t.is(got.text, `${method} ${expected(body)}`)
      // For a body of this size it asks first.
      const isAsked = !args.includes('Expect:' as never)
      t.is(got.heads.startsWith('HTTP/1.1 100 Continue\r\n\r\n'), isAsked)
    })
  }

  withCurl(`curl hears of a body that is too large before it sends it, ${bodyMode}`, async (t) => {
    const { port, server } = await serve(t, answer, { bodyMode, maxBodySize: 1 << 20 })
    const got = await curl(t, ['--data-binary', '@-', `http://127.0.0.1:${port}/digest`], body)
    t.is(got.transfers[0]?.http_code, 413)
    t.notRegex(got.heads, /100 Continue/)
    t.true(server.stats().bytes.in < 10_000)
  })
}

withCurl('curl asks several URLs on one connection, whatever the kind of answer', async (t) => {
  const { port, server } = await serve(t, answer)
  const paths = ['/a', '/stream', '/raw', '/events', '/length', '/hints', '/b', '/c']
  const got = await curl(
    t,
    paths.map((path) => `http://127.0.0.1:${port}${path}`),
  )
  t.deepEqual(
    got.transfers.map((transfer) => transfer.num_connects),
    [1, 0, 0, 0, 0, 0, 0, 0],
  )
  t.is(server.stats().connections.total, 1)
  t.true(got.text.endsWith('hintedGET /b 1.1GET /c 1.1'))
})

withCurl('curl asks 40 URLs in parallel', async (t) => {
  const { port, errors } = await serve(t, answer)
  const urls = `http://127.0.0.1:${port}/stream?[1-40]`
  const got = await curl(t, ['-Z', '--parallel-max', '20', urls])
  t.is(got.body.length, 40 * WORDS.join('').length)
  t.deepEqual(errors, [])
})

/** Answers a range of one file, as RFC 9110 §14 has it for one range. */
function ranged(path: string, size: number): (req: HttpRequest) => HttpResult {
  return (req) => {
    const headers = { 'Accept-Ranges': 'bytes' }
    const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(req.header('range') ?? '') ?? []
    if (first === '' && last === '') return file(path, { headers })
    const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
    return file(path, {
      status: 206,
      headers,
      start,
      ...(first !== '' && last !== '' && { end: Number(last) }),
    })
  }
}

withCurl('curl gets a file, parts of it, and resumes a broken download', async (t) => {
  const root = folder(t)
  const [path, copy] = [join(root, 'file'), join(root, 'copy')]
  const content = randomBytes(3_000_000)
  writeFileSync(path, content)
  const { port, errors } = await serve(t, ranged(path, content.length))
  const url = `http://127.0.0.1:${port}/`
  const rows: [args: string[], status: number, start: number, end?: number][] = [
    [[], 200, 0],
    [['-r', '0-0'], 206, 0, 1],
    [['-r', '1000-1999'], 206, 1000, 2000],
    [['-r', '2999990-'], 206, 2_999_990],
    [['-r', '-10'], 206, 2_999_990],
    [['-r', '2999990-9999999'], 206, 2_999_990],
  ]
  for (const [args, status, start, end] of rows) {
    const got = await curl(t, [...args, url])
    t.is(got.transfers[0]?.http_code, status)
    t.true(got.body.equals(content.subarray(start, end)), args.join(' '))
  }
  t.is((await curl(t, ['-r', '3000000-', url])).transfers[0]?.http_code, 416)
  writeFileSync(copy, content.subarray(0, 1_234_567))
  t.is((await curl(t, ['-C', '-', '-o', copy, url])).code, 0)
  const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
  t.is(digestOf(readFileSync(copy)), digestOf(content))
  t.deepEqual(errors, [])
})

withCurl('curl finds no proxy here: CONNECT is 501, an absolute target is the path', async (t) => {
  const { port } = await serve(t, (req) => `${req.path} of ${req.header('host')}`)
  const proxy = ['-x', `http://127.0.0.1:${port}`]
  const tunnel = await curl(t, [...proxy, '-p', 'http://a.test/x'])
  // Its own code for a proxy that refuses.
  t.is(tunnel.code, 56)
  t.regex(tunnel.heads, /^HTTP\/1\.1 501 /)
  const plain = await curl(t, [...proxy, 'http://a.test/x'])
  t.is(plain.text, '/x of a.test')
})

withCurl('curl sees that a stream is cut, and leaves one that does not end', async (t) => {
  const left = gate()
  let cancels = 0
  async function* source(fails: boolean): AsyncGenerator<string> {
    try {
      yield 'half'
      if (fails) throw new Error('a fault')
      await left.promise
    } finally {
      cancels++
    }
  }
  const service: Service = await serve(t, (req) => {
    if (req.path === '/cut') return stream(source(true))
    req.signal.addEventListener('abort', () => left.open())
    return stream(source(false))
  })
  const url = `http://127.0.0.1:${service.port}`
  const cut = await curl(t, [`${url}/cut`])
  // 18: a partial file.
  t.deepEqual([cut.code, cut.text, service.errors.length], [18, 'half', 1])
  const killed = await curl(t, ['-N', `${url}/endless`], undefined, 'half')
  t.deepEqual([killed.code, killed.text], [null, 'half'])
  await until('the end of both sources', () => cancels === 2)
  await until('no connection', () => service.server.stats().connections.open === 0)
  t.is(service.errors.length, 1)
})
