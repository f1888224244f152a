import test from 'ava'
import type { HttpError } from '../../ts/index.ts'
import { gate, until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'
import { digest } from '../support/upload.ts'

const STREAM = { bodyMode: 'stream', maxBodySize: 64 << 20 } as const

const BROKEN: Record<string, [bytes: string, status: number]> = {
  'a chunk without its end': ['5\r\nhelloX', 400],
  'a size that is none': ['5\r\nhello\r\nzz\r\n', 400],
  'more than maxBodySize': [`5\r\nhello\r\n${(1 << 20).toString(16)}\r\n`, 413],
}

for (const [what, [bytes, status]] of Object.entries(BROKEN)) {
  test(`${what}: ${status} to the client, and an error to the reader`, async (t) => {
    const errors: unknown[] = []
    const held = gate()
    const service = await serve(
      t,
      async (req) => {
        try {
          held.open()
          return await digest(req)
        } catch (error) {
          errors.push(error)
          throw error
        }
      },
      { bodyMode: 'stream', maxBodySize: 1 << 20 },
    )
    const client = await service.connect()
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    await within('handler', held.promise)
    client.send(bytes)
    const reply = await client.reply()
    t.deepEqual([reply.status, reply.header('connection')], [status, 'close'])
    await client.closed()
    await until('error', () => errors.length === 1)
    t.is((errors[0] as HttpError).status, status)
    t.deepEqual(service.errors, [])
  })
}

for (const leave of ['finish', 'reset'] as const) {
  test(`a client that leaves in the middle fails the reader: ${leave}`, async (t) => {
    const codes: unknown[] = []
    const arrived = gate()
    const { connect } = await serve(
      t,
      async (req) => {
        arrived.open()
        try {
          return await digest(req)
        } catch (error) {
          codes.push((error as { code?: string }).code)
          return 'too late'
        }
      },
      STREAM,
    )
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nsome')
    await within('handler', arrived.promise)
    client[leave]()
    await until('error', () => codes.length === 1)
    t.deepEqual(codes, ['ECONNRESET'])
  })
}
