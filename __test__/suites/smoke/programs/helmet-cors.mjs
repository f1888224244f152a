// Middlewares that set fields before others answer, and a preflight.
import assert from 'node:assert'
import cors from 'cors'
import express from 'express'
import helmet from 'helmet'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const app = express()
app.use(helmet(), cors({ origin: 'http://a.test', credentials: true }))
app.get('/', (_req, res) => res.send('hello'))
const server = createServer(app)
const url = await listening(server)
const { headers } = await ask(url, { headers: { Origin: 'http://a.test' } })
assert.strictEqual(headers.get('x-content-type-options'), 'nosniff')
assert.match(headers.get('content-security-policy'), /default-src 'self'/)
assert.strictEqual(headers.get('access-control-allow-origin'), 'http://a.test')
assert.strictEqual(headers.get('x-powered-by'), null)
const preflight = await ask(url, {
  method: 'OPTIONS',
  headers: { Origin: 'http://a.test', 'Access-Control-Request-Method': 'PUT' },
})
assert.strictEqual(preflight.status, 204)
assert.match(preflight.headers.get('access-control-allow-methods'), /PUT/)
// The connection of a preflight is used again.
assert.strictEqual((await ask(url)).text, 'hello')
await finished(server)
