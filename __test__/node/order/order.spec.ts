import test from 'ava'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeOf, VERSIONS } from '../../support/nodes.ts'
import { start } from '../../support/program.ts'
import { root } from '../../support/root.ts'
import { complaint, difference, type Played } from './compare.ts'
import type { Way } from './scenario.ts'

// What happens on a server and in which order, with node's own and with `fasthttp/node`: the same scenarios are
// played with both, on each Node that is here, and compared.

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, unknown>
}
const RUNNING = Number(process.versions.node.split('.')[0])
const DOOR = './node' in manifest.exports ? 'fasthttp/node' : 'node:http'

/** What differs in these is the same on all of them: who listens, what the addon tells, and when it does. */
const WAYS: readonly (readonly [version: number, way: Way])[] = [
  ...VERSIONS.map((version) => [version, 'plain'] as const),
  [RUNNING, 'given'],
  [RUNNING, 'quiet'],
  [RUNNING, 'threads'],
]
const HOW: Record<Way, string> = {
  plain: '',
  given: ', listening by a handle',
  quiet: ', where nobody listens to connections',
  threads: ', with I/O threads',
}

for (const [version, way] of WAYS) {
  test.serial(`events come in the order of Node ${version}${HOW[way]}`, async (t) => {
    const node = nodeOf(version)
    if (node === undefined) {
      t.log(`SKIPPED: no Node ${version}; run __test__/fetch-nodes.sh`)
      t.pass()
      return
    }
    t.timeout(600_000)
    const program = start(t, '__test__/node/order/main', { node, args: [DOOR, '', way] })
    const { code, stdout, stderr } = await program.ended(570_000)
    t.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    const played = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Played)
    t.true(played.length >= 140)
    const wrong = played.flatMap((scenario) => complaint(scenario, DOOR) ?? [])
    for (const text of wrong) t.log(text)
    const again = played.filter(({ attempts }) => attempts > 1).map(({ name }) => name)
    if (again.length > 0) t.log(`played more than once: ${again.join('; ')}`)
    t.is(wrong.length, 0, `${wrong.length} of ${played.length} scenarios`)
  })
}

const CASES: [
  what: string,
  played: Omit<Played, 'name' | 'attempts'>,
  lines: RegExp | undefined,
  same: boolean,
][] = [
  ['the same', { stock: [['a 1', 'b']], ours: [['a 1', 'b']] }, undefined, true],
  ['another order', { stock: [['a 1', 'b']], ours: [['b', 'a 1']] }, undefined, false],
  [
    'another order where stock has none',
    {
      stock: [
        ['a', 'b'],
        ['b', 'a'],
      ],
      ours: [['b', 'a']],
    },
    undefined,
    true,
  ],
  [
    'another line of one object where stock has no order',
    {
      stock: [
        ['a x', 'b y'],
        ['b y', 'a x'],
      ],
      ours: [['b z', 'a x']],
    },
    undefined,
    false,
  ],
  ['once in two', { stock: [['a']], ours: [['a'], ['b']] }, undefined, false],
  ['what is not compared', { stock: [['a', 'b']], ours: [['a']] }, /^b/, true],
  ['a scenario that fails', { stock: [['a']], ours: [['it failed: late']] }, undefined, false],
]

for (const [what, played, lines, same] of CASES) {
  test(`a comparison of ${what}`, (t) => {
    t.is(difference({ name: what, attempts: 1, ...played }, lines) === undefined, same)
  })
}
