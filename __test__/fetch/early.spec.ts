import test from 'ava'
import { setImmediate as turn } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { get } from '../support/client.ts'
import { gate } from '../support/deadline.ts'
import { serve } from './served.ts'

const sorry = new Error('sorry')

/** A stream whose first pull does this. */
function pulled(pull: (controller: ReadableStreamDefaultController) => unknown): ReadableStream {
  return new ReadableStream({ pull: async (controller) => void (await pull(controller)) })
}

/** Bodies that fail before their first chunk, within the turn of the loop in which they are read. */
const BODIES: Record<string, () => unknown> = {
  'at once': () => new ReadableStream({ start: (controller) => controller.error(sorry) }),
  'when pulled': () => pulled((controller) => controller.error(sorry)),
  'after many microtasks': () =>
    pulled(async () => {
      for (let i = 0; i < 1000; i++) await undefined
      throw sorry
    }),
  'in a tick': () => pulled((controller) => process.nextTick(() => controller.error(sorry))),
  'behind an immediate': () =>
    pulled(async () => {
      await turn()
      throw sorry
    }),
  'as a Readable': () =>
    Readable.toWeb(
      new Readable({
        read() {
          process.nextTick(() => this.destroy(sorry))
        },
      }),
    ),
}

for (const [what, body] of Object.entries(BODIES)) {
  test(`a body that fails before its first chunk is an error: ${what}`, async (t) => {
    const { connect, errors } = await serve(t, () => new Response(body() as ReadableStream))
    const client = await connect()
    for (let i = 0; i < 2; i++) t.is((await client.get('/')).status, 500)
    t.deepEqual(errors, [sorry, sorry])
  })

  for (const isLate of [false, true]) {
    const manner = isLate ? 'a promise' : 'a Response'
    test(`the same is given to error by a handler that returns ${manner}: ${what}`, async (t) => {
      const causes: unknown[] = []
      const error = (cause: unknown): Response => {
        causes.push(cause)
        return new Response('mine', { status: 503 })
      }
      const handler = (): Response => new Response(body() as ReadableStream)
      const { connect, errors } = await serve(t, isLate ? async () => handler() : handler, {
        error,
      })
      const { status, text } = await (await connect()).get('/')
      t.deepEqual([status, text, causes, errors], [503, 'mine', [sorry], []])
    })
  }
}

/** A server that has something in the place of errors, and one that has not. */
const OPTIONS = [{}, { error: () => new Response(null, { status: 599 }) }]

for (const [i, options] of OPTIONS.entries()) {
  test(`a head waits for no chunk that does not come: ${i}`, async (t) => {
    const first = gate<string>()
    const headers = { 'Content-Type': 'text/event-stream' }
    const { connect, errors } = await serve(
      t,
      () =>
        new Response(
          pulled(async (controller) => {
            controller.enqueue(Buffer.from(await first.promise))
            controller.close()
          }),
          { headers },
        ),
      options,
    )
    const client = await connect()
    client.send(get('/'))
    t.regex((await client.through('\r\n\r\n')).toString(), /^HTTP\/1.1 200 OK/)
    first.open('data: 1\n\n')
    t.regex((await client.through('data: 1\n\n')).toString(), /data/)
    t.deepEqual(errors, [])
  })
}

test('the body of an error that fails as well is 500', async (t) => {
  const { connect, errors } = await serve(
    t,
    () => {
      throw new Error('first')
    },
    { error: () => new Response(BODIES['in a tick']!() as ReadableStream) },
  )
  t.is((await (await connect()).get('/')).status, 500)
  t.deepEqual(errors, [sorry])
})

test('bodies of one turn that are at hand, late, or fail are each told of its end', async (t) => {
  const later = gate<string>()
  const kinds: (() => unknown)[] = [
    () => 'at hand',
    () =>
      pulled(async (controller) => {
        controller.enqueue(Buffer.from(await later.promise))
        controller.close()
      }),
    () => BODIES['in a tick']!(),
    () =>
      pulled(async (controller) => {
        controller.enqueue(Buffer.from('first, '))
        controller.enqueue(Buffer.from(await later.promise))
        controller.close()
      }),
    () => BODIES['behind an immediate']!(),
  ]
  const expected = ['200 at hand', '200 late', '500', '200 first, late', '500']
  const { connect } = await serve(t, ({ url }) => {
    const made = kinds[Number(new URL(url).pathname.slice(1))]!()
    return new Response(made as string)
  })
  const clients = await Promise.all(Array.from({ length: 60 }, () => connect()))
  for (const [i, client] of clients.entries()) client.send(get(`/${i % 5}`))
  // Nobody waits for those that are late.
  for (const isLate of [false, true]) {
    for (const [i, client] of clients.entries()) {
      const kind = i % 5
      if ((kind === 1 || kind === 3) !== isLate) continue
      const { status, text } = await client.reply()
      t.is(status === 500 ? '500' : `${status} ${text}`, expected[kind]!)
    }
    later.open('late')
  }
})
