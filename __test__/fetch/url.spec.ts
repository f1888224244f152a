import test from 'ava'
import { look, serve } from './served.ts'

/** Head of a request, and the URL that its handler sees. PORT stands for the server's. */
const URLS: [head: string, url: string][] = [
  ['GET / HTTP/1.1\r\nHost: a.test', 'http://a.test/'],
  ['GET /a/b?c=d&e=%20 HTTP/1.1\r\nHost: a.test:81', 'http://a.test:81/a/b?c=d&e=%20'],
  ['GET / HTTP/1.1\r\nHost: a.test:80', 'http://a.test/'],
  ['GET / HTTP/1.1\r\nHost: A.TEST', 'http://a.test/'],
  ['GET / HTTP/1.1\r\nHost: [::1]:81', 'http://[::1]:81/'],
  ['GET / HTTP/1.1\r\nHost: 127.1', 'http://127.0.0.1/'],
  ['GET /a/../b HTTP/1.1\r\nHost: a.test', 'http://a.test/b'],
  ['GET /a/%2e%2E/b HTTP/1.1\r\nHost: a.test', 'http://a.test/b'],
  ['GET /.hidden HTTP/1.1\r\nHost: a.test', 'http://a.test/.hidden'],
  ['GET //other.test/x HTTP/1.1\r\nHost: a.test', 'http://a.test//other.test/x'],
  ["GET /?q='x' HTTP/1.1\r\nHost: a.test", 'http://a.test/?q=%27x%27'],
  ['GET /a|b HTTP/1.1\r\nHost: a.test', 'http://a.test/a|b'],
  ['GET /a"b HTTP/1.1\r\nHost: a.test', 'http://a.test/a%22b'],
  ['GET /%zz?%zz HTTP/1.1\r\nHost: a.test', 'http://a.test/%zz?%zz'],
  ['GET http://b.test/x?y HTTP/1.1\r\nHost: b.test', 'http://b.test/x?y'],
  ['GET http://b.test HTTP/1.1\r\nHost: b.test', 'http://b.test/'],
  ['GET http://b.test?q HTTP/1.1\r\nHost: b.test', 'http://b.test/?q'],
  ['OPTIONS * HTTP/1.1\r\nHost: a.test', 'http://a.test/*'],
  // Nobody says which host is meant: the address that was connected to.
  ['GET /x HTTP/1.0', 'http://127.0.0.1:PORT/x'],
]

for (const [head, url] of URLS) {
  test(`the URL of ${JSON.stringify(head)}`, async (t) => {
    let port = 0
    const seen = await look(t, `${head}\r\nConnection: close\r\n\r\n`, (req, context) => {
      port = context.request.localPort
      return [req.url, req.native().url]
    })
    const expected = url.replace('PORT', String(port))
    t.deepEqual(seen, [expected, expected])
    t.is(new URL(expected).href, expected)
  })
}

test('the URL of who may leave Host away or empty, and does', async (t) => {
  for (const field of ['', 'Host:\r\n', 'Host: \t\r\n']) {
    const [url, real, host, port] = await look(
      t,
      `GET /a?b HTTP/1.1\r\n${field}\r\n`,
      (req, { request }) => [
        req.url,
        req.native().url,
        req.headers.get('host') ?? '',
        `${request.localPort}`,
      ],
      { requireHostHeader: false },
    )
    const expected = `http://127.0.0.1:${port}/a?b`
    t.deepEqual([url, real, host], [expected, expected, ''])
  }
})

/** What a proxy says of its client, whether it is believed, and the URL. */
const PROXIED: [fields: string, trustProxy: boolean, url: string][] = [
  [
    'X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b.test',
    true,
    'https://b.test/a?b',
  ],
  ['X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https', true, 'https://a.test/a?b'],
  [
    'X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b/c',
    true,
    'https://a.test/a?b',
  ],
  ['X-Forwarded-Proto: https\r\nX-Forwarded-Host: b.test', false, 'http://a.test/a?b'],
]

for (const [fields, isTrusted, url] of PROXIED) {
  test(`the URL behind a proxy that is ${isTrusted ? '' : 'not '}believed: ${fields}`, async (t) => {
    const head = `GET /a?b HTTP/1.1\r\nHost: a.test\r\n${fields}\r\n\r\n`
    const options = isTrusted ? { trustProxy: ['loopback'] } : {}
    t.is(await look(t, head, (req) => req.url, options), url)
  })
}

/** Values of Host that are no authority: refused, or the handler gets a URL that can be parsed. */
const GARBAGE = [
  'a b',
  'a/b',
  'a@b',
  'a?b',
  'a#b',
  'a\\b',
  '[::1',
  '[::1]x',
  ':80',
  'a:port',
  'a:99999',
  '%',
  '%zz',
  '1.2.3.4.5',
  '256.256.256.256',
  'xn--a',
  '..',
  'a..b',
  '<script>',
  'ä.test',
  'x'.repeat(300),
  'javascript:alert(1)',
]

test('no Host throws into the handler, or gives it a URL that is none', async (t) => {
  const { connect, errors } = await serve(t, (req) => {
    const { protocol, username } = new URL(req.url)
    return new Response(`${protocol}${username}${req.native().url === req.url}`)
  })
  let served = 0
  for (const version of ['1.0', '1.1']) {
    for (const host of GARBAGE) {
      const client = await connect()
      const head = `GET / HTTP/${version}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      const { status, text } = await client.send(head).reply()
      if (status === 400) continue
      served++
      t.deepEqual([status, text], [200, 'http:true'], host)
    }
  }
  t.true(served > 0)
  t.deepEqual(errors, [])
})

test('hosts that clients invent are not remembered for ever', async (t) => {
  const { connect } = await serve(t, (req) => new Response(req.url))
  const client = await connect()
  for (let i = 0; i < 300; i++) {
    const reply = await client.send(`GET / HTTP/1.1\r\nHost: h${i}.test\r\n\r\n`).reply()
    t.is(reply.text, `http://h${i}.test/`)
  }
})

test('the address of a client without Host is that of IPv4 where it has come by it', async (t) => {
  const { connect, port } = await serve(t, (req) => new Response(req.url), {}, { host: '::' })
  const client = await connect({ port, host: '127.0.0.1' })
  const reply = await client.send('GET /a HTTP/1.0\r\n\r\n').reply()
  t.is(reply.text, `http://127.0.0.1:${port}/a`)
})
