import { HELLO, LARGE } from '../support/answers.ts'
import type { Case } from '../wire/case.ts'
import { loadCase } from '../wire/load.ts'

const FIELDS = [
  'Host: localhost:8080',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language: en-GB,en;q=0.7,de;q=0.3',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Cookie: session=5f2b7c1e9a; theme=dark',
  'Connection: keep-alive',
]

const connections = 64

function request(method: string, body = ''): Buffer {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`]
  return Buffer.from(
    `${[`${method} / HTTP/1.1`, ...FIELDS, ...length].join('\r\n')}\r\n\r\n${body}`,
  )
}

const get = request('GET')
const echoed = 'fasthttp '.repeat(1138).slice(0, 10 << 10)

/** A case of each application; its name is the application's. */
export const cases: readonly Case[] = [
  { name: 'hello', title: 'a text', request: get, body: HELLO },
  {
    name: 'json',
    title: 'JSON',
    request: get,
    body: JSON.stringify({ message: HELLO, items: [1, 2, 3] }),
  },
  { name: 'headers', title: '8 fields read', request: get, body: HELLO },
  { name: 'echo', title: 'POST of 10 KiB, echoed', request: request('POST', echoed), body: echoed },
  { name: 'stream', title: 'a stream of 64 KiB', request: get, body: LARGE.toString('latin1') },
  { name: 'hono', title: 'Hono', request: get, body: HELLO },
  { name: 'untouched', title: 'a request that nobody looks at', request: get, body: HELLO },
].map((one) => loadCase({ ...one, connections }))
