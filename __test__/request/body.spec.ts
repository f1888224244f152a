import test from 'ava'
import { createHash } from 'node:crypto'
import { serve } from '../support/service.ts'

const LIMIT = 1 << 20

/** Bytes without a pattern that a shift would hide. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let state = size + 1
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    bytes[i] = state >> 16
  }
  return bytes
}

function digest(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex')
}

/** A body in the framing that its name says. */
function framed(framing: string, body: Buffer): Buffer {
  const head = 'POST /path HTTP/1.1\r\nHost: a.test\r\nX-Last: last\r\n'
  if (framing === 'length') {
    return Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body])
  }
  const size = framing === 'large chunks' ? 70_000 : 1000
  const parts: Uint8Array[] = [Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`)]
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.subarray(at, at + size)
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

// Around the sizes of chunks, read buffers and the limit.
const SIZES = [0, 1, 1000, 16_383, 32_700, 32_768, 33_000, 65_400, 65_536, 66_000, 200_000, LIMIT]

for (const framing of ['length', 'small chunks', 'large chunks']) {
  for (const pieces of ['one write', 'pieces']) {
    test(`bodies of all sizes arrive whole: ${framing}, ${pieces}`, async (t) => {
      const { connect } = await serve(t, (req) =>
        [req.body.length, digest(req.body), req.path, req.header('x-last')].join(),
      )
      const client = await connect()
      for (const size of SIZES) {
        const body = noise(size)
        const bytes = framed(framing, body)
        const step = pieces === 'pieces' ? Math.max(7, Math.floor(bytes.length / 9)) : bytes.length
        for (let at = 0; at < bytes.length; at += step) {
          client.send(bytes.subarray(at, at + step))
          await new Promise((resolve) => setImmediate(resolve))
        }
        t.is((await client.reply()).text, [size, digest(body), '/path', 'last'].join())
      }
    })
  }
}

test('large bodies on many connections at once do not mix', async (t) => {
  const { connect } = await serve(t, async (req) => {
    await new Promise((resolve) => setImmediate(resolve))
    return digest(req.body)
  })
  await Promise.all(
    Array.from({ length: 24 }, async (_, i) => {
      const client = await connect()
      for (let n = 0; n < 4; n++) {
        const body = noise(100_000 + i * 1000 + n)
        t.is((await client.send(framed('length', body)).reply()).text, digest(body))
      }
    }),
  )
})

for (const framing of ['length', 'small chunks', 'large chunks']) {
  test(`one byte more than maxBodySize is 413, and the handler does not hear of it: ${framing}`, async (t) => {
    let calls = 0
    const { connect } = await serve(t, () => String(++calls), { maxBodySize: 100_000 })
    const fits = await connect()
    t.is((await fits.send(framed(framing, noise(100_000))).reply()).text, '1')
    const client = await connect()
    const reply = await client.send(framed(framing, noise(100_001))).reply()
    t.is(reply.status, 413)
    t.is(reply.header('connection'), 'close')
    await client.closed()
    t.is(calls, 1)
  })
}

test('a large head arrives whole up to maxHeaderSize', async (t) => {
  const { connect } = await serve(t, (req) => `${req.headers.size} ${req.header('x-0')?.length}`, {
    maxHeaderSize: 200_000,
    maxHeadersCount: 5000,
  })
  const client = await connect()
  const long = `GET / HTTP/1.1\r\nHost: a\r\nX-0: ${'v'.repeat(150_000)}\r\n\r\n`
  t.is((await client.send(long).reply()).text, '2 150000')
  const lines = Array.from({ length: 4900 }, (_, i) => `X-${i}: value of ${i}\r\n`).join('')
  const many = await client.send(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`).reply()
  t.is(many.text, '4901 10')
})
