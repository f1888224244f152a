import test from 'ava'
import { nodeOf, VERSIONS } from '../support/nodes.ts'
import { start } from '../support/program.ts'

for (const version of VERSIONS) {
  const node = nodeOf(version)
  const run = node === undefined ? test.skip : test
  run(`Node ${version}: bodies have the young collected, and not the whole heap`, async (t) => {
    const program = start(t, 'nursery', { args: ['768'], node: node as string })
    const { young, all } = JSON.parse(await program.line()) as { young: number; all: number }
    t.true(young >= 20, `${young} times`)
    t.true(all <= young / 2, `${all} times, beside ${young}`)
  })
}
