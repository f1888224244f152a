import test from 'ava'
import { join } from 'node:path'
import { folder } from '../support/folder.ts'
import { nodeOf } from '../support/nodes.ts'
import { start } from '../support/program.ts'

// Where Node's permissions say who may listen, a program may with ours what it may with node's server.

const FILES = ['--allow-fs-read=*', '--allow-fs-write=*']
const CASES: [flags: string[], said: string][] = [
  [['--permission', '--allow-addons'], 'thrown ERR_ACCESS_DENIED, thrown ERR_ACCESS_DENIED'],
  [['--permission', '--allow-addons', '--allow-net'], '200, 200'],
  [['--permission-audit', '--allow-addons'], '200, 200'],
]

for (const [flags, said] of CASES) {
  for (const register of [[], ['--import', 'fasthttp/register']]) {
    test(`${[...flags, ...register].join(' ')}: ${said}`, async (t) => {
      const node = nodeOf(26)
      if (node === undefined) {
        t.log('SKIPPED: no Node 26; run __test__/fetch-nodes.sh')
        t.pass()
        return
      }
      const before = [...flags, ...FILES, ...register]
      const program = start(t, 'leave', { node, before, args: [join(folder(t), 'socket')] })
      const { code, stdout, stderr } = await program.ended(60_000)
      t.is(code, 0, stderr)
      t.is(stdout, `${said}\n`)
    })
  }
}
