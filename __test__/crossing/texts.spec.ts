import test from 'ava'
import { bytesOver } from '../../ts/crossing/bytes.ts'
import { textAt } from '../../ts/crossing/texts.ts'

const all = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 167 + (i >> 4) * 29) & 0xff))
const bytes = bytesOver(all.buffer, all.byteOffset, all.length)

test('a text is what its bytes say, whichever were read before', (t) => {
  // Twice, so that texts are found that were kept; near ones have the same place.
  for (let round = 0; round < 2; round++) {
    for (let start = 0; start < 4000; start++) {
      for (const length of [0, 1, 2, 3, 11, 12, 13, 40]) {
        const text = textAt(bytes, start, start + length)
        if (text !== all.toString('latin1', start, start + length)) t.fail(`${start} ${length}`)
      }
    }
  }
  t.pass()
})

test('texts that share length, middle and end are told apart by any other byte', (t) => {
  const like = Buffer.from('/users/abcde')
  const own = bytesOver(like.buffer, like.byteOffset, like.length)
  for (let at = 0; at < like.length; at++) {
    const before = like[at] as number
    for (const byte of [before, 0x21, 0xff, before]) {
      like[at] = byte
      t.is(textAt(own, 0, like.length), like.toString('latin1'))
    }
  }
})
