import test, { type ExecutionContext } from 'ava'
import { type Case, cases, families } from '../support/cases.ts'
import { faultOf, type Rig, startRig, type Way } from './conformance.ts'
import { gate } from '../support/deadline.ts'
import { inParallel } from '../support/service.ts'

/** Connections at a time. */
const LIMIT = 64
/** The size up to which a case is also sent byte by byte. */
const BYTEWISE = 1024

const score = new Map<string, [right: number, all: number]>()

async function run(
  t: ExecutionContext,
  title: string,
  list: readonly [Case, Way][],
): Promise<void> {
  const rig: Rig = await startRig(t)
  const faults: string[] = []
  await inParallel(list, LIMIT, async ([one, way]) => {
    const fault = await faultOf(rig, one, way)
    if (fault !== undefined) faults.push(fault)
  })
  score.set(title, [list.length - faults.length, list.length])
  t.deepEqual(faults, [])
  t.deepEqual(rig.service.errors, [])
}

const table = cases()
const done = gate()
const areas = [...new Set(table.map(({ area }) => area))]
let left = areas.length * 2 + 2

/** Runs a list when its test's turn comes, and opens the gate behind the last one. */
function scored(title: string, promise: string, list: readonly [Case, Way][]): void {
  test.serial(promise, async (t) => {
    try {
      await run(t, title, list)
    } finally {
      if (--left === 0) done.open()
    }
  })
}

for (const area of areas) {
  const ofArea = table.filter((one) => one.area === area)
  const short = ofArea.filter(({ bytes }) => bytes.length <= BYTEWISE)
  scored(
    `${area}, whole`,
    `every ${area} case ends as the table says`,
    ofArea.map((one) => [one, 'whole']),
  )
  scored(
    `${area}, byte by byte`,
    `every ${area} case ends as the table says, byte by byte`,
    short.map((one) => [one, 'byte by byte']),
  )
}
const all = families()
scored(
  'families, whole',
  'every byte of every family ends as the table says',
  all.flatMap((family) => family.cases.map((one): [Case, Way] => [one, 'whole'])),
)
scored(
  'families, byte by byte',
  'the edges of every family end as the table says, byte by byte',
  all.flatMap((family) => family.edges.map((one): [Case, Way] => [one, 'byte by byte'])),
)

test.serial('the score is complete', async (t) => {
  await done.promise
  const [right, sum] = [...score.values()].reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0])
  for (const [title, [passed, count]] of score) t.log(`${title}: ${passed} of ${count}`)
  t.log(`in all: ${right} of ${sum}`)
  t.is(score.size, areas.length * 2 + 2)
  t.is(right, sum)
})
