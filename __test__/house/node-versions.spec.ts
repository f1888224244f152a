import test from 'ava'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { start } from '../support/program.ts'
import { inParallel } from '../support/service.ts'
import { root } from '../support/root.ts'

// `__test__/fetch-nodes.sh` gets these.
const folder = `${root}__test__/.nodes/`

/** The binary of a version: FASTHTTP_NODE_22 and so on, or what was fetched. */
function binary(version: number): string | undefined {
  const path = process.env[`FASTHTTP_NODE_${version}`] ?? `${folder}node-${version}`
  return existsSync(path) ? path : undefined
}

for (const version of [20, 22, 24, 26]) {
  const own = process.versions.node.startsWith(`${version}.`)
  const node = own ? process.execPath : binary(version)

  test.serial(`Node ${version} loads the binary, serves, and keeps users apart`, async (t) => {
    if (node === undefined) {
      t.log(`SKIPPED: no Node ${version}; run __test__/fetch-nodes.sh`)
      t.pass()
      return
    }
    t.log(execFileSync(node, ['--version']).toString().trim())
    const { code, signal, stderr, stdout } = await start(t, 'smoke', { node }).ended()
    t.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
    t.true(stdout.startsWith(`v${version}.`))
  })

  test.serial(`Node ${version} survives process.exit under load`, async (t) => {
    if (node === undefined) {
      t.pass()
      return
    }
    const rounds = Array.from({ length: 20 }, (_, i) => String(1 + i * 37))
    await inParallel(rounds, 2, async (after) => {
      const args = [after, Number(after) % 2 === 0 ? 'handler' : 'immediate']
      const { code, signal, stderr } = await start(t, 'exit-under-load', { node, args }).ended()
      t.deepEqual({ code, signal, stderr }, { code: 7, signal: null, stderr: '' }, args.join(' '))
    })
  })

  test.serial(`Node ${version} survives the end of worker threads under load`, async (t) => {
    if (node === undefined) {
      t.pass()
      return
    }
    const program = start(t, 'terminate-workers', { node, args: ['24'] })
    // Each round has a deadline of its own.
    while ((await program.line()) !== '24 rounds');
    const { code, signal, stderr } = await program.ended()
    t.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  })
}
