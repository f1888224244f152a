import test from 'ava'
import { inspect } from 'node:util'
import { FastResponse } from '../../ts/fetch/index.ts'
import { get } from '../support/client.ts'
import { serve } from './served.ts'

type Make = (made: typeof Response) => Response

/** Ways to make one; ours and the platform's are the same to who looks, or fail alike. */
const MADE: [what: string, make: Make][] = [
  ['a text', (R) => new R('grüße')],
  ['nothing', (R) => new R()],
  ['null', (R) => new R(null, { status: 204 })],
  ['an empty text', (R) => new R('')],
  ['bytes', (R) => new R(Buffer.from('x'))],
  ['a form', (R) => new R(new URLSearchParams({ a: 'b' }))],
  ['a stream', (R) => new R(new Blob(['x']).stream() as never)],
  ['a number', (R) => new R(7 as never)],
  ['fields of an object', (R) => new R('x', { headers: { 'X-One': '1', 'x-two': '2' } })],
  [
    'fields of pairs',
    (R) =>
      new R('x', {
        headers: [
          ['a', '1'],
          ['A', '2'],
          ['Set-Cookie', 'a'],
          ['set-cookie', 'b'],
        ],
      }),
  ],
  ['fields of Headers', (R) => new R('x', { headers: new Headers({ a: 'b' }) })],
  ['fields of a Map', (R) => new R('x', { headers: new Map([['a', 'b']]) as never })],
  ['a type of its own', (R) => new R('x', { headers: { 'Content-Type': 'text/html' } })],
  ['a number as a value', (R) => new R('x', { headers: { a: 1 as never } })],
  ['white space around a value', (R) => new R('x', { headers: { a: '  b ' } })],
  ['a wrong name', (R) => new R('x', { headers: { 'a b': 'c' } })],
  ['a wrong value', (R) => new R('x', { headers: { a: 'b\nc' } })],
  ['a value beyond latin1', (R) => new R('x', { headers: { a: 'Ā' } })],
  ['Transfer-Encoding', (R) => new R('x', { headers: { 'transfer-encoding': 'chunked' } })],
  ['fields that are none', (R) => new R('x', { headers: 7 as never })],
  ['a pair that is none', (R) => new R('x', { headers: [['a']] as never })],
  ['a status', (R) => new R('x', { status: 404 })],
  ['a status as a text', (R) => new R('x', { status: '404' as never })],
  ['a status that is none', (R) => new R('x', { status: 99 })],
  ['a status that is too large', (R) => new R('x', { status: 600 })],
  ['a phrase', (R) => new R('x', { statusText: 'Fine' })],
  ['a wrong phrase', (R) => new R('x', { statusText: 'a\nb' })],
  ['a body with 204', (R) => new R('x', { status: 204 })],
  ['a body with 304', (R) => new R('', { status: 304 })],
  [
    'another response as init',
    (R) => new R('x', new Response('y', { status: 201, headers: { a: 'b' } })),
  ],
  ['an init that is none', (R) => new R('x', 7 as never)],
  ['JSON', (R) => R.json({ a: [1, null] })],
  ['JSON with fields', (R) => R.json(1, { status: 201, headers: { 'Content-Type': 'a/b' } })],
  ['JSON of nothing', (R) => R.json(undefined)],
  ['JSON with a status without body', (R) => R.json(1, { status: 204 })],
  [
    'JSON of a cycle',
    (R) => {
      const a: unknown[] = []
      a.push(a)
      return R.json(a)
    },
  ],
  ['a redirect', (R) => R.redirect('http://a.test/', 303)],
  ['an error', (R) => R.error()],
]

/** Ways to look at one. */
const LOOKS: Record<string, (one: Response) => unknown> = {
  facts: (r) => [
    r.status,
    r.ok,
    r.statusText,
    r.type,
    r.url,
    r.redirected,
    r.bodyUsed,
    r.body === null,
  ],
  fields: (r) => [...r.headers],
  text: async (r) => [await r.text(), r.bodyUsed],
  'text twice': async (r) => {
    await r.text()
    return r.text().catch((error: Error) => error.name)
  },
  bytes: async (r) => [...new Uint8Array(await r.arrayBuffer())],
  blob: async (r) => (await r.blob()).size,
  clone: async (r) => {
    const copy = r.clone()
    return [await r.text(), await copy.text(), [...copy.headers], copy.status]
  },
  'clone of what was read': async (r) => {
    await r.text()
    return r.body === null || r.clone().status
  },
  'changed fields': (r) => {
    r.headers.append('x-more', '1')
    r.headers.delete('content-type')
    return [[...r.headers], [...r.clone().headers]]
  },
  'fields, then the body': async (r) => {
    const { headers } = r
    const text = await r.text()
    return [text, headers === r.headers, headers.get('content-type')]
  },
  kind: (r) => [
    r instanceof Response,
    Object.prototype.toString.call(r),
    Object.keys(r),
    r.constructor === Response,
  ],
}

async function outcome(make: Make, made: typeof Response, look: string): Promise<unknown> {
  try {
    return [await LOOKS[look]?.(make(made))]
  } catch (error) {
    const { name } = error as Error
    return name
  }
}

for (const [what, make] of MADE) {
  test(`one is as the platform's: ${what}`, async (t) => {
    for (const look of Object.keys(LOOKS))
      t.deepEqual(
        await outcome(make, FastResponse, look),
        await outcome(make, Response, look),
        look,
      )
  })

  test(`one is sent as the platform's: ${what}`, async (t) => {
    const seen: unknown[] = []
    for (const made of [FastResponse, Response]) {
      for (const touch of [() => undefined, (r: Response) => void r.headers.set('x-more', '1')]) {
        const { connect } = await serve(t, () => {
          const response = make(made)
          touch(response)
          return response
        })
        const { status, reason, text, headers } = await (await connect()).get('/')
        const fields = headers.map(([name, value]) => [name.toLowerCase(), value])
        seen.push([status, reason, text, fields.filter(([name]) => name !== 'date').toSorted()])
      }
    }
    t.deepEqual(seen.slice(0, 2), seen.slice(2))
  })
}

test('it is sent once, as any other', async (t) => {
  const one = new FastResponse('x')
  const { connect, errors } = await serve(t, () => one)
  const client = await connect()
  t.is((await client.get('/')).text, 'x')
  t.true(one.bodyUsed)
  t.is((await client.get('/')).status, 500)
  t.regex(String(errors[0]), /sent once only/)
  await t.throwsAsync(one.text(), { instanceOf: TypeError })
})

test('a subclass is one of both', async (t) => {
  class Special extends FastResponse {
    readonly isSpecial = true
  }
  const special = new Special('x', { status: 202 })
  t.true(special instanceof Special && special instanceof Response && special.isSpecial)
  t.is(special.status, 202)
  const { connect } = await serve(t, () => special)
  const client = await connect()
  client.send(get('/'))
  t.is((await client.reply()).text, 'x')
})

test('it is printed as a Response', (t) => {
  t.true(inspect(new FastResponse('x')).startsWith('Response '))
})
