import test from 'ava'
import { bytes, type HttpResult, text } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { serve } from '../support/service.ts'

/** Bytes whose value tells their place. */
function pattern(memory: Uint8Array): Uint8Array {
  for (let i = 0; i < memory.length; i++) memory[i] = (i * 31 + (i >> 8)) & 0xff
  return memory
}

/** Memory that can grow; TypeScript's library does not know it yet. */
function resizable<T extends ArrayBufferLike>(Buffer: new (size: number) => T, size: number): T {
  const Resizable = Buffer as new (size: number, options: { maxByteLength: number }) => T
  return new Resizable(size, { maxByteLength: size * 2 + 8 })
}

/** Memory that nobody can detach; its types are in TypeScript's library for browsers only. */
function webAssembly(size: number): ArrayBuffer {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { Memory: new (pages: { initial: number }) => { buffer: ArrayBuffer } }
  }
  return new WebAssembly.Memory({ initial: (size >> 16) + 1 }).buffer
}

/** How a large body may be given. */
const GIVEN: Record<string, (size: number) => HttpResult> = {
  text: (size) => 'x'.repeat(size),
  'text of two bytes each': (size) => text('é'.repeat(size >> 1)),
  bytes: (size) => bytes(pattern(new Uint8Array(size))),
  'a part of bytes': (size) => bytes(pattern(new Uint8Array(size + 9)).subarray(0, size)),
  'bytes given up': (size) => bytes(pattern(new Uint8Array(size)), { transfer: true }),
  'a pooled Buffer given up': (size) =>
    bytes(size > 4096 ? pattern(new Uint8Array(size)) : pattern(Buffer.allocUnsafe(size)), {
      transfer: true,
    }),
  'shared bytes given up': (size) =>
    bytes(pattern(new Uint8Array(new SharedArrayBuffer(size))), { transfer: true }),
  'resizable bytes': (size) => bytes(pattern(new Uint8Array(resizable(ArrayBuffer, size)))),
  'resizable bytes given up': (size) =>
    bytes(pattern(new Uint8Array(resizable(ArrayBuffer, size))), { transfer: true }),
  'growable shared bytes given up': (size) =>
    bytes(pattern(new Uint8Array(resizable(SharedArrayBuffer, size))), { transfer: true }),
  'WebAssembly memory given up': (size) =>
    bytes(pattern(new Uint8Array(webAssembly(size), 0, size)), { transfer: true }),
  'shared bytes': (size) => bytes(pattern(new Uint8Array(new SharedArrayBuffer(size)))),
}
const SIZES = [0, 2, 4096, 16_382, 16_384, 16_386, 64 << 10, 1 << 20, 20 << 20]

for (const [name, give] of Object.entries(GIVEN)) {
  test(`bodies of all sizes arrive as they were: ${name}`, async (t) => {
    const { connect, errors } = await serve(t, (req) => give(Number(req.path.slice(1))))
    const client = await connect()
    for (const size of SIZES) {
      const { body } = await client.get(`/${size}`)
      const expected = name.startsWith('text')
        ? Buffer.from(name === 'text' ? 'x'.repeat(size) : 'é'.repeat(size >> 1))
        : Buffer.from(pattern(new Uint8Array(size)))
      t.true(body.equals(expected), `${size}`)
    }
    t.deepEqual(errors, [])
  })
}

/** Texts of the same number of code units, of one to four bytes a character. */
const ALPHABETS = [
  'a',
  'é',
  '☃',
  '😀',
  'aé☃😀',
  '\ud800',
  'a\udc00',
  '\0\x7f\x80\u07ff\u0800\uffff',
]

test('texts of every length around the limits are encoded as TextEncoder does', async (t) => {
  const lengths = [0, 1, 2, 3, 31, 32, 33, 34, 5460, 5461, 5462, 16_383, 16_384, 16_385, 49_152]
  const texts = ALPHABETS.flatMap((alphabet) =>
    lengths.map((length) => alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length)),
  )
  const { connect, errors } = await serve(t, (req) => texts[Number(req.path.slice(1))] ?? '')
  const client = await connect()
  const encoder = new TextEncoder()
  for (const [i, sent] of texts.entries()) {
    const { body } = await client.get(`/${i}`)
    t.true(body.equals(encoder.encode(sent)), `${i} ${sent.length}`)
  }
  t.deepEqual(errors, [])
})

test('a character beyond ASCII at any place of a short text is encoded right', async (t) => {
  const texts: string[] = []
  for (let length = 1; length <= 36; length++) {
    for (let at = 0; at < length; at++)
      texts.push(`${'a'.repeat(at)}é${'b'.repeat(length - at - 1)}`)
  }
  const { connect } = await serve(t, (req) => texts[Number(req.path.slice(1))] ?? '')
  const client = await connect()
  for (let first = 0; first < texts.length; first += 100) {
    const group = texts.slice(first, first + 100)
    client.send(group.map((_, i) => get(`/${first + i}`)).join(''))
    for (const sent of group) t.is((await client.reply()).text, sent)
  }
})

/** Sizes that divide neither each other nor the ring, with reasons and fields of odd lengths. */
function awkward(i: number): number {
  return (i * 7919) % 16_500
}

for (const readers of ['that reads', 'that reads late']) {
  test(`the ring wraps without a fault for a client ${readers}`, async (t) => {
    const COUNT = 1500
    const { connect, errors } = await serve(
      t,
      (req) => {
        const i = Number(req.path.slice(1))
        const headers = { 'X-Odd': 'o'.repeat(i % 13), 'X-Number': String(i) }
        const body = String.fromCharCode(0x61 + (i % 26)).repeat(awkward(i))
        const statusText = 'R'.repeat(i % 7)
        if (i % 3 === 0) return bytes(Buffer.from(body), { headers, statusText })
        return i % 3 === 1 ? text(body, { headers, statusText }) : Promise.resolve(body)
      },
      { maxPipelined: 1000, maxUnsentBytes: 64 << 20 },
    )
    const client = await connect()
    if (readers === 'that reads late') client.socket.pause()
    client.send(Array.from({ length: COUNT }, (_, i) => get(`/${i}`)).join(''))
    if (readers === 'that reads late') {
      const other = await connect()
      for (let i = 0; i < 50; i++) t.is((await other.get(`/${i}`)).body.length, awkward(i))
      client.socket.resume()
    }
    let faults = 0
    for (let i = 0; i < COUNT; i++) {
      const got = await client.reply()
      const letter = 0x61 + (i % 26)
      const isWhole = got.body.length === awkward(i) && got.body.every((byte) => byte === letter)
      const isNamed = i % 3 === 2 || got.header('x-number') === String(i)
      if (!isWhole || !isNamed) faults++
    }
    t.is(faults, 0)
    t.deepEqual(errors, [])
  })
}

test('more answers in one turn than the ring holds arrive all the same', async (t) => {
  const waiting: (() => void)[] = []
  const COUNT = 400
  const { connect } = await serve(
    t,
    (req) =>
      new Promise<string>((resolve) => {
        waiting.push(() => resolve(req.path.padEnd(5000, '.')))
        if (waiting.length === COUNT) for (const answer of waiting) answer()
      }),
    { maxPipelined: COUNT, maxUnsentBytes: 64 << 20 },
  )
  const client = await connect()
  client.send(Array.from({ length: COUNT }, (_, i) => get(`/${i}`)).join(''))
  for (let i = 0; i < COUNT; i++) t.is((await client.reply()).text, `/${i}`.padEnd(5000, '.'))
})
