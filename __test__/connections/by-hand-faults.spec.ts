import test from 'ava'
import { once } from 'node:events'
import { get } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

// Writers of responses by hand whose client is gone, or whose bytes are.

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'

for (const leave of ['finish', 'reset'] as const) {
  test(`whoever begins it when the client has left hears of that: ${leave}`, async (t) => {
    const failed = gate<Error>()
    const arrived = gate()
    const { connect, server, errors } = await serve(t, async (req) => {
      const aborted = once(req.signal, 'abort')
      arrived.open()
      await aborted
      req.raw().on('error', failed.open).write(`${HEAD}h`)
      return ''
    })
    const client = await connect()
    client.send(get('/'))
    await within('handler', arrived.promise)
    client[leave]()
    t.is(((await within('error', failed.promise)) as NodeJS.ErrnoException).code, 'ECONNRESET')
    await until('no connection', () => server.stats().connections.open === 0)
    t.deepEqual(errors, [])
  })
}

test('bytes whose memory was transferred are an error, and are not left out', async (t) => {
  const failed = gate<Error>()
  const { connect } = await serve(t, (req) => {
    const gone = Buffer.from(new ArrayBuffer(8))
    structuredClone(gone.buffer, { transfer: [gone.buffer] })
    const out = req.raw().on('error', failed.open)
    out.write(HEAD)
    out.write('hi')
    out.write(gone)
    return ''
  })
  const client = await connect()
  client.send(get('/'))
  t.regex((await within('error', failed.promise)).message, /detached/)
  await client.gone()
})
