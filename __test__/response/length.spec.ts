import test from 'ava'
import { FastResponse } from '../../ts/fetch/index.ts'
import { addHeaders, bytes, reply, Router, stream, text } from '../../ts/index.ts'
import { serve } from '../support/service.ts'

const TEXT = 'hello world'
const LARGE = 'x'.repeat(100_000)
const headers = { 'Content-Length': '00011' }
const eleven = (): Uint8Array => Buffer.from(TEXT)

/** An answer that declares its length with zeros in front, which RFC 9110 §8.6 allows, and what is sent of it. */
const ANSWERS: Record<string, [answer: () => unknown, digits: string, body: string]> = {
  text: [() => text(TEXT, { headers }), '00011', TEXT],
  'text in a list of fields': [
    () => text(TEXT, { headers: [['content-length', '00011']] }),
    '00011',
    TEXT,
  ],
  'two fields of one number': [
    () => text(TEXT, { headers: { 'Content-Length': ['011', '11'] } }),
    '011',
    TEXT,
  ],
  'no zeros': [() => text(TEXT, { headers: { 'Content-Length': '11' } }), '11', TEXT],
  bytes: [() => bytes(eleven(), { headers }), '00011', TEXT],
  'memory that is given up': [
    () => bytes(new Uint8Array(eleven()), { headers, transfer: true }),
    '00011',
    TEXT,
  ],
  'text that leaves no room in the ring': [
    () => text(LARGE, { headers: { 'Content-Length': '0100000' } }),
    '0100000',
    LARGE,
  ],
  'an empty text': [() => text('', { headers: { 'Content-Length': '000' } }), '000', ''],
  'nothing at all': [() => reply(200, null, { 'Content-Length': '000' }), '000', ''],
  'a plain object': [() => ({ status: 200, headers, body: TEXT }), '00011', TEXT],
  'a stream': [() => stream(['hello ', 'world'], { headers }), '00011', TEXT],
  'more fields': [() => addHeaders(text(TEXT, { headers }), { 'X-A': 'b' }), '00011', TEXT],
  'a Response': [() => new Response(TEXT, { headers }), '00011', TEXT],
  'a Response with a stream': [
    () => new Response(new Blob([TEXT]).stream(), { headers }),
    '00011',
    TEXT,
  ],
  'a FastResponse': [() => new FastResponse(TEXT, { headers }), '00011', TEXT],
}

for (const [what, [answer, digits, body]] of Object.entries(ANSWERS)) {
  test(`a declared length goes out as it was given: ${what}`, async (t) => {
    const { connect, errors } = await serve(t, answer as never)
    const client = await connect()
    for (const method of ['GET', 'HEAD', 'GET']) {
      const got = await client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`).reply(method)
      t.deepEqual(errors, [])
      t.is(got.status, 200)
      const lengths = got.headers.filter(([name]) => name.toLowerCase() === 'content-length')
      // What has no body but zeros in front of it is a number where the server may choose.
      t.deepEqual(
        lengths.map(([, value]) => value),
        [digits],
        method,
      )
      t.is(got.text, method === 'HEAD' ? '' : body)
    }
  })
}

test('a fixed answer declares its length as it was given', async (t) => {
  const { connect } = await serve(t, new Router().static('/', text(TEXT, { headers })))
  const got = await (await connect()).get('/')
  t.deepEqual([got.header('content-length'), got.text], ['00011', TEXT])
})

/** Answers of statuses without a body, and the lengths that they may declare. */
const BODILESS: [status: number, digits: string, sent: string | undefined][] = [
  [204, '000', undefined],
  [205, '000', '0'],
  [304, '0011', '0011'],
]

test('where a status has no body, zeros in front bring none', async (t) => {
  const { connect, errors } = await serve(t, (req) => {
    const [status, digits] = BODILESS[Number(req.path.slice(1))]!
    return reply(status, null, { 'Content-Length': digits })
  })
  const client = await connect()
  for (const [i, [status, , sent]] of BODILESS.entries()) {
    const got = await client.get(`/${i}`)
    t.deepEqual([got.status, got.header('content-length'), got.text], [status, sent, ''])
  }
  t.deepEqual(errors, [])
})

test('a length with zeros in front that is not that of the body is 500', async (t) => {
  const { connect, errors } = await serve(t, () =>
    text('hello', { headers: { 'Content-Length': '00011' } }),
  )
  t.is((await (await connect()).get('/')).status, 500)
  t.regex(String(errors[0]?.error), /Content-Length 00011 is not the 5 bytes of the body/)
})
