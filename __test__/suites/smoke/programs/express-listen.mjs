// `app.listen`, which makes a server itself.
import assert from 'node:assert'
import express from 'express'
import { ask, finished, listening } from '../asking.mjs'

const app = express()
app.get('/', (_req, res) => res.send('hello'))
const server = app.listen(0, '127.0.0.1')
assert.strictEqual((await ask(await listening(server))).text, 'hello')
await finished(server)
