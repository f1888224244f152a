import test from 'ava'
import { start } from '../support/program.ts'

// What keeps a process alive whose server does not: connections that are open.

/** What is said by a process that lives until its client has left. */
const LIVES = ['client closed', 'data', 'data', 'later', 'nothing left']

const CASES: [how: string, said: readonly string[] | undefined][] = [
  ['open', LIVES],
  ['unanswered', LIVES.toSpliced(1, 1)],
  ['silent', LIVES.toSpliced(1, 1)],
  ['loose, and not', LIVES],
  ['kept again', ['closed', ...LIVES].toSorted()],
  // These end at once, whatever their client has heard by then.
  ['loose', undefined],
  ['loose, and closing', undefined],
  ['destroyed', undefined],
  ['upgraded', undefined],
]

// Ours by the number of its threads.
for (const whose of ['stock', '0', '2'])
  for (const [how, said] of CASES)
    test(`a process with a connection that is ${how}: ${whose}`, async (t) => {
      // An hour is later than any deadline.
      const later = said === undefined ? 3_600_000 : 200
      const program = start(t, 'holding-server', { args: [whose, how, String(later)] })
      const { code, stdout, stderr } = await program.ended()
      t.deepEqual([code, stderr], [0, ''])
      const lines = stdout.trim().split('\n')
      t.is(lines.at(-1), 'nothing left')
      if (said === undefined) t.false(lines.includes('later'))
      else t.deepEqual(lines.toSorted(), said)
    })
