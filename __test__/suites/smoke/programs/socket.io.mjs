// Socket.IO by polling alone, by WebSocket alone, and from one to the other.
import assert from 'node:assert'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { alsoAsked, alsoOthers, ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const server = createServer((_req, res) => res.end('plain'))
const sockets = new Server(server, { cors: { origin: 'http://a.test' } })
sockets.on('connection', (socket) => {
  socket.on('echo', (data, answer) => answer(data))
})
const url = await listening(server)
for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
  const client = io(url, { transports, forceNew: true, reconnection: false })
  await new Promise((resolve, reject) => {
    client.on('connect', resolve)
    client.on('connect_error', reject)
  })
  if (transports.length === 2 && client.io.engine.transport.name !== 'websocket')
    await new Promise((resolve) => client.io.engine.on('upgrade', resolve))
  assert.strictEqual(client.io.engine.transport.name, transports.at(-1))
  assert.deepStrictEqual(await client.emitWithAck('echo', { a: [1, Buffer.from('b')] }), {
    a: [1, Buffer.from('b')],
  })
  client.disconnect()
}
alsoAsked(4)
alsoOthers()
const preflight = await ask(`${url}/socket.io/?EIO=4&transport=polling`, {
  method: 'OPTIONS',
  headers: { Origin: 'http://a.test', 'Access-Control-Request-Method': 'GET' },
})
assert.strictEqual(preflight.status, 204)
assert.strictEqual((await ask(url)).text, 'plain')
await sockets.close()
await finished({ close: (done) => done(), closeAllConnections() {} })
