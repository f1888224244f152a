// A WebSocket server behind an HTTP server, with text, bytes and its end.
import assert from 'node:assert'
import { once } from 'node:events'
import { WebSocket, WebSocketServer } from 'ws'
import { alsoAsked, ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const server = createServer((_req, res) => res.end('plain'))
const sockets = new WebSocketServer({ server, path: '/ws', perMessageDeflate: true })
sockets.on('connection', (socket, req) => {
  assert.strictEqual(req.socket.remoteAddress, '127.0.0.1')
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})
const url = await listening(server)
assert.strictEqual((await ask(url)).text, 'plain')
const client = new WebSocket(`${url.replace('http', 'ws')}/ws`)
alsoAsked()
await once(client, 'open')
for (const message of ['text', Buffer.alloc(100_000, 1)]) {
  client.send(message)
  const [answer, isBinary] = await once(client, 'message')
  assert.strictEqual(isBinary, typeof message !== 'string')
  assert.deepStrictEqual(answer, Buffer.from(message))
}
client.close(4000, 'done')
const [code, reason] = await once(client, 'close')
assert.deepStrictEqual([code, reason.toString()], [4000, 'done'])
const refused = new WebSocket(`${url.replace('http', 'ws')}/elsewhere`)
alsoAsked()
const [error] = await once(refused, 'error')
assert.match(error.message, /400/)
sockets.close()
await finished(server)
