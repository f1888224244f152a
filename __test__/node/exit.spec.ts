import test from 'ava'
import { connectFor } from '../support/service.ts'
import { start } from '../support/program.ts'

// A process that exits behind an answer: it was given, so the client gets it.

const PLACES: [where: string, code: number][] = [
  ['handler', 7],
  ['finish', 7],
  ['tick', 7],
  ['promise', 7],
  ['callback', 7],
  ['throw', 1],
]

// Ours by the number of its threads.
for (const whose of ['stock', '0', '1'])
  for (const [where, code] of PLACES)
    for (const size of [1, 40_000])
      test(`an answer of ${size} bytes is sent by a process that exits: ${where}, ${whose}`, async (t) => {
        const program = start(t, 'exiting-server', { args: [whose, where, String(size)] })
        const client = await connectFor(t, Number(await program.line()))
        const { status, text } = await client.get('/')
        t.deepEqual([status, text.length], [200, size])
        t.is((await program.ended()).code, code)
      })
