import { createServer, HttpError } from 'fasthttp'
import { createRequire } from 'node:module'

const { expect, test } = globalThis

test('serves, and require gives the same', async () => {
  expect(createRequire(import.meta.url)('fasthttp').HttpError).toBe(HttpError)
  const server = createServer((req) => {
    if (req.path !== '/here') throw new HttpError(404)
    return req.path
  })
  await server.listen(0, '127.0.0.1')
  const origin = `http://127.0.0.1:${server.address().port}`
  expect(await (await fetch(`${origin}/here`)).text()).toBe('/here')
  expect((await fetch(`${origin}/there`)).status).toBe(404)
  await server.close()
})
