// A server of our own by `serverFactory`, as its documentation says.
import assert from 'node:assert'
import Fastify from 'fastify'
import { ask, finished } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const app = Fastify({ serverFactory: (handler, options) => createServer(options, handler) })
app.get('/users/:id', (request) => ({ id: request.params.id, ip: request.ip }))
app.post('/echo', (request, reply) => reply.code(201).send(request.body))
app.get('/error', () => Promise.reject(new Error('mine')))
let finishes = 0
app.addHook('onResponse', async () => void (finishes += 1))

const url = await app.listen({ port: 0, host: '127.0.0.1' })
const user = await ask(`${url}/users/7`)
assert.deepStrictEqual(JSON.parse(user.text), { id: '7', ip: '127.0.0.1' })
const echo = await ask(`${url}/echo`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: '{"a":1}',
})
assert.deepStrictEqual([echo.status, echo.text], [201, '{"a":1}'])
assert.strictEqual((await ask(`${url}/error`)).status, 500)
assert.strictEqual((await ask(`${url}/nowhere`)).status, 404)
assert.strictEqual((await app.inject('/users/8')).statusCode, 200)
assert.strictEqual(finishes, 5)
await app.close()
await finished({ close: (done) => done(), closeAllConnections() {} })
