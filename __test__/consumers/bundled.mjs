// What a bundler makes one file of. `file` asks the table of media types, a package of its own.
import { createServer, file } from 'fasthttp'
import { Http200, newAsyncHttpServer } from 'fasthttp/asynchttpserver'

async function main() {
  const server = createServer(() => file('package.json'))
  await server.listen(0, '127.0.0.1')
  const response = await fetch(`http://127.0.0.1:${server.address().port}/`)
  if (response.headers.get('content-type') !== 'application/json') throw new Error('wrong type')
  await response.text()
  await server.close()
  const nim = newAsyncHttpServer()
  await nim.listen(0, '127.0.0.1')
  const accepted = nim.acceptRequest((req) => req.respond(Http200, req.url.path))
  const answer = await fetch(`http://127.0.0.1:${nim.getPort()}/here`)
  if ((await answer.text()) !== '/here') throw new Error('wrong answer')
  await accepted
  await nim.close()
  console.log('served')
}

void main()
