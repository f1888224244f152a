import test from 'ava'
import { nodeOf, VERSIONS } from '../support/nodes.ts'
import { start } from '../support/program.ts'

// Whoever is told that there is no room hears of it when there is, and the next request is read to its end: how node
// counts what is unsent differs by its version.

const WAYS = ['pipe', 'pipeline', 'write', 'whole']

for (const version of VERSIONS)
  for (const threads of ['0', '1'])
    test(`large bodies go both ways on one connection, Node ${version}, ${threads} I/O threads`, async (t) => {
      const node = nodeOf(version)
      if (node === undefined) {
        t.log(`SKIPPED: no Node ${version}; run __test__/fetch-nodes.sh`)
        t.pass()
        return
      }
      for (const way of WAYS) {
        const program = start(t, 'echoing', { node, args: [threads, way] })
        const { code, stdout, stderr } = await program.ended(60_000)
        t.deepEqual({ code, stderr }, { code: 0, stderr: '' }, way)
        t.deepEqual(JSON.parse(stdout), { whole: 22, needsDrain: 0 }, way)
      }
    })
