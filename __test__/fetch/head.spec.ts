import test from 'ava'
import { FastResponse } from '../../ts/fetch/index.ts'
import { atHand, light } from './light.ts'
import { serve } from './served.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const HEAD = GET.replace('GET', 'HEAD')
const TWO = { headers: { 'content-length': '2' } }

/** Answers, and the framing that a GET and a HEAD see: of the latter nothing that may not be that of a GET. */
const ANSWERS: [what: string, made: () => Response, ofGet: Framing, ofHead: Framing][] = [
  ['nothing', () => new Response(null), ['0', undefined], NONE()],
  ['nothing, and a length', () => new Response(null, TWO), ['none'], ['2', undefined]],
  ['a text', () => new Response('hi'), ['2', undefined], NONE()],
  ['a text, and its length', () => new Response('hi', TWO), ['2', undefined], ['2', undefined]],
  ['bytes', () => new Response(Buffer.from('hi')), ['2', undefined], NONE()],
  ['JSON', () => Response.json({}), ['2', undefined], NONE()],
  ['204', () => new Response(null, { status: 204 }), NONE(), NONE()],
  ['a FastResponse', () => new FastResponse('hi'), ['2', undefined], ['2', undefined]],
  ['an empty one', () => new FastResponse(null), ['0', undefined], NONE()],
  ['one of another project', () => light({ body: 'hi' }), ['2', undefined], ['2', undefined]],
  ['an empty one of these', () => light({}), ['0', undefined], NONE()],
  ['a stream of these', () => light({ body: atHand('hi') }), ['2', undefined], NONE()],
]

/** Content-Length and Transfer-Encoding; or that there is no answer. */
type Framing = [length: string | undefined, coding: undefined] | ['none']

function NONE(): Framing {
  return [undefined, undefined]
}

for (const [what, made, ofGet, ofHead] of ANSWERS)
  test(`HEAD says no length that is not that of GET: ${what}`, async (t) => {
    const { connect } = await serve(t, made)
    const client = await connect()
    for (const [request, framing] of [
      [HEAD, ofHead],
      [GET, ofGet],
    ] as const) {
      const method = request === HEAD ? 'HEAD' : 'GET'
      const got = await client.send(request).reply(method)
      // Whose length is not that of its body.
      if (framing[0] === 'none') t.is(got.status, 500)
      else
        t.deepEqual(
          [got.header('content-length'), got.header('transfer-encoding')],
          [...framing],
          method,
        )
    }
  })
