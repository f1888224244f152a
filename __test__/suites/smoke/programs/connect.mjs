// Middlewares, a mount, and the answer when nobody answers.
import assert from 'node:assert'
import connect from 'connect'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const app = connect()
app.use((req, _res, next) => {
  req.seen = true
  next()
})
app.use('/mounted', (req, res) => res.end(`${req.url} ${req.originalUrl} ${req.seen}`))
app.use('/error', (_req, _res, next) => next(new Error('mine')))
const server = createServer(app)
const url = await listening(server)
assert.strictEqual((await ask(`${url}/mounted/a`)).text, '/a /mounted/a true')
assert.strictEqual((await ask(`${url}/nowhere`)).status, 404)
assert.strictEqual((await ask(`${url}/error`)).status, 500)
await finished(server)
