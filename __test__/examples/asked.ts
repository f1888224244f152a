import type { ExecutionContext } from 'ava'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type RawData, WebSocket } from 'ws'
import { get } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import type { Example } from './example.ts'

/** Asks an example for what it shows. */
export type Ask = (t: ExecutionContext, example: Example, env: Env) => Promise<void>

/** What a row gives an example. */
export type Env = Record<string, string>

/** Paths, what else is sent, and status and text of the answers. */
type Exchange = [path: string, init: RequestInit, status: number, text: string | RegExp]

async function exchange(t: ExecutionContext, { ask }: Example, all: Exchange[]): Promise<void> {
  for (const [path, init, status, text] of all) {
    const what = `${init.method ?? 'GET'} ${path}`
    const answer = await within(what, ask(path, init))
    const given = await answer.text()
    t.is(answer.status, status, what)
    if (typeof text === 'string') t.is(given, text, what)
    else t.regex(given, text, what)
  }
}

export const askHello: Ask = (t, example) =>
  exchange(t, example, [
    ['/', {}, 200, 'Hello, World!\n'],
    ['/json?name=ann', { headers: { 'user-agent': 'me' } }, 200, '{"hello":"ann","agent":"me"}'],
    ['/echo', { method: 'POST', body: 'grüße' }, 200, 'grüße'],
    ['/later', {}, 200, 'answered 2 s later\n'],
    ['/none', {}, 404, 'no /none here\n'],
  ])

export const askFetch: Ask = (t, example) =>
  exchange(t, example, [
    ['/?name=ann', {}, 200, 'Hello, ann!\n'],
    ['/me', { headers: { 'user-agent': 'me' } }, 200, '{"address":"127.0.0.1","agent":"me"}'],
    ['/digest', { method: 'POST', body: 'abc' }, 200, /^ba7816bf8f01cfea414140de5dae2223/],
    ['/countdown', {}, 200, '3\n2\n1\n'],
    ['/none', {}, 404, 'no /none here\n'],
  ])

export const askRouter: Ask = (t, example) =>
  exchange(t, example, [
    ['/', {}, 200, 'Hello, World!\n'],
    ['/user/7', {}, 200, '{"id":"7"}'],
    ['/files/a/b', {}, 200, '/a/b\n'],
    ['/admin/stats', {}, 401, 'who?\n'],
    ['/admin/stats', { headers: { authorization: 'me' } }, 200, /"requests":\d/],
    ['/user/7', { method: 'POST' }, 405, /./],
  ])

export const askNim: Ask = async (t, { connect, program }) => {
  const reply = await (await connect()).get('/a?b=1', 'User-Agent: me\r\n')
  t.is(reply.header('content-type'), 'text/plain; charset=utf-8')
  t.is(reply.text, 'Hello World')
  t.is(await program.line(), 'GET /a?b=1 me')
}

