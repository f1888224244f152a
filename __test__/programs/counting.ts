// Run by register.spec.ts, with node's server and with ours in its place: sends requests of each kind that
// reaches no handler, or not as a request, beside some that do.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

/** Each by a connection of its own. */
const SENT = [
  'GET / HTTP/1.1\r\n\r\n',
  'UNKNOWN / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
  'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n',
  // The last one is above what a connection may ask for.
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2),
]

const server = createServer((_req, res) => res.end('ok'))
server.maxRequestsPerSocket = 1
for (const event of ['upgrade', 'connect'])
  server.on(event, (_req, socket) => socket.end('HTTP/1.1 400 No\r\n\r\n'))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
for (const text of SENT) {
  const client = connect(port, '127.0.0.1').resume()
  client.end(text)
  await once(client, 'close')
}
server.close()
