import test from 'ava'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../support/root.ts'

const run = promisify(execFile)

const NO_ZIG =
  'fasthttp: this binary is linked by zig and there is no cargo-zigbuild on the PATH: pip install cargo-zigbuild ziglang'

for (const script of ['build', 'test', 'lint', 'format']) {
  test(`without cargo ${script} says in one sentence what is needed and where to get it`, async (t) => {
    const bin = mkdtempSync(join(tmpdir(), 'fasthttp-no-cargo-'))
    t.teardown(() => rmSync(bin, { recursive: true }))
    for (const name of ['node', 'npm'])
      symlinkSync(join(dirname(process.execPath), name), join(bin, name))
    symlinkSync('/bin/sh', join(bin, 'sh'))
    const env = { PATH: bin, HOME: bin }
    // npm's own account of it is apart: what a script has printed is all that is looked at.
    const args = ['run', '--silent', script]
    const error = await t.throwsAsync(run('npm', args, { cwd: root, env }))
    const { code, stdout, stderr } = error as Error & Record<'code' | 'stdout' | 'stderr', unknown>
    t.deepEqual(
      { code, stdout, stderr },
      {
        code: 1,
        stdout: '',
        stderr:
          'fasthttp: building needs Rust and there is no cargo on the PATH: install it from https://rustup.rs\n',
      },
    )
  })
}

test('without cargo-zigbuild a binary to publish says what to install', async (t) => {
  const bin = mkdtempSync(join(tmpdir(), 'fasthttp-no-zig-'))
  t.teardown(() => rmSync(bin, { recursive: true }))
  const env = {
    PATH: bin,
    PREBUILD_PLATFORM: 'linux',
    PREBUILD_ARCH: 'x64',
    PREBUILD_LIBC: 'glibc',
  }
  const error = await t.throwsAsync(run(process.execPath, ['npm/cargo.mjs'], { cwd: root, env }))
  const { code, stderr } = error as Error & Record<'code' | 'stderr', unknown>
  t.deepEqual([code, stderr], [1, `${NO_ZIG}\n`])
})

test('a second build asks cargo for what the first has asked for, so that nothing is compiled again', async (t) => {
  const bin = mkdtempSync(join(tmpdir(), 'fasthttp-asked-'))
  t.teardown(() => rmSync(bin, { recursive: true }))
  const [cargo, log] = [join(bin, 'cargo'), join(bin, 'log')]
  // Cargo compiles anew when one of these differs; it is not needed to see whether one does.
  const noted = `{ env | grep ^NAPI_ | sort; echo; } >> '${log}'; exit 1`
  const script = `#!/bin/sh\n[ "$1" = build ] || exec cargo "$@"\n${noted}\n`
  writeFileSync(cargo, script, { mode: 0o755 })
  const env = { ...process.env, CARGO: cargo, CARGO_BUILD_TARGET_DIR: join(bin, 'target') }
  for (let i = 0; i < 2; i++)
    await t.throwsAsync(run('node', ['npm/build.mjs'], { cwd: root, env }))
  const [first, second] = readFileSync(log, 'utf8').split('\n\n')
  t.is(second, first)
})

/** The oldest Node, as package.json promises it. */
const OLDEST = [20, 19, 0]

/** Whether a range of package.json's kind, such as `^20.17.0 || >= 23.5`, has the oldest Node in it. */
function hasOldest(range: string): boolean {
  return range.split('||').some((alternative) => {
    const terms = [
      ...alternative.matchAll(/([\^~<>=]*)\s*v?(\d+|[x*])(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?/g),
    ]
    return terms.every(([, sign = '', ...parts]) => {
      const given = parts.filter((part) => /^\d+$/.test(part ?? '')).map(Number)
      const order = OLDEST.map((part, i) => part - (given[i] ?? 0)).find((by) => by !== 0) ?? 0
      const isSame = (length: number): boolean =>
        given.slice(0, length).every((part, i) => part === OLDEST[i])
      if (sign === '>=') return order >= 0
      if (sign === '>') return order > 0
      if (sign === '<=') return order <= 0
      if (sign === '<') return order < 0
      if (sign === '^') return isSame(1) && order >= 0
      if (sign === '~') return isSame(2) && order >= 0
      return isSame(3)
    })
  })
}

test('what is developed with runs on the oldest Node, so that npm ci has nothing to warn of', (t) => {
  for (const [range, expected] of [
    ['>=20.19', true],
    ['>= 10', true],
    ['*', true],
    ['20 || >=22', true],
    ['^20.17.0 || ^22.13.0 || >= 23.5.0', true],
    ['^20.19.0', true],
    ['>=20.19.1', false],
    ['^20.20.0', false],
    ['^22.20 || ^24.12 || >=25', false],
    ['>=18 <20', false],
    ['18.x', false],
  ] as const)
    t.is(hasOldest(range), expected, range)
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { engines?: { node?: string } }>
  }
  const asked = Object.entries(lock.packages).flatMap(([name, { engines }]) =>
    engines?.node === undefined ? [] : [[name, engines.node] as const],
  )
  t.true(asked.length > 50)
  t.deepEqual(
    asked.filter(([, range]) => !hasOldest(range)),
    [],
  )
})
