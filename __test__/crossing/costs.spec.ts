import test from 'ava'
import { array, assert, constantFrom, integer, oneof, property } from 'fast-check'
import { Intake } from '../../ts/request/intake.ts'
import { decodeValue } from '../../ts/request/params.ts'
import { serve } from '../support/service.ts'

// Costs that a client chooses: they grow with what it sends, and no faster.

/** Decodes escapes in a row as the longest stretches that are UTF-8, the slow and plain way. */
function plainly(value: string): string {
  return value.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    let text = ''
    for (let at = 0; at < run.length;) {
      const lengths = [1, 2, 3, 4].filter((length) => at + length * 3 <= run.length)
      const found = lengths
        .map((length) => [length, attempt(run.slice(at, at + length * 3))] as const)
        .find(([, decoded]) => decoded !== undefined)
      text += found === undefined ? run.slice(at, at + 3) : found[1]
      at += 3 * (found?.[0] ?? 1)
    }
    return text
  })
}

function attempt(escapes: string): string | undefined {
  try {
    return decodeURIComponent(escapes)
  } catch {
    return undefined
  }
}

test('escapes are decoded as far as they are UTF-8, whatever is around them', (t) => {
  const byte = oneof(
    integer({ min: 0, max: 255 }),
    constantFrom(0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xa0, 0x9f, 0xed, 0xef),
    constantFrom(0xf0, 0x90, 0x8f, 0xf4, 0xf5, 0xff, 0x25, 0x32, 0x46),
  )
  const escape = byte.map((value) => `%${value.toString(16).padStart(2, '0')}`)
  const piece = oneof(escape, escape, escape, constantFrom('a', '%', '%4', '%zz', '%C3%A9'))
  const values = array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''))
  assert(
    property(values, (value) => decodeValue(value) === plainly(value)),
    { numRuns: 20_000 },
  )
  for (const [value, expected] of [
    ['%e2%82%ac%ff%F0%9F%98%80', '\u20ac%ff\u{1f600}'],
    ['%ed%a0%80%c0%80', '%ed%a0%80%c0%80'],
    ['%f4%90%80%80%2561', '%f4%90%80%80%61'],
  ] as const) {
    t.is(decodeValue(value), expected)
  }
})

test('no exception is made for each escape that is malformed', (t) => {
  const { stackTraceLimit } = Error
  let made = 0
  const prepare = Error.prepareStackTrace
  const original = globalThis.decodeURIComponent
  globalThis.decodeURIComponent = (text) => {
    try {
      return original(text)
    } catch (error) {
      made++
      throw error
    }
  }
  t.teardown(() => {
    globalThis.decodeURIComponent = original
    Error.prepareStackTrace = prepare
    Error.stackTraceLimit = stackTraceLimit
  })
  const value = '%ff%c3'.repeat(1350)
  t.is(decodeValue(value), value)
  t.true(made <= 1)
})

test('pieces of a body that nobody reads are kept as one', async (t) => {
  const intake = new Intake(
    1,
    1,
    () => undefined,
    () => new Error('left'),
  )
  for (let i = 0; i < 8192; i++) intake.push(Buffer.from([i & 0xff]))
  const first = await intake.next()
  t.is((first.value as Buffer).byteLength, 8192)
  t.true((first.value as Buffer).every((byte, i) => byte === (i & 0xff)))
  const sizes = [5000, 3000, 192, 1, 9000, 2, 8190]
  for (const size of sizes) intake.push(Buffer.alloc(size, size & 0xff))
  intake.end(1)
  const all: Buffer[] = []
  for await (const piece of intake) all.push(piece)
  const expected = Buffer.concat(sizes.map((size) => Buffer.alloc(size, size & 0xff)))
  t.true(Buffer.concat(all).equals(expected))
  t.true(all.length <= 5)
})

test('the fields of an upgrade are joined by name, however many', async (t) => {
  const { server, connect } = await serve(t, () => 'none', {
    maxHeadersCount: 4000,
    maxHeaderSize: 200_000,
  })
  const seen: Record<string, unknown>[] = []
  server.on('upgrade', (req: { headers: Record<string, unknown> }, socket: { end(): void }) => {
    seen.push(req.headers)
    socket.end()
  })
  const fields = Array.from({ length: 3000 }, (_, i) => `A${i % 1500}: ${i}\r\n`).join('')
  const special = 'Cookie: a\r\ncookie: b\r\n__proto__: p\r\n'
  const upgrade = 'Connection: upgrade\r\nUpgrade: websocket\r\n'
  const client = await connect()
  client.send(`GET / HTTP/1.1\r\nHost: a\r\n${upgrade}${special}${fields}\r\n`)
  await client.gone()
  const [headers] = seen
  t.is(headers?.['a7'], '7, 1507')
  t.is(headers?.['cookie'], 'a; b')
  t.is(headers?.['__proto__'], 'p')
  t.is(Object.keys(headers ?? {}).length, 1505)
})
