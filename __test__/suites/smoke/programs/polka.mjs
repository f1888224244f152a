// A framework that is given its server.
import assert from 'node:assert'
import polka from 'polka'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const server = createServer()
polka({ server })
  .get('/users/:id', (req, res) => res.end(`user ${req.params.id} ${req.query.a}`))
  .listen(0, '127.0.0.1')
const url = await listening(server)
assert.strictEqual((await ask(`${url}/users/7?a=b`)).text, 'user 7 b')
assert.strictEqual((await ask(`${url}/nowhere`)).status, 404)
await finished(server)
