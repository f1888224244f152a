// Hono: parameters, JSON, a form, middleware that changes the answer, a stream of events, an error, the client's address.
import assert from 'node:assert'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { streamSSE } from 'hono/streaming'
import { fetching, json } from '../fetching.mjs'

const inner = new Hono().get('/:id', (c) => c.json({ id: c.req.param('id'), q: c.req.query('q') }))
const app = new Hono()
app.use(cors())
app.use(async (c, next) => {
  await next()
  c.header('x-behind', 'yes')
})
app.get('/', (c) => c.text('hello'))
app.route('/inner', inner)
app.post('/json', async (c) => c.json(await c.req.json(), 201))
app.post('/form', async (c) => {
  const { text, file } = await c.req.parseBody()
  return c.text(`${text} ${file.name} ${await file.text()}`)
})
app.get('/events', (c) =>
  streamSSE(c, async (stream) => {
    for (const id of [1, 2, 3]) await stream.writeSSE({ data: `event ${id}`, id: String(id) })
  }),
)
app.get('/no', () => {
  throw new HTTPException(403, { message: 'no' })
})
app.get('/address', (c) => c.text(c.env.remoteAddress))
app.mount('/mounted', (request) => new Response(new URL(request.url).pathname))

const { ask, end } = await fetching(app.fetch)
const hello = await ask('/')
assert.deepStrictEqual(
  [hello.status, hello.text, hello.headers.get('x-behind')],
  [200, 'hello', 'yes'],
)
assert.strictEqual(hello.headers.get('access-control-allow-origin'), '*')
assert.strictEqual((await ask('/inner/7?q=a%20b')).text, '{"id":"7","q":"a b"}')
const made = await ask('/json', json({ a: 1 }))
assert.deepStrictEqual([made.status, made.text], [201, '{"a":1}'])
const form = new FormData()
form.set('text', 'x')
form.set('file', new File(['inside'], 'a.txt'))
assert.strictEqual((await ask('/form', { method: 'POST', body: form })).text, 'x a.txt inside')
assert.deepStrictEqual((await ask('/events')).text.match(/event \d/g), [
  'event 1',
  'event 2',
  'event 3',
])
assert.deepStrictEqual([(await ask('/no')).status, (await ask('/none')).status], [403, 404])
assert.strictEqual((await ask('/', { method: 'HEAD' })).status, 200)
assert.strictEqual((await ask('/', { method: 'OPTIONS' })).status, 204)
assert.strictEqual((await ask('/address')).text, '127.0.0.1')
assert.strictEqual((await ask('/mounted/a')).text, '/a')
await end()
