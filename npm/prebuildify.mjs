// npm run prebuildify -- --target linux-x64-musl [--target ...] | --all [--built]
// Builds prebuilds/<platform>-<arch>/fasthttp[.glibc|.musl].node with prebuildify, inspects it, and
// puts the same file into npm/<platform>/, the package of that platform by @napi-rs/cli. With
// --built nothing is built: what others have built is inspected and put there.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inspect, print } from './inspect.mjs'
import { copyOf, guard } from './platform.mjs'
import { faultOf, sourcesHash, stamp } from './stamp.mjs'
import { fail, find, manifest, root, run, targets, zigOf } from './targets.mjs'

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    all: { type: 'boolean' },
    built: { type: 'boolean' },
  },
})
const wanted = values.all === true ? targets : (values.target ?? []).map(find)
if (wanted.length === 0) fail('name what to build for: --target <platform>, or --all')

const bin = (name) => join(root, 'node_modules', '.bin', name)
const cargo = join(root, 'npm', 'cargo.mjs')
const windows = process.platform === 'win32'
const sources = sourcesHash()
for (const { platform, arch, libc } of values.built === true ? [] : wanted) {
  const tag = libc === undefined ? [] : ['--tag-libc', '--libc', libc]
  const node = ['-t', manifest.engines.node.replace('>=', 'v'), '--napi', '--name', 'fasthttp']
  const env = { ...zigOf(), PREBUILD_NODE_GYP: windows ? `node "${cargo}"` : cargo }
  run(bin('prebuildify'), [...node, '--platform', platform, '--arch', arch, ...tag], env)
}
const seen = wanted.map((target) => inspect(target))
print(seen)
if (seen.some(({ faults }) => faults.length > 0)) process.exit(1)

run(bin('napi'), ['create-npm-dirs'])
targets.forEach(guard)
for (const target of wanted) {
  if (values.built !== true) stamp(target, sources)
  const fault = faultOf(target, sources)
  if (fault !== undefined) fail(fault)
  copyFileSync(target.prebuild, copyOf(target))
}
