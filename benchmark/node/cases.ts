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

function request(line: string, body = ''): Buffer {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`]
  return Buffer.from(`${[line, ...FIELDS, ...length].join('\r\n')}\r\n\r\n${body}`)
}

const get = request('GET / HTTP/1.1')
const echoed = 'fasthttp '.repeat(1138).slice(0, 10 << 10)

/** A case of every application. */
export function greeting(connections: number): Case {
  const title = `${connections} connection${connections === 1 ? '' : 's'}, 7 fields`
  return loadCase({ name: `c${connections}`, title, connections, request: get, body: HELLO })
}

/** Cases of handlers alone. */
export const raw: readonly Case[] = [
  loadCase({
    name: 'echo',
    title: '64 connections, POST of 10 KiB, echoed',
    connections: 64,
    request: request('POST /echo HTTP/1.1', echoed),
    body: echoed,
  }),
  loadCase({
    name: 'stream',
    title: '64 connections, a stream of 64 KiB',
    connections: 64,
    request: request('GET /stream HTTP/1.1'),
    body: LARGE.subarray(0, 16 << 10)
      .toString('latin1')
      .repeat(4),
  }),
]
