import test from 'ava'
import { bytesOver } from '../../ts/crossing/bytes.ts'
import { Pieces } from '../../ts/crossing/pieces.ts'

// What is written lies behind what others have written: no piece takes more than it was measured to take.

/** Memory that can grow, of either kind. */
interface Growing {
  readonly view: Uint8Array
  grow(): void
}

const SIZE = 8
type Maker = new (size: number, options: { maxByteLength: number }) => ArrayBufferLike

const KINDS: Readonly<Record<string, () => Growing>> = {
  'memory of its own': () => {
    const buffer = new (ArrayBuffer as unknown as Maker)(SIZE, { maxByteLength: SIZE * 4 })
    const { resize } = buffer as unknown as { resize(size: number): void }
    return { view: new Uint8Array(buffer), grow: () => resize.call(buffer, SIZE * 4) }
  },
  'shared memory': () => {
    const buffer = new (SharedArrayBuffer as unknown as Maker)(SIZE, { maxByteLength: SIZE * 4 })
    const { grow } = buffer as unknown as { grow(size: number): void }
    return { view: new Uint8Array(buffer), grow: () => grow.call(buffer, SIZE * 4) }
  },
}

for (const [kind, make] of Object.entries(KINDS)) {
  for (const behind of [0, 1]) {
    test(`${kind} that grows when it is measured is written nowhere, with ${behind} behind`, (t) => {
      const { view, grow } = make()
      const pieces = new Pieces()
      pieces.add(view.fill(1), undefined, false)
      for (let i = 0; i < behind; i++) pieces.add(new Uint8Array(4).fill(2), undefined, false)
      const room = pieces.most()
      t.is(room, SIZE + behind * 4)
      grow()
      view.fill(1)
      const all = bytesOver(new ArrayBuffer(SIZE * 8), 0, SIZE * 8)
      t.throws(() => pieces.write(all, 0, room), { instanceOf: RangeError })
      t.deepEqual([...all.subarray(room)].filter(Boolean), [])
    })
  }

  test(`${kind} that does not grow is written`, (t) => {
    const { view } = make()
    const pieces = new Pieces()
    pieces.add('00ff', 'hex', false)
    pieces.add(view.fill(1), undefined, false)
    const all = bytesOver(new ArrayBuffer(64), 0, 64)
    t.is(pieces.write(all, 0, pieces.most()), 2 + SIZE)
    t.deepEqual([...all.subarray(0, 2 + SIZE)], [0, 255, ...Array.from({ length: SIZE }, () => 1)])
  })
}
