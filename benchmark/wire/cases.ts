import { echo, greet, HELLO, LARGE } from '../support/answers.ts'
import { blockCase } from './block.ts'
import type { Case } from './case.ts'
import { downloadCase } from './download.ts'
import { idleCase } from './idle.ts'
import { loadCase } from './load.ts'

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const LANGUAGE = 'en-GB,en;q=0.7,de;q=0.3'
const QUERY = 'user=42&page=7&sort=date'

const plain = head('GET / HTTP/1.1', 'Host: localhost:8080')

const browser = head(
  `GET /browser?${QUERY} HTTP/1.1`,
  'Host: localhost:8080',
  `User-Agent: ${AGENT}`,
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  `Accept-Language: ${LANGUAGE}`,
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Cookie: session=5f2b7c1e9a; theme=dark',
)

// 16 field lines of 256 bytes.
const headers = head(
  'GET / HTTP/1.1',
  'Host: localhost:8080'.padEnd(254),
  ...Array.from({ length: 15 }, (_, index) => `X-Field-${index}: `.padEnd(254, 'abcdefghij')),
)

const json = '{"id":1234567,"name":"Ada Lovelace","tags":["one","two","three"],"note":"'
const document = `${json.padEnd(1022, 'text ')}"}`
const post = head(
  'POST /echo HTTP/1.1',
  'Host: localhost:8080',
  'Content-Type: application/json',
  `Content-Length: ${document.length}`,
)

/** The cases in the order in which they are run. */
export const cases: readonly Case[] = [
  loadCase({ name: 'c1', title: '1 connection', connections: 1, request: plain, body: HELLO }),
  loadCase({ name: 'c64', title: '64 connections', connections: 64, request: plain, body: HELLO }),
  loadCase({
    name: 'c256',
    title: '256 connections',
    connections: 256,
    request: plain,
    body: HELLO,
  }),
  loadCase({
    name: 'pipelined',
    title: '64 connections, pipelined x16 (latency: of the 16 together)',
    connections: 64,
    depth: 16,
    request: plain,
    body: HELLO,
  }),
  loadCase({
    name: 'browser',
    title:
      "64 connections, a browser's request: query string, 6 headers, dynamic text of two of them",
    connections: 64,
    request: browser,
    body: greet(QUERY, LANGUAGE, AGENT),
  }),
  loadCase({
    name: 'headers',
    title: '64 connections, 4 KiB of headers',
    connections: 64,
    request: headers,
    body: HELLO,
  }),
  loadCase({
    name: 'post',
    title: '64 connections, POST of 1 KiB of JSON, one field of it answered',
    connections: 64,
    request: Buffer.concat([post, Buffer.from(document)]),
    body: echo(document),
  }),
  loadCase({
    name: 'large',
    title: '64 connections, a response of 64 KiB',
    connections: 64,
    request: head('GET /64k HTTP/1.1', 'Host: localhost:8080'),
    body: LARGE.toString('latin1'),
  }),
  downloadCase('file64k', '/64k', 64),
  downloadCase('file8m', '/8m', 16),
  blockCase,
  idleCase,
]

function head(...lines: string[]): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}
