import test from 'ava'
import { type Kept, keep, letGo } from '../../ts/crossing/chunk.ts'
import { Lane } from '../../ts/crossing/lane.ts'
import type { NativeServer } from '../../ts/crossing/native.ts'

/** A request that has its bytes in a chunk, and how often it was told to leave that. */
class Waiting implements Kept {
  readonly generation = 1
  next = undefined
  place = -1
  moves = 0
  fails = false

  move(): void {
    if (this.fails) throw new RangeError('no memory')
    this.moves++
  }

  abort(): void {
    // Its client stays.
  }
}

/** A lane, and the chunks that its thread was lent. */
function made(): { lane: Lane; lent: Uint8Array[] } {
  const lent: Uint8Array[] = []
  const lane = new Lane(0)
  lane.attach({ lend: (_: number, bytes: Uint8Array) => void lent.push(bytes) } as NativeServer)
  return { lane, lent }
}

function kept(lane: Lane): Waiting {
  const one = new Waiting()
  keep(lane.chunk, one)
  return one
}

test('a request that is not answered within its batch leaves the chunk when the next one begins', (t) => {
  const { lane, lent } = made()
  const [first, before] = [kept(lane), lane.chunk]
  lane.nextChunk(100, false)
  const second = kept(lane)
  lane.nextChunk(100, false)
  const current = kept(lane)
  t.deepEqual([first.moves, second.moves], [0, 0])
  t.true(lane.shares(before))
  t.is(new Set(lent).size, 6)
  lane.begin()
  t.deepEqual([first.moves, second.moves, current.moves], [1, 1, 0])
  t.false(lane.shares(before))
  t.deepEqual(before.unanswered, [])
  lane.begin()
  t.deepEqual([first.moves, second.moves, current.moves], [1, 1, 0])
})

test('one that is answered meanwhile is not moved', (t) => {
  const { lane } = made()
  const { chunk } = lane
  const [answered, waiting] = [kept(lane), kept(lane)]
  lane.nextChunk(100, false)
  letGo(chunk, answered)
  lane.begin()
  t.deepEqual([answered.moves, waiting.moves], [0, 1])
})

test('without memory it is moved later', (t) => {
  const { lane } = made()
  const one = kept(lane)
  lane.nextChunk(100, false)
  one.fails = true
  t.throws(() => lane.begin(), { message: 'no memory' })
  one.fails = false
  lane.begin()
  t.is(one.moves, 1)
})

/** Chunks to which nobody refers are filled again, so whoever waits in them leaves at once. */
for (const [what, isCopied, noted] of [
  ['all was copied', true, 0],
  ['all were notices', false, 400],
] as const) {
  test(`a chunk of which ${what} is lent again`, (t) => {
    const { lane, lent } = made()
    const { bytes } = lane.chunk
    const one = kept(lane)
    lane.noted = noted
    lane.nextChunk(100, isCopied)
    t.is(one.moves, 1)
    t.is(lent.at(-1), bytes)
    lane.begin()
    t.is(one.moves, 1)
  })
}
