// A session that is saved before the answer ends, and read by the next request.
import assert from 'node:assert'
import express from 'express'
import session from 'express-session'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const app = express()
app.use(session({ secret: 'a', resave: false, saveUninitialized: false }))
app.get('/', (req, res) => {
  req.session.count = (req.session.count ?? 0) + 1
  res.send(String(req.session.count))
})
app.get('/pieces', (req, res) => {
  req.session.count = (req.session.count ?? 0) + 1
  res.write('a')
  res.end('b')
})
const server = createServer(app)
const url = await listening(server)
const first = await ask(url)
const cookie = first.headers.get('set-cookie').split(';')[0]
const second = await ask(`${url}/pieces`, { headers: { Cookie: cookie } })
assert.strictEqual(second.text, 'ab')
const third = await ask(url, { headers: { Cookie: cookie } })
assert.deepStrictEqual([first.text, third.text], ['1', '3'])
assert.strictEqual(third.headers.get('set-cookie'), null)
await finished(server)
