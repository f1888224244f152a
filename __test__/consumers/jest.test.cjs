// Jest runs this in a realm of its own, as CommonJS: what is made here is not what Node's own modules
// would call an Uint8Array or an Error.
const { expect, test } = globalThis
const { bytes, createServer, file, HttpError, json, Router, stream } = require('fasthttp')
const nim = require('fasthttp/asynchttpserver')

/** Paths, what they answer, and with which status. */
const ANSWERS = [
  ['/json', () => json({ a: 1 }), 200, '{"a":1}'],
  ['/text', () => 'text', 200, 'text'],
  ['/later', async () => 'later', 200, 'later'],
  ['/bytes', () => bytes(new Uint8Array([65, 66])), 200, 'AB'],
  ['/buffer', () => bytes(Buffer.from('AB')), 200, 'AB'],
  ['/raw', () => Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 200, 'ok'],
  ['/stream', () => stream(['a', 'b']), 200, 'ab'],
  ['/file', () => file(require.resolve('./commonjs.cjs')), 200, /^const/],
  ['/error', () => Promise.reject(new HttpError(418, 'tea')), 418, 'tea'],
  ['/none', undefined, 404, /./],
]

test('every kind of answer', async () => {
  const router = new Router()
  for (const [path, handler] of ANSWERS) if (handler !== undefined) router.get(path, handler)
  router.post('/echo', (req) => bytes(req.body))
  const server = createServer(router)
  await server.listen(0, '127.0.0.1')
  const origin = `http://127.0.0.1:${server.address().port}`
  for (const [path, , status, text] of ANSWERS) {
    const response = await fetch(origin + path)
    expect([path, response.status]).toEqual([path, status])
    expect(await response.text()).toMatch(text)
  }
  const body = 'x'.repeat(100_000)
  const echoed = await fetch(`${origin}/echo`, { method: 'POST', body })
  expect((await echoed.text()) === body).toBe(true)
  await server.close()
})

test('the API of Nim', async () => {
  const server = nim.newAsyncHttpServer()
  await server.listen(0, '127.0.0.1')
  const accepted = server.acceptRequest((req) => req.respond(nim.Http200, req.url.path))
  const response = await fetch(`http://127.0.0.1:${server.getPort()}/here`)
  expect(await response.text()).toBe('/here')
  await accepted
  await server.close()
})
