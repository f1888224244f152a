import test from 'ava'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytes, file, sse } from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { serve } from '../support/service.ts'
import { chunked, digest, expected } from '../support/upload.ts'

// What veb tests of bodies over V's fasthttp, by the numbers in list.spec.ts.

for (const bodyMode of ['buffer', 'stream'] as const) {
  test(`V 67: a body of 81,920 bytes comes back, ${bodyMode}`, async (t) => {
    const { connect } = await serve(
      t,
      async (req) => {
        const pieces: Buffer[] = []
        for await (const piece of req) pieces.push(piece)
        return bytes(Buffer.concat(pieces))
      },
      { bodyMode },
    )
    const client = await connect()
    const body = randomBytes(81_920)
    for (let i = 0; i < 3; i++)
      t.true((await client.send(post('/', body)).reply()).body.equals(body))
  })

  test(`V 78: 2 MiB of multipart in chunks of 4096 bytes arrive as they were, ${bodyMode}`, async (t) => {
    const { connect } = await serve(t, digest, { bodyMode, maxBodySize: 4 << 20 })
    const boundary = '----boundary'
    const body = Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n`,
      ),
      randomBytes(2 << 20),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ])
    const client = await connect()
    const type = `Content-Type: multipart/form-data; boundary=${boundary}\r\n`
    client.send(chunked('/', body, [4096], type))
    t.is((await client.reply()).text, expected(body))
  })

  test(`V 69: a byte of the body that never comes: 408 and the close, ${bodyMode}`, async (t) => {
    const { connect } = await serve(t, async (req) => (await digest(req)) + req.path, {
      bodyMode,
      bodyTimeout: 2000,
    })
    const client = await connect()
    const got = await client.send(post('/', '0123456789').subarray(0, -1)).reply()
    t.deepEqual([got.status, got.header('connection')], [408, 'close'])
    await client.closed()
  })

  test(`V 70: bytes behind a body are the next request (V drops them; RFC 9112 §6.3), ${bodyMode}`, async (t) => {
    const { connect } = await serve(
      t,
      async (req) => {
        let text = ''
        for await (const piece of req) text += piece.toString()
        return text
      },
      { bodyMode },
    )
    for (const [behind, status] of [
      ['6789', undefined],
      ['6789 / HTTP/1.1\r\nHost: a\r\n\r\n', 200],
      ['6789\r\n\r\n', 400],
    ] as const) {
      const client = await connect()
      client.send(Buffer.concat([post('/', '12345'), Buffer.from(behind)]))
      const got = await client.reply()
      t.deepEqual([got.status, got.text], [200, '12345'])
      if (status !== undefined) t.is((await client.reply()).status, status)
      await client.finish().closed()
    }
  })

  test(`V 77: a head, and its body in a later packet, ${bodyMode}`, async (t) => {
    const { connect } = await serve(t, digest, { bodyMode, ioThreads: 1 })
    const [client, witness] = [await connect(), await connect()]
    const [body, head] = [randomBytes(618), post('/', Buffer.alloc(618)).subarray(0, -618)]
    client.send(head)
    for (let i = 0; i < 3; i++) await witness.get('/')
    t.true(client.isQuiet)
    t.is((await client.send(body).reply()).text, expected(body))
  })
}

test('V 68: a head over the limit is 431 (V: 413; RFC 6585 §5), one below it is taken', async (t) => {
  const { connect } = await serve(t, () => 'ok')
  for (const [size, status] of [
    [15_000, 200],
    [16_384, 431],
    [100_000, 431],
  ] as const) {
    const client = await connect()
    const got = await client.get('/', `X-Large: ${'x'.repeat(size)}\r\n`)
    t.is(got.status, status, `${size}`)
    if (status !== 200) t.is(got.header('connection'), 'close')
  }
})

for (const [number, size] of [
  ['V 71', 20_480],
  ['V 72', 8 << 20],
] as const) {
  test(`${number}: a file of ${size} bytes arrives whole`, async (t) => {
    const path = join(folder(t), 'f')
    const content = randomBytes(size)
    writeFileSync(path, content)
    const { connect } = await serve(t, () => file(path))
    const client = await connect()
    for (let i = 0; i < 2; i++) {
      const got = await client.get('/')
      t.is(got.header('content-length'), String(size))
      t.true(got.body.equals(content))
    }
  })
}

test('V 81: three events with a pause between, and one that says the end', async (t) => {
  async function* events() {
    for (const data of ['1', '2', '3']) {
      yield { event: 'ping', data }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    yield { event: 'close', data: 'bye' }
  }
  const { connect } = await serve(t, () => sse(events()))
  const client = await connect()
  const head = await within('head', client.send(get('/')).through('\r\n\r\n'))
  t.regex(head.toString(), /^Content-Type: text\/event-stream; charset=utf-8\r$/m)
  t.regex(head.toString(), /^Cache-Control: no-cache\r$/m)
  // A persistent connection needs no word for it in HTTP/1.1 (RFC 9112 §9.3).
  t.notRegex(head.toString(), /^Connection/m)
  for (const event of ['ping\ndata: 1', 'ping\ndata: 2', 'ping\ndata: 3', 'close\ndata: bye']) {
    await within(event, client.through(`event: ${event}\n\n\r\n`))
  }
  t.is((await within('end', client.exactly(5))).toString(), '0\r\n\r\n')
  t.is((await client.get('/')).text.split('\n\n').length, 5)
})
