import test from 'ava'
import { nodeOf, VERSIONS } from '../support/nodes.ts'
import { start } from '../support/program.ts'

// Tools that watch async resources keep something for each of them until they hear of its end.

interface Counts extends Readonly<
  Record<'init' | 'before' | 'after' | 'destroy' | 'late', number>
> {
  /** Class, type and whether it names the connection, of those that requests are handled in. */
  readonly kinds: readonly string[]
}

/** What every resource of a server owes to its watchers. */
function owed({ init, before, after, destroy, late, kinds }: Counts): object {
  return {
    begun: init > 0,
    entered: before > 0,
    open: init - destroy,
    inside: before - after,
    late,
    kinds,
  }
}

for (const version of VERSIONS) {
  test.serial(`resources of requests end as those of Node ${version}`, async (t) => {
    const node = nodeOf(version)
    if (node === undefined) {
      t.log(`SKIPPED: no Node ${version}; run __test__/fetch-nodes.sh`)
      t.pass()
      return
    }
    const told: Counts[] = []
    for (const door of ['node:http', 'fasthttp/node']) {
      const program = start(t, 'async-hooks', { node, args: [door] })
      const { code, stdout, stderr } = await program.ended(60_000)
      t.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      told.push(JSON.parse(stdout) as Counts)
    }
    const [stock, ours] = told as [Counts, Counts]
    t.deepEqual(owed(ours), owed(stock))
    t.deepEqual(owed(stock), {
      begun: true,
      entered: true,
      open: 0,
      inside: 0,
      late: 0,
      kinds: stock.kinds,
    })
    t.true(stock.kinds.length > 0)
  })
}
