// h3: parameters, a body, cookies, a redirect, an error, streams of the web and of Node.
import assert from 'node:assert'
import { Readable } from 'node:stream'
import * as h3 from 'h3'
import { fetching, json } from '../fetching.mjs'

const app = new h3.H3()
app.get('/', () => 'hello')
app.get('/user/:id', (event) => ({ id: event.context.params.id, q: h3.getQuery(event).q }))
app.post('/json', async (event) => ({ had: await event.req.json() }))
app.get('/cookies', (event) => {
  h3.setCookie(event, 'a', '1')
  h3.setCookie(event, 'b', '2')
  return 'set'
})
app.get('/go', () => h3.redirect('/there', 307))
app.get('/no', () => {
  throw new h3.HTTPError({ status: 403, message: 'no' })
})
app.get('/stream', () => new Blob(['a', 'b']).stream())
app.get('/readable', () => Readable.from(['a', 'b']))

const { ask, end } = await fetching((request) => app.fetch(request))
assert.strictEqual((await ask('/')).text, 'hello')
assert.deepStrictEqual(JSON.parse((await ask('/user/7?q=x')).text), { id: '7', q: 'x' })
assert.deepStrictEqual(JSON.parse((await ask('/json', json({ a: 1 }))).text), { had: { a: 1 } })
assert.strictEqual((await ask('/cookies')).headers.getSetCookie().length, 2)
assert.strictEqual((await ask('/go')).headers.get('location'), '/there')
assert.deepStrictEqual([(await ask('/no')).status, (await ask('/none')).status], [403, 404])
for (const path of ['/stream', '/readable']) assert.strictEqual((await ask(path)).text, 'ab')
await end()
