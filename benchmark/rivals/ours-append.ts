import { createServer, type HttpRequest } from '../../ts/index.ts'

import { block, echo, greet, HELLO, LARGE } from '../support/answers.ts'

const large = LARGE.toString('latin1')
const routes = new Map<string, (req: HttpRequest) => string>([
  ['/', () => HELLO],
  ['/browser', (req) => greet(req.query, req.header('accept-language'), req.header('user-agent'))],
  ['/echo', (req) => echo(req.text())],
  ['/64k', () => large],
  ['/block', () => block()],
])

const server = createServer({
  append(req, out) {
    const body = routes.get(req.path)!(req)
    out.write('HTTP/1.1 200 OK\r\nContent-Length: ').write(String(body.length))
    out.write('\r\n\r\n').write(body)
  },
  ioThreads: 1,
})
await server.listen(Number(process.argv[2]), '127.0.0.1')
