// Clients that are known by their address.
import assert from 'node:assert'
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const app = express()
app.use(rateLimit({ limit: 2, standardHeaders: 'draft-6' }))
app.get('/', (_req, res) => res.send('hello'))
const server = createServer(app)
const url = await listening(server)
const statuses = []
for (let i = 0; i < 3; i++) statuses.push((await ask(url)).status)
assert.deepStrictEqual(statuses, [200, 200, 429])
await finished(server)
