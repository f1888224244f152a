// React Router's request handler, with routes that have a loader and an action and no page.
import assert from 'node:assert'
import { createStaticHandler } from 'react-router'
import { fetching, json } from '../fetching.mjs'

const handler = createStaticHandler([
  {
    id: 'hello',
    path: '/hello/:name',
    loader: ({ params }) => Response.json({ hello: params.name }),
  },
  {
    id: 'echo',
    path: '/echo',
    action: async ({ request }) => Response.json({ had: await request.json() }, { status: 201 }),
  },
  {
    id: 'form',
    path: '/form',
    action: async ({ request }) => new Response((await request.formData()).get('a')),
  },
  { id: 'go', path: '/go', loader: () => Response.redirect('http://a.test/there') },
])
const { ask, end } = await fetching(async (request) => {
  try {
    return await handler.queryRoute(request)
  } catch (error) {
    if (error instanceof Response) return error
    return new Response(error.statusText, { status: error.status ?? 500 })
  }
})
assert.deepStrictEqual(JSON.parse((await ask('/hello/me')).text), { hello: 'me' })
const echoed = await ask('/echo', json({ a: 1 }))
assert.deepStrictEqual([echoed.status, JSON.parse(echoed.text)], [201, { had: { a: 1 } }])
const form = new URLSearchParams({ a: 'b' })
assert.strictEqual((await ask('/form', { method: 'POST', body: form })).text, 'b')
assert.strictEqual((await ask('/go')).headers.get('location'), 'http://a.test/there')
assert.strictEqual((await ask('/none')).status, 404)
await end()