export const askJsonApi: Ask = async (t, example) => {
  const post = (body: string, type = 'application/json'): RequestInit => ({
    method: 'POST',
    body,
    headers: { 'content-type': type },
  })
  const made = await example.ask('/notes', post('{"title":"tea"}'))
  t.is(made.headers.get('location'), '/notes/1')
  t.deepEqual([made.status, await made.json()], [201, { id: 1, title: 'tea', done: false }])
  await exchange(t, example, [
    ['/notes', post('{"title":"cake","done":true}'), 201, /"id":2/],
    ['/notes', {}, 200, /^\[{"id":1,.*},{"id":2,.*}\]$/],
    ['/notes/2', {}, 200, '{"id":2,"title":"cake","done":true}'],
    ['/notes/2', { method: 'DELETE' }, 204, ''],
    ['/notes/2', {}, 404, '{"error":"no note 2"}'],
    ['/nothing', {}, 404, '{"error":"no /nothing"}'],
    ['/notes', post('{"title":"x"}', 'text/plain'), 415, /^{"error":"Content-Type/],
    ['/notes', post('{"title":'), 400, /^{"error":"The request body/],
    ['/notes', post('null'), 422, /must be an object/],
    ['/notes', post('[]'), 422, /must be an object/],
    ['/notes', post('{"title":""}'), 422, /title must be/],
    ['/notes', post('{"title":"x","done":1}'), 422, /done must be/],
    ['/notes', post('{"title":"x","by":1}'), 422, /unknown field \\"by\\"/],
    ['/notes', {}, 200, /^\[{"id":1,[^{}]*}\]$/],
  ])
}

export const askUploads: Ask = async (t, example, { UPLOADS: folder = '' }) => {
  const form = (size: number): RequestInit => {
    const body = new FormData()
    body.append('note', 'no file')
    body.append('first', new Blob(['x'.repeat(size)], { type: 'text/plain' }), '../a b.txt')
    body.append('second', new Blob(['grüße']), 'second')
    return { method: 'POST', body }
  }
  const answer = await example.ask('/', form(300_000))
  t.is(answer.status, 201)
  const files = (await answer.json()) as { name: string; size: number; path: string }[]
  t.deepEqual(
    files.map(({ name, size }) => [name, size]),
    [
      ['a b.txt', 300_000],
      ['second', 7],
    ],
  )
  t.deepEqual(
    files.map(({ path }) => readFileSync(path, 'utf8')),
    ['x'.repeat(300_000), 'grüße'],
  )
  const kept = readdirSync(folder).length
  t.is(kept, 2)
  const type = 'multipart/form-data; boundary=b'
  const part =
    '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nhalf of the file'
  const cut = { method: 'POST', headers: { 'content-type': type }, body: part }
  await exchange(t, example, [
    ['/', form((10 << 20) + 1), 413, 'a b.txt is too large\n'],
    ['/', { method: 'POST', body: 'text' }, 415, 'not a form with files\n'],
    ['/', cut, 400, 'Unexpected end of form\n'],
  ])
  t.is(readdirSync(folder).length, kept)
  // Somebody leaves in the middle of a file.
  const client = await example.connect()
  const head = `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Type: ${type}\r\nContent-Length: 9999\r\n\r\n`
  client.send(head + part)
  await until('a file is begun', () => readdirSync(folder).length > kept)
  client.reset()
  await until('it is removed', () => readdirSync(folder).length === kept)
}

export const askSse: Ask = async (t, example) => {
  await exchange(t, example, [['/', {}, 200, /new EventSource/]])
  const first = await example.connect()
  first.send(get('/ticks'))
  t.regex(String(await first.through('\r\n\r\n')), /^content-type: text\/event-stream/im)
  for (const id of [1, 2]) {
    t.regex(
      String(await within('event', first.through('\n\n'))),
      new RegExp(`event: tick\nid: ${id}\ndata: {"n":${id},"at":"[^"]+"}\n\n$`),
    )
  }
  first.reset()
  const again = await example.connect()
  again.send(get('/ticks', 'Last-Event-ID: 7\r\n'))
  t.regex(String(await within('event', again.through('data: '))), /id: 8\n/)
}

export const askWebSocket: Ask = async (t, example) => {
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(`${example.origin.replace('http', 'ws')}/chat`)
    t.teardown(() => socket.terminate())
    await within('open', once(socket, 'open'))
    return socket
  }
  const [one, other] = [await open(), await open()]
  const heard = [one, other].map((socket) => once(socket, 'message'))
  one.send('grüße')
  for (const hearing of heard) {
    const [data] = (await within('message', hearing)) as [RawData]
    t.is(data.toString(), 'grüße')
  }
  await exchange(t, example, [['/', {}, 200, '2 are here\n']])
  const elsewhere = new WebSocket(`${example.origin.replace('http', 'ws')}/other`)
  const [error] = (await within('error', once(elsewhere, 'error'))) as [Error]
  t.is(error.message, 'Unexpected server response: 404')
  const ended = gate<number>()
  other.on('close', (code: number) => ended.open(code))
  example.program.child.kill('SIGTERM')
  t.is(await within('close', ended.promise), 1001)
}

export const askSpa: Ask = async (t, example) => {
  const page = { headers: { accept: 'text/html,*/*;q=0.8' } }
  await exchange(t, example, [
    ['/', page, 200, /^<!doctype html>/],
    ['/people/ann', page, 200, /^<!doctype html>/],
    ['/api/name', {}, 200, '{"name":"fasthttp"}'],
    ['/api/none', page, 404, 'Not Found\n'],
    ['/assets/missing.js', {}, 404, 'Not Found\n'],
  ])
  const script = /src="([^"]+)"/.exec(await (await example.ask('/')).text())?.[1] ?? ''
  const caching = async (path: string): Promise<string | null> =>
    (await example.ask(path, page)).headers.get('cache-control')
  t.is(await caching('/people/ann'), 'no-cache')
  t.is(await caching('/'), 'no-cache')
  t.is(await caching(script), 'public, max-age=31536000, immutable')
  await exchange(t, example, [[script, {}, 200, /fetch\('\/api\/name'\)/]])
}

export const askMetrics: Ask = async (t, example) => {
  await exchange(t, example, [
    ['/', {}, 200, 'Hello, World!\n'],
    ['/none', {}, 404, 'Not Found'],
  ])
  const { ms, ...rest } = JSON.parse(await example.program.line()) as Record<string, unknown>
  t.is(typeof ms, 'number')
  const remoteAddress = '127.0.0.1'
  t.deepEqual(rest, { method: 'GET', path: '/', status: 200, outcome: 'sent', remoteAddress })
  const answer = await example.ask('/metrics')
  t.is(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const lines = (await answer.text()).split('\n').slice(0, -1)
  for (const line of lines) {
    t.regex(line, /^(# TYPE \w+ (gauge|counter|summary)|\w+(\{\w+="\w+"\})? [0-9.e+-]+)$/)
  }
  t.true(lines.includes('fasthttp_requests_total 3'), lines.join('\n'))
  t.true(lines.includes('fasthttp_responses_total{class="4xx"} 1'))
  t.true(lines.includes('fasthttp_handler_seconds_count 1'))
}
