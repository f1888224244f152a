// itty-router: parameters, a body, an error.
import assert from 'node:assert'
import { AutoRouter, error, withContent } from 'itty-router'
import { fetching, json } from '../fetching.mjs'

const router = AutoRouter()
router.get('/hello/:name', ({ params }) => `hello ${params.name}`)
router.post('/json', withContent, ({ content }) => ({ had: content }))
router.get('/query', ({ query }) => query)
router.get('/no', () => error(403, 'no'))
router.get('/fail', () => {
  throw new Error('fault')
})

const { ask, end } = await fetching(router.fetch)
assert.strictEqual(JSON.parse((await ask('/hello/me')).text), 'hello me')
assert.deepStrictEqual(JSON.parse((await ask('/json', json({ a: 1 }))).text), { had: { a: 1 } })
assert.deepStrictEqual(JSON.parse((await ask('/query?a=1')).text), { a: '1' })
assert.deepStrictEqual(
  [(await ask('/no')).status, (await ask('/none')).status, (await ask('/fail')).status],
  [403, 404, 500],
)
await end()
