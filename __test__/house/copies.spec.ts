import test from 'ava'
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import type * as Fasthttp from '../../ts/index.ts'
import { createServer, file, HttpError, type HttpResult, Router } from '../../ts/index.ts'
import { folder } from '../support/folder.ts'
import { serve } from '../support/service.ts'
import { root } from '../support/root.ts'

// Values of a second copy of the package, of another realm, and of libraries.

async function secondCopy(place: string): Promise<typeof Fasthttp> {
  for (const name of ['dist/ts', 'npm/local', 'package.json'])
    cpSync(join(root, name), join(place, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
  return (await import(pathToFileURL(join(place, 'dist/ts/index.js')).href)) as typeof Fasthttp
}

test('responses of a second copy are what they are here, or say that they cannot be', async (t) => {
  const other = await secondCopy(folder(t))
  t.not(other.text, undefined)
  const results: Record<string, () => HttpResult> = {
    '/json': () => other.json({ a: 1 }, { status: 201, headers: { 'X-A': 'b' } }),
    '/html': () => other.html('<p>'),
    '/text': () => other.text('t', { statusText: 'Fine' }),
    '/bytes': () => other.bytes(new Uint8Array([65]), { transfer: true }),
    '/empty': () => other.empty(204),
    '/stream': () => other.stream(['a']),
    '/file': () => other.file(fileURLToPath(import.meta.url)),
    '/error': () => {
      throw new other.HttpError(404, 'none', { headers: { 'X-A': 'b' } })
    },
  }
  const { connect, errors } = await serve(t, (req) => results[req.path]?.() ?? 'none')
  const client = await connect()
  const expected: [path: string, status: number, type: string | undefined, text: string][] = [
    ['/json', 201, 'application/json', '{"a":1}'],
    ['/html', 200, 'text/html; charset=utf-8', '<p>'],
    ['/text', 200, 'text/plain; charset=utf-8', 't'],
    ['/bytes', 200, 'application/octet-stream', 'A'],
    ['/empty', 204, undefined, ''],
    ['/error', 404, 'text/plain; charset=utf-8', 'none'],
  ]
  for (const [path, status, type, body] of expected) {
    const got = await client.get(path)
    t.deepEqual([got.status, got.header('Content-Type'), got.text], [status, type, body], path)
    if (path === '/json' || path === '/error') t.is(got.header('X-A'), 'b')
  }
  t.deepEqual(errors, [])
  for (const path of ['/stream', '/file']) {
    t.is((await client.get(path)).status, 500)
    t.regex(String(errors.pop()?.error), /another copy of fasthttp/)
  }
})

test('a Router of a second copy is refused by its name', async (t) => {
  const other = await secondCopy(folder(t))
  const given = new other.Router()
  t.false(given instanceof Router)
  const message = /a Router of another copy of fasthttp .*: have one/
  t.throws(() => createServer(given), { instanceOf: TypeError, message })
  t.throws(() => createServer(given, { date: false }), { instanceOf: TypeError, message })
  t.throws(() => createServer({ date: false }, given), { instanceOf: TypeError, message })
})

test('what another realm has made is taken for what it is', async (t) => {
  const make = (code: string): unknown => runInNewContext(code, { URL })
  const path = fileURLToPath(import.meta.url)
  const { connect, errors } = await serve(t, (req) => {
    if (req.path === '/bytes') {
      const bytes = make('new Uint8Array(38)') as Uint8Array
      bytes.set(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
      return bytes
    }
    if (req.path === '/url')
      return file(make(`new URL(${JSON.stringify(pathToFileURL(path))})`) as URL)
    throw make('new Error("other")')
  })
  const client = await connect()
  t.is((await client.get('/bytes')).status, 200)
  t.is((await client.get('/url')).status, 200)
  t.is((await client.get('/error')).status, 500)
  t.is(errors.length, 1)
})

/** Errors, and what a client hears of them. */
const ERRORS: [
  what: string,
  error: () => unknown,
  status: number,
  text: string,
  isTold: boolean,
][] = [
  ['below 500', () => new HttpError(404, 'none'), 404, 'none', false],
  ['from 500 on', () => new HttpError(503, 'secret'), 503, 'Service Unavailable', true],
  ['exposed', () => new HttpError(503, 'told', { expose: true }), 503, 'told', true],
  ['hidden', () => new HttpError(404, 'secret', { expose: false }), 404, 'Not Found', false],
  [
    'of http-errors',
    () => Object.assign(new Error('none'), { status: 404, statusCode: 404, expose: true }),
    404,
    'none',
    false,
  ],
  [
    'of http-errors, hidden',
    () => Object.assign(new Error('secret'), { statusCode: 502, expose: false }),
    502,
    'Bad Gateway',
    true,
  ],
  [
    'of a request that the handler has made',
    () => Object.assign(new Error('secret'), { status: 404 }),
    500,
    'Internal Server Error',
    true,
  ],
  [
    'with a status that is no error',
    () => Object.assign(new Error('secret'), { status: 200, expose: true }),
    500,
    'Internal Server Error',
    true,
  ],
]

for (const [what, error, status, body, isTold] of ERRORS) {
  test(`an error ${what} is answered ${status}`, async (t) => {
    const thrown = error()
    const { connect, errors } = await serve(t, () => {
      throw thrown
    })
    const got = await (await connect()).get('/')
    t.deepEqual([got.status, got.text], [status, body])
    t.deepEqual(
      errors.map((heard) => heard.error),
      isTold ? [thrown] : [],
    )
  })
}

test('an error has field lines and a cause', async (t) => {
  const cause = new Error('why')
  const error = new HttpError(401, 'who?', { cause, headers: { 'WWW-Authenticate': 'Basic' } })
  t.is(error.cause, cause)
  t.false('cause' in new HttpError(400))
  const { connect } = await serve(t, () => Promise.reject(error))
  const got = await (await connect()).get('/')
  t.deepEqual([got.status, got.header('WWW-Authenticate'), got.text], [401, 'Basic', 'who?'])
})

test('bytes that are no response say what they were probably meant for, and whose they are', async (t) => {
  const { connect, errors } = await serve(t, (req) => (req.path === '/raw' ? '' : req.body))
  const client = await connect()
  client.send('POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello')
  t.is((await client.reply()).status, 500)
  t.regex(String(errors[0]?.error), /status line.*for a body use bytes\(\.\.\.\)/)
  t.is(errors[0]?.req?.path, '/upload')
})

test.serial('the default onError names the request', async (t) => {
  const heard: unknown[][] = []
  const real = console.error
  console.error = (...args) => void heard.push(args)
  t.teardown(() => void (console.error = real))
  const error = new Error('no')
  const { connect } = await serve(
    t,
    () => {
      throw error
    },
    { onError: undefined as never },
  )
  t.is((await (await connect()).get('/a?b')).status, 500)
  t.deepEqual(heard, [['GET /a', error]])
})

test('HEAD is served by the routes of GET unless that is turned off', async (t) => {
  for (const [options, status] of [
    [{}, 200],
    [{ headFromGet: false }, 405],
  ] as const) {
    const client = await (
      await serve(
        t,
        new Router(options).get('/', () => 'ok'),
      )
    ).connect()
    t.is((await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')).status, status)
  }
})
