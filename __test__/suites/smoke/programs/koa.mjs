// Middlewares around each other, a body in pieces, and the respond of Koa itself.
import assert from 'node:assert'
import { Readable } from 'node:stream'
import Koa from 'koa'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const app = new Koa({ proxy: false })
app.silent = true
app.use(async (ctx, next) => {
  await next()
  ctx.set('X-Path', ctx.path)
})
app.use((ctx) => {
  if (ctx.path === '/json') ctx.body = { ip: ctx.ip, method: ctx.method }
  else if (ctx.path === '/stream') ctx.body = Readable.from(['a', 'b', 'c'])
  else if (ctx.path === '/throw') ctx.throw(403, 'not you')
  else if (ctx.path === '/none') ctx.status = 204
})

const server = createServer(app.callback())
const url = await listening(server)
const json = await ask(`${url}/json`)
assert.deepStrictEqual(JSON.parse(json.text), { ip: '127.0.0.1', method: 'GET' })
assert.strictEqual(json.headers.get('x-path'), '/json')
assert.strictEqual((await ask(`${url}/stream`)).text, 'abc')
assert.strictEqual((await ask(`${url}/throw`)).status, 403)
assert.strictEqual((await ask(`${url}/none`)).status, 204)
assert.strictEqual((await ask(`${url}/nowhere`)).status, 404)
const head = await ask(`${url}/json`, { method: 'HEAD' })
assert.deepStrictEqual([head.status, head.text], [200, ''])
await finished(server)
