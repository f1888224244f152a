// Micro cases of what is ours to spend on a request, by benchmark.js: nothing here opens a socket.
// The head parse is native, so its figure includes the call from JavaScript, about 100 ns of it.

import Benchmark from 'benchmark'
import { appending } from '../../ts/response/append.ts'
import { file } from '../../ts/response/file.ts'
import { Lane } from '../../ts/crossing/lane.ts'
import { CONTROL, REQUEST, UP } from '../../ts/crossing/layout.ts'
import { native } from '../../ts/crossing/native.ts'
import { HttpRequest } from '../../ts/request/request.ts'
import { json, reply } from '../../ts/response/response.ts'
import { Router } from '../../ts/router/router.ts'
import { send } from '../../ts/response/send.ts'

const SMALL = 'GET / HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n'
const BROWSER = [
  'GET /search?q=radix+tree&page=2 HTTP/1.1',
  'Host: www.example.com',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language: en-US,en;q=0.5',
  'Accept-Encoding: gzip, deflate, br',
  'Cookie: session=0123456789abcdef0123456789abcdef',
  '\r\n',
].join('\r\n')

const lane = new Lane(0)
const [small, browser] = [record(SMALL), record(BROWSER)]
const [smallBytes, browserBytes] = [Buffer.from(SMALL), Buffer.from(BROWSER)]
const raw = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!')
const KIB = 'x'.repeat(1024)
const fields = { 'cache-control': 'no-store', 'x-request-id': '0123456789abcdef' }

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: '
const HELLO = 'Hello, World!'
const view = new HttpRequest(small, 0)
const once = appending((_req, out) => void out.write(raw))
const pieces = appending((_req, out) => {
  out.write(HEAD).write(String(HELLO.length)).write('\r\n\r\n').write(HELLO)
})
const joined = (head: string, body: string): Uint8Array =>
  Buffer.from(`${head}${body.length}\r\n\r\n${body}`, 'latin1')

const router = new Router({ overlap: 'static-first' })
for (const path of ['/search', '/user/:id', '/user/:id/posts/:post', '/files/*path']) {
  router.get(path, () => HELLO)
}

const suite = new Benchmark.Suite()
suite
  .add('head parse, 41 bytes (native)', () => native.frameHeadLength(smallBytes, 16384, 0))
  .add('head parse, browser (native)', () => native.frameHeadLength(browserBytes, 16384, 0))
  .add('view creation', () => new HttpRequest(small, 0))
  .add('view creation and path', () => new HttpRequest(browser, 0).path)
  .add('header lookup, first field', () => new HttpRequest(browser, 0).header('host'))
  .add('header lookup, last field', () => new HttpRequest(browser, 0).header('cookie'))
  .add('header lookup, absent', () => new HttpRequest(browser, 0).header('authorization'))
  .add('response encoding, 13-byte text', () => answer('Hello, World!'))
  .add('response encoding, 1 KiB text', () => answer(KIB))
  .add('response encoding, json', () => answer(json({ hello: 'world', page: 2 })))
  .add('response encoding, two fields', () => answer(reply(200, 'Hello, World!', fields)))
  .add('response encoding, raw bytes', () => answer(raw))
  .add('response encoding, file', () => answer(file('/srv/www/assets/index.html')))
  .add('raw bytes joined, then encoded', () => answer(joined(HEAD, HELLO)))
  .add('raw response appended, 1 piece', () => answer(once(view)))
  .add('raw response appended, 4 pieces', () => answer(pieces(view)))
  .add('route lookup, static', () => router.lookup('GET', '/search'))
  .add('route lookup, two parameters', () => router.lookup('GET', '/user/17/posts/4'))
  .add('route lookup, no route', () => router.lookup('GET', '/nothing/here'))
  .add('router.handler, static', () => router.handler(new HttpRequest(browser, 0)))
  .on('cycle', ({ target }: Benchmark.Event) => console.log(line(target as unknown as Benchmark)))
  .run()

function line({ name, stats }: Benchmark): string {
  const nanoseconds = (stats?.mean ?? 0) * 1e9
  return `${String(name).padEnd(36)} ${nanoseconds.toFixed(1).padStart(9)} ns ±${(stats?.rme ?? 0).toFixed(1)} %`
}

/** Encodes an answer and gives its room back, as the I/O thread would. */
function answer(result: unknown): void {
  send(lane.ring, small.words, 0, result, view)
  lane.words[CONTROL.head] = lane.words[CONTROL.tail] as number
}

/** Lays a request out as the I/O thread does. */
function record(head: string): ReturnType<Lane['wrap']> {
  const lines = head.slice(0, -4).split('\r\n')
  const [method = '', target = ''] = lines[0]?.split(' ') ?? []
  const rawStart = (REQUEST.count + (lines.length - 1) * REQUEST.fieldWords) * 4
  const chunk = lane.wrap(new Uint8Array((rawStart + head.length + 3) & ~3))
  const { words, bytes } = chunk
  bytes.latin1Write(head, rawStart, head.length)
  words[REQUEST.kind] = UP.request | (1 << 8) | (1 << 16)
  words[REQUEST.size] = bytes.length
  words[REQUEST.fields] = lines.length - 1
  words[REQUEST.raw] = rawStart
  words[REQUEST.headLen] = head.length
  words[REQUEST.methodLen] = method.length
  words[REQUEST.targetLen] = target.length
  words[REQUEST.path] = method.length + 1
  words[REQUEST.pathLen] = target.split('?')[0]?.length ?? 0
  let at = (lines[0]?.length ?? 0) + 2
  for (const [index, field] of lines.slice(1).entries()) {
    const colon = field.indexOf(':')
    const word = REQUEST.count + index * REQUEST.fieldWords
    words.set([at, colon, at + colon + 2, field.length - colon - 2], word)
    at += field.length + 2
  }
  return chunk
}
