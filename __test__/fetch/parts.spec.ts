import test from 'ava'
import { get } from '../support/client.ts'
import { serve } from './served.ts'

/** Lengths of the chunks of bodies that are at hand: in all they fit into the thread's memory, or do not. */
const BODIES = [
  [1, 2],
  [8000, 0, 8000],
  [10_000, 10_000],
  [1, 65_535],
  [16_384, 16_384, 16_384, 16_384],
]

function bodyOf(lengths: readonly number[], fill: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: 'bytes',
    start(controller) {
      for (const [place, length] of lengths.entries())
        if (length > 0) controller.enqueue(new Uint8Array(length).fill(fill + place))
      controller.close()
    },
  })
}

test('chunks at hand are one body, and those of several answers stay apart', async (t) => {
  const { connect, errors } = await serve(t, ({ url }) => {
    const [, body, fill] = new URL(url).pathname.split('/').map(Number)
    return new Response(bodyOf(BODIES[body as number]!, fill as number))
  })
  const client = await connect()
  const asked = [1, 60, 120].flatMap((fill) => BODIES.map((_, body) => ({ fill, body })))
  for (const { fill, body } of asked) client.send(get(`/${body}/${fill}`))
  for (const { fill, body } of asked) {
    const reply = await client.reply()
    const parts = BODIES[body]!.map((length, place) => Buffer.alloc(length, fill + place))
    t.true(reply.body.equals(Buffer.concat(parts)), `${body} of ${fill}`)
    t.is(reply.header('content-length'), String(reply.body.length))
  }
  t.deepEqual(errors, [])
})

test('a chunk whose memory was transferred meanwhile is missing, and that is no answer', async (t) => {
  const { connect, errors } = await serve(t, () => {
    const lost = new Uint8Array(9)
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(3))
        controller.enqueue(lost)
        controller.close()
      },
    })
    structuredClone(lost.buffer, { transfer: [lost.buffer] })
    return new Response(body)
  })
  t.is((await (await connect()).get('/')).status, 500)
  t.regex(String(errors[0]), /detached/)
})
