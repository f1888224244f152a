// npm run check:targets [-- <target> ...]
// Lints and type-checks the crate, tests included, for systems that this one is not: the same code
// meets kqueue, musl and (without the tests) Windows. Prints a line a target; without a toolchain
// for any it says so and ends with 2, which .ci/run takes for "left out".
import { dirname, join } from 'node:path'
import { ADVICE, find, root, run, targets, toolchain } from './targets.mjs'

const wanted = process.argv.length > 2 ? process.argv.slice(2).map(find) : targets
const lacking = []
for (const target of wanted) {
  const chain = toolchain(target)
  if (chain === undefined) {
    lacking.push(target.name)
    continue
  }
  const env = { ...chain.env, CARGO_TARGET_DIR: join(root, chain.folder) }
  // A cargo looks for its `cargo-clippy` on the PATH, where rustup's may come first.
  if (chain.env.CARGO !== undefined) env.PATH = `${dirname(chain.env.CARGO)}:${process.env.PATH}`
  // The tests are about descriptors and Unix sockets; Windows has neither.
  const what = target.platform === 'win32' ? '--lib' : '--all-targets'
  const args = ['clippy', '--quiet', what, '--target', target.triple, ...chain.args]
  run(chain.cargo, [...args, '--', '-D', 'warnings'], env)
  console.log(`${target.name}: type-checked and linted`)
}
if (lacking.length > 0) {
  console.log(`${lacking.join(', ')}: LEFT OUT, no toolchain: ${ADVICE}`)
  if (lacking.length === wanted.length) process.exitCode = 2
}
