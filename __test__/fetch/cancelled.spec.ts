import test from 'ava'
import { PassThrough, Readable } from 'node:stream'
import { get } from '../support/client.ts'
import { until } from '../support/deadline.ts'
import { serve } from './served.ts'

/** A stream of Node that has much at hand. */
function full(): PassThrough {
  const body = new PassThrough()
  for (let i = 0; i < 30; i++) body.write(Buffer.alloc(3000))
  return body
}

/** A `Response` as libraries have them that are older than the platform's. */
function older(status: number, body: Readable): Response {
  const tag = { [Symbol.toStringTag]: 'Response' }
  return { ...tag, status, statusText: '', headers: new Headers(), body } as unknown as Response
}

const MADE: Record<string, (status: number, body: Readable) => Response> = {
  // Of itself the platform lets none have a body with 304.
  'the platform has made a stream of it': (status, body) =>
    Object.defineProperty(new Response(Readable.toWeb(body) as ReadableStream), 'status', {
      value: status,
    }),
  'it is the body': older,
}

for (const [what, made] of Object.entries(MADE)) {
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 304],
  ] as const) {
    test(`a Readable is ended by an answer without body, ${method} ${status}: ${what}`, async (t) => {
      const bodies: PassThrough[] = []
      const { connect, errors } = await serve(t, () => {
        const body = full()
        bodies.push(body)
        return made(status, body)
      })
      const client = await connect()
      // Many, since what goes wrong ends the process.
      for (let count = 1; count <= 20; count++) {
        client.send(get('/').replace('GET', method))
        t.is((await client.reply(method)).status, status)
        await until('its end', () => bodies.length === count && bodies.every((one) => one.closed))
      }
      t.deepEqual(errors, [])
    })
  }
}
