import test from 'ava'
import { type HttpResponse, sse, stream } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { gate, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

test('events are framed line by line, and a comment shows that the connection lives', async (t) => {
  const held = gate()
  async function* events() {
    yield 'plain'
    yield { event: 'named', id: '7', retry: 1000, data: 'two\r\nlines' }
    yield { data: { json: true } }
    yield { comment: 'nothing' }
    await held.promise
  }
  const { connect } = await serve(t, (): HttpResponse => sse(events(), { keepAlive: 20 }))
  const client = await connect()
  const head = (await within('head', client.send(get('/')).through('\r\n\r\n'))).toString()
  t.regex(head, /Content-Type: text\/event-stream; charset=utf-8\r\n/)
  t.regex(head, /Cache-Control: no-cache\r\n/)
  await within('comment', client.through('nothing'))
  await within('keep-alive', client.through(': keep-alive\n\n'))
  held.open()
  const again = await serve(t, () =>
    sse(['plain', { event: 'e', id: '7', retry: 1, data: 'a\r\nb' }, { data: [1] }]),
  )
  const { text } = await (await again.connect()).get('/')
  t.is(text, 'data: plain\n\nevent: e\nid: 7\nretry: 1\ndata: a\ndata: b\n\ndata: [1]\n\n')
})

for (const event of [
  { event: 'a\nb' },
  { event: 'a\rb' },
  { id: 'a\n\ndata: forged' },
  { id: 'a\0' },
  { retry: 1.5 },
  { retry: '1' as unknown as number },
  { data: () => 1 },
  { comment: 1 as unknown as string },
  7 as unknown as string,
]) {
  test(`an event that is none is refused: ${JSON.stringify(event)}`, async (t) => {
    const { connect, errors } = await serve(t, () => sse(['good', event]))
    const client = await connect()
    await within('head', client.send(get('/')).through('\r\n\r\n'))
    t.is((await within('rest', client.rest())).toString(), 'c\r\ndata: good\n\n\r\n')
    t.is(errors.length, 1)
  })
}

test('a declared length has no room for comments', async (t) => {
  const [held, asked] = [gate(), gate()]
  async function* events() {
    yield 'a'
    asked.open()
    await held.promise
    yield 'b'
  }
  const headers = { 'Content-Length': '18' }
  const { connect, errors } = await serve(t, () => sse(events(), { keepAlive: 1, headers }))
  const client = await connect()
  client.send(get('/'))
  await within('second event', asked.promise)
  const witness = await serve(t, () => sse(['x'], { keepAlive: 1 }))
  for (let i = 0; i < 10; i++) await (await witness.connect()).get('/')
  held.open()
  t.is((await client.reply()).text, 'data: a\n\ndata: b\n\n')
  t.deepEqual(errors, [])
})

test('early hints come before the answer, to HTTP/1.1 only', async (t) => {
  const LINK = '</style.css>; rel=preload; as=style'
  const { connect } = await serve(t, (req) => {
    req.earlyHints(LINK)
    req.earlyHints([LINK, '</x.js>; rel=preload'])
    return req.path === '/stream' ? stream(['0,', '1,']) : 'ok'
  })
  const client = await connect()
  for (const path of ['/', '/stream']) {
    client.send(get(path))
    const first = (await within('103', client.through('\r\n\r\n'))).toString()
    t.is(first, `HTTP/1.1 103 Early Hints\r\nLink: ${LINK}\r\n\r\n`)
    const reply = await client.reply()
    t.deepEqual([reply.status, reply.interim], [200, [103]])
  }
  const old = await client.send(`GET / HTTP/1.0\r\n\r\n`).reply()
  t.deepEqual(old.interim, [])
})

test('a link that is none throws', async (t) => {
  const { connect, errors } = await serve(t, (req) => {
    for (const link of ['', 'style.css', '</a>\r\nX: y', '</a\u1234>', 7, null, []]) {
      t.throws(() => req.earlyHints(link as string), { instanceOf: TypeError }, String(link))
    }
    return 'ok'
  })
  t.is((await (await connect()).get('/')).text, 'ok')
  t.deepEqual(errors, [])
})

test('proxies are asked not to collect events, unless the handler says otherwise', async (t) => {
  const { connect } = await serve(t, (req) =>
    sse(['a'], req.path === '/own' ? { headers: { 'x-accel-buffering': 'yes' } } : {}),
  )
  const client = await connect()
  t.is((await client.get('/')).header('X-Accel-Buffering'), 'no')
  t.is((await client.get('/own')).header('X-Accel-Buffering'), 'yes')
})

test('a raw answer never brings Transfer-Encoding to HTTP/1.0', async (t) => {
  const raw = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  const { connect } = await serve(t, (req) => {
    if (req.path === '/hand') {
      req.raw().end(`${raw}1\r\na\r\n0\r\n\r\n`)
      return ''
    }
    return Buffer.from(req.path === '/head' ? raw : `${raw}1\r\na\r\n0\r\n\r\n`)
  })
  for (const [request, body] of [
    ['GET /', 'a'],
    ['GET /hand', 'a'],
    ['HEAD /', ''],
    ['HEAD /head', ''],
    ['HEAD /hand', ''],
  ] as const) {
    const client = await connect()
    client.send(`${request} HTTP/1.0\r\nHost: a\r\n\r\n`)
    const sent = (await within('all', client.rest())).toString()
    t.false(/transfer-encoding/i.test(sent), `${request}: ${sent}`)
    t.true(sent.endsWith(`\r\n\r\n${body}`), request)
  }
})
