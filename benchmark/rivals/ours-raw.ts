import { createServer, type HttpRequest } from '../../ts/index.ts'

import { block, echo, greet, HELLO, LARGE } from '../support/answers.ts'
import { port, threads } from '../support/served.ts'

const encode = (body: string): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 'latin1')
const hello = encode(HELLO)
const large = encode(LARGE.toString('latin1'))
const routes = new Map<string, (req: HttpRequest) => Buffer>([
  ['/', () => hello],
  ['/browser', (q) => encode(greet(q.query, q.header('accept-language'), q.header('user-agent')))],
  ['/echo', (req) => encode(echo(req.text()))],
  ['/64k', () => large],
  ['/block', () => encode(block())],
])

const server = createServer((req) => routes.get(req.path)!(req), { ioThreads: threads ?? 1 })
await server.listen(port, '127.0.0.1')
