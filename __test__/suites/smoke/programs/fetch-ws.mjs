// WebSockets beside a fetch handler: ws by the upgrade event of the server, and by the context of the handler.
import assert from 'node:assert'
import { once } from 'node:events'
import { WebSocket, WebSocketServer } from 'ws'
import { fetching } from '../fetching.mjs'

const sockets = new WebSocketServer({ noServer: true })
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))

const { also, ask, end, server, url } = await fetching((request, { upgrade }) => {
  if (new URL(request.url).pathname !== '/socket') return new Response('hello')
  const head = { method: request.method, headers: Object.fromEntries(request.headers) }
  sockets.handleUpgrade(head, upgrade(), Buffer.alloc(0), (socket) =>
    sockets.emit('connection', socket),
  )
  return new Response(null)
})

async function echoed(path) {
  const client = new WebSocket(`${url.replace('http', 'ws')}${path}`)
  await once(client, 'open')
  client.send('x')
  const [data] = await once(client, 'message')
  client.close()
  await once(client, 'close')
  return String(data)
}

// The handler has it.
also()
const byHandler = echoed('/socket')
assert.strictEqual((await ask('/')).text, 'hello')
assert.strictEqual(await byHandler, 'echo x')
server.on('upgrade', (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (made) => sockets.emit('connection', made)),
)
// Now the listener has it.
assert.strictEqual(await echoed('/other'), 'echo x')
await end()
