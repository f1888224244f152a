import test from 'ava'
import type { FetchRequest } from '../../ts/fetch/index.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from './served.ts'

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n'

/** Gives what it throws. */
async function errorOf(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return { read: await read() }
  } catch (error) {
    return error
  }
}

/** Ways to read a body of which a part has arrived. */
const READS: Record<string, (req: FetchRequest) => Promise<unknown>> = {
  text: (req) => req.text(),
  json: (req) => req.json(),
  bytes: (req) => (req as unknown as { bytes: () => Promise<unknown> }).bytes(),
  arrayBuffer: (req) => req.arrayBuffer(),
  blob: (req) => req.blob(),
  'the stream': (req) => req.body!.getReader().read(),
  "the platform's request": (req) => req.native().text(),
  'a clone': (req) => req.clone().text(),
}

for (const leave of ['finish', 'reset'] as const) {
  for (const [what, read] of Object.entries(READS)) {
    test(`a body fails with the reason of the signal: ${leave} while ${what} is read`, async (t) => {
      const begun = gate()
      const seen: unknown[] = []
      const { connect, errors } = await serve(t, async (req) => {
        const reading = errorOf(() => read(req))
        begun.open()
        seen.push(await reading, req.signal.reason)
        return new Response('too late')
      })
      const client = await connect()
      client.send(HEAD)
      await within('handler', begun.promise)
      client[leave]()
      await until('error', () => seen.length === 2)
      const [error, reason] = seen as (Error & { code?: unknown })[]
      t.is(error, reason)
      if (error === undefined) throw new Error('there is no error')
      t.deepEqual(
        [error.name, error.code, error instanceof Error],
        ['AbortError', 'ECONNRESET', true],
      )
      t.deepEqual(errors, [])
    })
  }
}

const WAITS = { 'the end of the stream': (req: FetchRequest) => req.body!.getReader().closed }

for (const [what, read] of Object.entries({ ...READS, ...WAITS })) {
  test(`what has arrived of a body is not read once the client has left: ${what}`, async (t) => {
    const begun = gate()
    const seen: unknown[] = []
    const { connect } = await serve(t, async (req) => {
      const { signal } = req
      begun.open()
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      seen.push(signal.reason, await errorOf(() => read(req)))
      return new Response('too late')
    })
    const client = await connect()
    client.send(`${HEAD}partial`)
    await within('handler', begun.promise)
    client.reset()
    await until('error', () => seen.length === 2)
    t.is(seen[1], seen[0])
  })
}

test('the reason is one, whoever asks for it and when', async (t) => {
  const signals: AbortSignal[] = []
  const { connect } = await serve(t, (req) => {
    signals.push(req.signal, req.native().signal, req.clone().signal)
    return new Promise<Response>(() => undefined)
  })
  const client = await connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await until('handler', () => signals.length === 3)
  client.reset()
  await until('abort', () => signals.every(({ aborted }) => aborted))
  t.is(new Set(signals.map(({ reason }) => reason as unknown)).size, 1)
  const [signal] = signals as [AbortSignal]
  t.is((signal.reason as { code?: unknown }).code, 'ECONNRESET')
})
