import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import test from 'ava'
import { Numbered } from '../../ts/crossing/numbered.ts'

/** Numbers that repeat themselves, from 0 up to below `most`. */
function* numbers(seed: number, most: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    yield (state >>> 8) % most
  }
}

/** How far apart the numbers are, and how many there may be. */
const SPACED = [
  [1, 4],
  [1, 300],
  [8, 40],
  [-1, 100],
  [1 << 20, 50],
  [0x1fff_ffff, 9],
] as const

for (const [step, most] of SPACED) {
  test(`there is what there would be in a map: ${most} numbers ${step} apart`, (t) => {
    for (let seed = 1; seed <= 10; seed++) {
      const [ours, map] = [new Numbered<{ at: number }>(), new Map<number, { at: number }>()]
      const random = numbers(seed, most)
      const next = (): number => random.next().value as number
      for (let at = 0; at < 2000; at++) {
        const number = (next() * step) | 0
        // More and fewer by turns, so that there are more places and fewer.
        if (next() % 4 < (at % 1000 < 500 ? 3 : 1)) {
          ours.set(number, { at })
          map.set(number, { at })
        } else {
          t.deepEqual(ours.delete(number), map.get(number))
          map.delete(number)
        }
        t.is(ours.size, map.size)
        const other = (next() * step) | 0
        t.deepEqual(ours.get(other), map.get(other))
      }
      const sorted = [...map].toSorted(([a], [b]) => a - b).map(([, value]) => value)
      t.deepEqual(ours.values(), sorted)
    }
  })
}

test('numbers in a row are forgotten in their order, each in no more time than among few', (t) => {
  const ours = new Numbered<object>()
  const one = {}
  for (let number = 0; number < 200_000; number++) ours.set(number, one)
  // With each of them the walk would be along all that are left: 20 thousand million steps.
  for (let number = 0; number < 200_000; number++)
    if (ours.delete(number) !== one) t.fail(String(number))
  t.is(ours.size, 0)
})

test('what went does not survive with what comes', (t) => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options?: { type: 'minor' }) => void
  const ours = new Numbered<number[]>()
  let number = 0
  const churn = (count: number): void => {
    for (const end = number + count; number < end; number++) {
      ours.set(
        number,
        Array.from({ length: 100 }, () => number),
      )
      ours.delete(number - 8)
      if (number % 500 === 0) gc({ type: 'minor' })
    }
  }
  churn(5000)
  gc()
  const before = process.memoryUsage().heapUsed
  let most = 0
  for (let round = 0; round < 40; round++) {
    churn(1000)
    most = Math.max(most, process.memoryUsage().heapUsed - before)
  }
  // With a map these are 25 MB, until all of the heap is collected.
  t.true(most < 10 << 20, `${most} bytes`)
})
