// A strategy that refuses with a challenge and one that lets in.
import assert from 'node:assert'
import express from 'express'
import passport from 'passport'
import { BasicStrategy } from 'passport-http'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

passport.use(
  new BasicStrategy((name, password, done) => done(null, password === 'right' ? { name } : false)),
)
const app = express()
app.get('/', passport.authenticate('basic', { session: false }), (req, res) => res.json(req.user))
const server = createServer(app)
const url = await listening(server)
const as = (text) => ({
  headers: { Authorization: `Basic ${Buffer.from(text).toString('base64')}` },
})
const refused = await ask(url)
assert.strictEqual(refused.status, 401)
assert.match(refused.headers.get('www-authenticate'), /^Basic/)
assert.strictEqual((await ask(url, as('a:wrong'))).status, 401)
assert.deepStrictEqual(JSON.parse((await ask(url, as('a:right'))).text), { name: 'a' })
await finished(server)
