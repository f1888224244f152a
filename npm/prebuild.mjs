// npm run prebuild -- --target linux-x64-musl [--target ...] | --all
// Builds prebuilds/<platform>-<arch>/fasthttp[.glibc|.musl].node with prebuildify, inspects it, and
// puts the same file into npm/<platform>/, the package of that platform by @napi-rs/cli.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inspect, print } from './inspect.mjs'
import { find, manifest, root, run, targets } from './targets.mjs'

const { values } = parseArgs({
  options: { target: { type: 'string', multiple: true }, all: { type: 'boolean' } },
})
const wanted = values.all === true ? targets : (values.target ?? []).map(find)
// npm runs a script of this name before `npm run build` too, and then there is nothing to do.
if (wanted.length === 0) process.exit(0)

const bin = (name) => join(root, 'node_modules', '.bin', name)
const cargo = join(root, 'npm', 'cargo.mjs')
run(bin('napi'), ['create-npm-dirs'])
for (const target of wanted) {
  const { platform, arch, libc, name, prebuild } = target
  const tag = libc === undefined ? [] : ['--tag-libc', '--libc', libc]
  const node = ['-t', manifest.engines.node.replace('>=', 'v'), '--napi', '--name', 'fasthttp']
  const env = { PREBUILD_NODE_GYP: process.platform === 'win32' ? `node "${cargo}"` : cargo }
  run(bin('prebuildify'), [...node, '--platform', platform, '--arch', arch, ...tag], env)
  copyFileSync(prebuild, join(root, 'npm', name, `fasthttp.${name}.node`))
}
const seen = wanted.map((target) => inspect(target))
print(seen)
if (seen.some(({ faults }) => faults.length > 0)) process.exit(1)
