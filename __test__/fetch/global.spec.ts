import test from 'ava'
import { look, serve } from './served.ts'

const stock = { Request, Response, fetch }
await import('../../ts/fetch/global.ts')

const POSTED = 'POST /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nX-A: 1\r\n\r\nx'

test('the lazy request is taken by Request, with a body and with changes', async (t) => {
  const seen = await look(t, POSTED, async (req) => {
    const copy = new Request(req, { headers: { 'x-b': '2' } })
    return [copy.url, copy.method, copy.headers.get('x-b'), await copy.text(), req.bodyUsed]
  })
  t.deepEqual(seen, ['http://a.test/a', 'POST', '2', 'x', true])
})

test('the lazy request is taken by fetch', async (t) => {
  const { port } = await serve(t, async (req) => {
    if (req.headers.get('x-again') === '1') return new Response(`again ${await req.text()}`)
    req.headers.set('x-again', '1')
    return fetch(req as Request)
  })
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x' })
  t.is(await answer.text(), 'again x')
})

test('instanceof means what it meant, and other ways to make them work', async (t) => {
  t.not(Request, stock.Request)
  const made = [new Request('http://a.test/'), new stock.Request('http://a.test/')]
  for (const one of made) t.true(one instanceof Request && one instanceof stock.Request)
  const answers = [
    new Response('x'),
    new stock.Response('x'),
    Response.json(1, {}),
    stock.Response.json(1, {}),
  ]
  for (const one of answers) t.true(one instanceof Response && one instanceof stock.Response)
  class OwnRequest extends Request {}
  class OwnResponse extends Response {}
  const [req, res] = [new OwnRequest('http://a.test/'), new OwnResponse('x', { status: 201 })]
  t.true(req instanceof OwnRequest && req instanceof Request)
  t.true(res instanceof OwnResponse && res instanceof Response)
  t.deepEqual([res.status, await res.text()], [201, 'x'])
  t.is(Response.redirect('http://a.test/', 302).status, 302)
  t.is(Response.error().type, 'error')
  t.deepEqual([fetch.name, Request.name, Response.name], ['fetch', 'Request', 'Response'])
  t.throws(() => (Response as unknown as () => void)(), { instanceOf: TypeError })
})

test('what the global Response makes is sent', async (t) => {
  const { connect } = await serve(t, () => Response.json({ a: 1 }, {}))
  const { text, headers } = await (await connect()).get('/')
  t.is(text, '{"a":1}')
  t.true(
    headers.some(
      ([name, value]) => name.toLowerCase() === 'content-type' && value === 'application/json',
    ),
  )
})
