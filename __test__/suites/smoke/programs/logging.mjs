// morgan and pino-http: a line for each answer, with its status and its length.
import assert from 'node:assert'
import { Writable } from 'node:stream'
import express from 'express'
import morgan from 'morgan'
import pinoHttp from 'pino-http'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const collected = (lines, resolve) =>
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk).trim())
      if (lines.length === 3) resolve()
      done()
    },
  })
const [morganLines, pinoLines] = [[], []]
const format = ':method :url HTTP/:http-version :status :res[content-length] :remote-addr'
const app = express()
const written = Promise.all([
  new Promise((resolve) => {
    app.use(morgan(format, { stream: collected(morganLines, resolve) }))
  }),
  new Promise((resolve) => {
    app.use(pinoHttp({}, collected(pinoLines, resolve)))
  }),
])
app.get('/', (req, res) => {
  req.log.info('inside')
  res.send('hello')
})
const server = createServer(app)
const url = await listening(server)
await ask(url)
await ask(`${url}/nowhere`, { headers: { Connection: 'close' } })
await ask(`${url}/?a`, { method: 'HEAD' })
await written
assert.deepStrictEqual(
  morganLines.map((line) => line.replace(/ \d+ 127/, ' N 127')),
  [
    'GET / HTTP/1.1 200 N 127.0.0.1',
    'GET /nowhere HTTP/1.1 404 N 127.0.0.1',
    'HEAD /?a HTTP/1.1 200 N 127.0.0.1',
  ],
)
const inside = JSON.parse(pinoLines[0])
assert.deepStrictEqual([inside.msg, inside.req.remoteAddress], ['inside', '127.0.0.1'])
assert.strictEqual(JSON.parse(pinoLines[1]).res.statusCode, 200)
await finished(server)
