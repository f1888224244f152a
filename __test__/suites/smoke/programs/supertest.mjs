// A server that listens when supertest says so, and is asked for its port in the same tick.
import assert from 'node:assert'
import express from 'express'
import request from 'supertest'
import { alsoAsked, finished } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const app = express()
app.use(express.urlencoded())
app.get('/', (_req, res) => res.set('X-A', 'b').send('hello'))
app.post('/', (req, res) => res.json(req.body))
const server = createServer(app)
await request(server).get('/').expect(200).expect('X-A', 'b').expect('hello')
await request(server).post('/').type('form').send({ a: '1' }).expect(200, { a: '1' })
await request(server).get('/nowhere').expect(404)
alsoAsked(3)
// supertest has closed what it has opened.
assert.strictEqual(server.listening, false)
await finished({ close: (done) => done(), closeAllConnections() {} })
