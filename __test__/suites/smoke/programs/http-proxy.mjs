// A proxy and what is behind it, both on servers under test: requests, a body, and a WebSocket.
import assert from 'node:assert'
import { once } from 'node:events'
import httpProxy from 'http-proxy'
import { WebSocket, WebSocketServer } from 'ws'
import { alsoAsked, ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const target = createServer((req, res) => {
  res.setHeader('X-Forwarded', String(req.headers['x-forwarded-for']))
  req.pipe(res)
})
new WebSocketServer({ server: target }).on('connection', (socket) => {
  socket.on('message', (data) => socket.send(`echo ${data}`))
})
const proxy = httpProxy.createProxyServer({ target: await listening(target), xfwd: true, ws: true })
proxy.on('error', (_error, _req, res) => res.writeHead(502).end('bad'))
const server = createServer((req, res) => proxy.web(req, res))
server.on('upgrade', (req, socket, head) => proxy.ws(req, socket, head))
const url = await listening(server)

const body = 'x'.repeat(200_000)
const echo = await ask(url, { method: 'POST', body })
alsoAsked()
assert.strictEqual(echo.text, body)
assert.strictEqual(echo.headers.get('x-forwarded'), '127.0.0.1')
const client = new WebSocket(url.replace('http', 'ws'))
alsoAsked(2)
await once(client, 'open')
client.send('hello')
assert.strictEqual(String((await once(client, 'message'))[0]), 'echo hello')
client.terminate()
await once(client, 'close')
const closed = once(target, 'close')
target.close()
target.closeAllConnections()
proxy.close()
await closed
const bad = await ask(url)
assert.deepStrictEqual([bad.status, bad.text], [502, 'bad'])
await finished(server)
