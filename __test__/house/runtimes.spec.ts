import test from 'ava'
import { existsSync } from 'node:fs'
import { start } from '../support/program.ts'
import { root } from '../support/root.ts'

// `__test__/fetch-runtimes.sh` gets these, and
// `npm run prebuildify` the binaries.
const nodes = `${root}__test__/.nodes`
const qemu = '/usr/bin/qemu-aarch64-static'

/** What else runs the package: how it is started, and the binary that it has to find by itself. */
const RUNTIMES: [name: string, binary: string | undefined, command: string[]][] = [
  ['Bun', undefined, [`${nodes}/bun`]],
  ['Deno', undefined, [`${nodes}/deno`, 'run', '-A']],
  [
    'Node on musl',
    'linux-x64/fasthttp.musl.node',
    [
      `${nodes}/linux-x64-musl/lib/ld-musl-x86_64.so.1`,
      '--library-path',
      `${nodes}/linux-x64-musl/lib`,
      `${nodes}/linux-x64-musl/bin/node`,
    ],
  ],
  [
    'Node on arm64',
    'linux-arm64/fasthttp.glibc.node',
    [qemu, '-L', `${nodes}/linux-arm64-gnu`, `${nodes}/linux-arm64-gnu/bin/node`],
  ],
  [
    'Node on arm64 and musl',
    'linux-arm64/fasthttp.musl.node',
    [qemu, '-L', `${nodes}/linux-arm64-musl`, `${nodes}/linux-arm64-musl/bin/node`],
  ],
]

for (const [name, binary, [program = '', ...before]] of RUNTIMES) {
  test.serial(`${name} finds its binary, serves, and keeps users apart`, async (t) => {
    // An emulator is ten times slower.
    t.timeout(300_000)
    const needed = [program, ...before.slice(-1).filter((path) => path.startsWith('/'))]
    if (binary !== undefined) needed.push(`${root}prebuilds/${binary}`)
    const lacking = needed.find((path) => !existsSync(path))
    if (lacking !== undefined) {
      t.log(`SKIPPED: no ${lacking}; run __test__/fetch-runtimes.sh and npm run prebuildify`)
      t.pass()
      return
    }
    const ended = await start(t, 'smoke', { node: program, before }).ended(240_000)
    t.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, ''])
    t.regex(ended.stdout, /^v\d+\./)
    t.log(ended.stdout.trim())
  })
}

/** What `ioThreads: 0` comes to. */
const SHARED: [name: string, program: string, before: string[], said: RegExp][] = [
  ['Node', process.execPath, [], /^ok$/],
  ...['node-22', 'node-24', 'node-26'].map((name): [string, string, string[], RegExp] => [
    name,
    `${nodes}/${name}`,
    [],
    /^ok$/,
  ]),
  ['Bun', `${nodes}/bun`, [], /^ERR_UNSUPPORTED: Bun cannot serve without threads/],
  ['Deno', `${nodes}/deno`, ['run', '-A'], /^ERR_UNSUPPORTED: Deno cannot serve without threads/],
]

for (const [name, node, before, said] of SHARED) {
  test.serial(`${name} serves without threads or says that it cannot, and lives`, async (t) => {
    if (!existsSync(node)) {
      t.log(`SKIPPED: no ${node}; run __test__/fetch-runtimes.sh and __test__/fetch-nodes.sh`)
      t.pass()
      return
    }
    const ended = await start(t, 'shared-thread', { node, before }).ended(60_000)
    t.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, ''])
    const [without = '', one, ...others] = ended.stdout.trim().split('\n')
    t.regex(without, said)
    t.deepEqual([one, others], ['ok', []])
  })
}
