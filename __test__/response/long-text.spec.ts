import test from 'ava'
import { get } from '../support/client.ts'
import { serve } from '../support/service.ts'

/** Texts by what their characters take in UTF-8, of which the thread's memory has room for so many. */
const UNITS: Record<string, string> = {
  'one byte each': 'a',
  'two bytes each': 'ü',
  'three bytes each': '€',
  'four bytes for two': '😀',
  'halves of pairs': '\ud83d',
  'one byte, and one of three at the end': 'a',
}

/** Around a third of 16 KiB, half and all of it, where texts take another way. */
const LENGTHS = [5300, 5461, 5462, 8000, 8191, 8192, 10_240, 16_000, 16_300, 16_384, 16_385, 20_000]

const TEXTS = Object.entries(UNITS).flatMap(([what, unit]) =>
  LENGTHS.map((length) => {
    const text = unit.repeat(Math.ceil(length / unit.length))
    return what.endsWith('at the end') ? `${text.slice(1)}€` : text
  }),
)

for (const ioThreads of [0, 1]) {
  test(`long texts arrive as UTF-8, again and again; ${ioThreads} threads`, async (t) => {
    const { connect } = await serve(t, (req) => TEXTS[Number(req.path.slice(1))] ?? 'none', {
      ioThreads,
    })
    const client = await connect()
    // Often enough for the memory to be used three times, from another place each time.
    for (let round = 0; round < 3; round++) {
      for (const place of TEXTS.keys()) client.send(get(`/${place}`))
      for (const [place, text] of TEXTS.entries()) {
        const { body, header } = await client.reply()
        const expected = Buffer.from(text)
        t.true(body.equals(expected), `${place}: ${body.length} of ${expected.length}`)
        t.is(header('content-length'), String(expected.length))
      }
    }
  })
}
