// WebSockets beside a fetch handler by crossws: its adapter for node has the upgrade event of the server.
import assert from 'node:assert'
import { once } from 'node:events'
import crossws from 'crossws/adapters/node'
import { WebSocket } from 'ws'
import { fetching } from '../fetching.mjs'

const sockets = crossws({
  hooks: {
    upgrade: (request) =>
      request.headers.get('x-guest') === null
        ? undefined
        : new Response('no guests', { status: 403 }),
    message: (peer, message) => peer.send(`echo ${message.text()}`),
  },
})
const { ask, end, server, url } = await fetching(() => new Response('hello'))
server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head))

const address = `${url.replace('http', 'ws')}/socket`
const client = new WebSocket(address)
await once(client, 'open')
client.send('x')
assert.strictEqual(String((await once(client, 'message'))[0]), 'echo x')
client.close()
await once(client, 'close')

const guest = new WebSocket(address, { headers: { 'X-Guest': '1' } })
const [error] = await once(guest, 'error')
assert.match(error.message, /403/)

assert.strictEqual((await ask('/')).text, 'hello')
await end()
