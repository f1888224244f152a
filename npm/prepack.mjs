// npm runs this before it packs or publishes: the package must be what these sources make. It fails in one
// sentence if dist/ts or a prebuilt binary is missing or stale. FASTHTTP_PACK=host asks for the binary of
// this machine alone: such a package can be tried here, and is not published.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { faultOf, sourcesHash } from './stamp.mjs'
import { fail, root, targets } from './targets.mjs'

const BUILD = 'run npm run build'

/** Files below a folder and what is in them. */
function contents(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(names.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]))
}

/** What ts/ compiles to, or why it does not. */
function compiled() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  if (!existsSync(tsc)) return { fault: 'there is no TypeScript to compile ts/ with: run npm ci' }
  const work = mkdtempSync(join(tmpdir(), 'fasthttp-prepack-'))
  try {
    const options = { outDir: work, rootDir: root, typeRoots: [join(root, 'node_modules/@types')] }
    const include = [join(root, 'ts'), join(root, 'ts/package.json')]
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions: options, include }
    writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(config))
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', work], {
      cwd: root,
      encoding: 'utf8',
    })
    if (status === 0) return { files: contents(join(work, 'ts')) }
    const [said] = (stdout + stderr).trim().split('\n')
    return { fault: `ts/ does not compile: ${said}` }
  } finally {
    rmSync(work, { recursive: true })
  }
}

/** A binary that would be packed without being that of a target; `undefined` if there is none. */
function strange() {
  const prebuilds = join(root, 'prebuilds')
  const known = new Set(targets.map(({ prebuild }) => prebuild))
  return (existsSync(prebuilds) ? readdirSync(prebuilds, { withFileTypes: true }) : [])
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(prebuilds, name)).map((file) => [name, file]))
    .filter(([name, file]) => file.endsWith('.node') && !known.has(join(prebuilds, name, file)))
    .map((parts) => ['prebuilds', ...parts].join('/'))
    .at(0)
}

const folder = join(root, 'dist', 'ts')
if (!existsSync(folder)) fail(`dist/ts is missing: ${BUILD}`)

const isForHost = process.env.FASTHTTP_PACK === 'host'
if (isForHost && process.env.npm_command === 'publish')
  fail('a package with the binary of one machine is not published: unset FASTHTTP_PACK')
const isHosts = ({ platform, arch }) => platform === process.platform && arch === process.arch
// A machine has one C library, or another one beside it: one of the binaries will do.
const ours = targets.filter(isHosts)
const built = ours.filter(({ prebuild }) => existsSync(prebuild))
const wanted = isForHost ? (built.length > 0 ? built : ours.slice(0, 1)) : targets
const sources = sourcesHash()
const faults = wanted.map((target) => faultOf(target, sources))
const faulty = wanted.filter((_, i) => faults[i] !== undefined)
if (faulty.length > 0) {
  const more = faulty.length > 1 ? `, and ${faulty.length - 1} more have a fault like it` : ''
  const names = faulty.map(({ name }) => `--target ${name}`).join(' ')
  const args = faulty.length === targets.length ? '--all' : names
  fail(`${faults.find(Boolean)}${more}: run npm run prebuildify -- ${args}`)
}

const stranger = strange()
if (stranger !== undefined) fail(`${stranger} is of no target: remove it`)

const { fault, files: should } = compiled()
if (fault !== undefined) fail(fault)
const does = contents(folder)
for (const [name, text] of should) {
  if (!does.has(name)) fail(`dist/ts/${name} is missing: ${BUILD}`)
  if (does.get(name) !== text) fail(`dist/ts/${name} is not what ts/ compiles to now: ${BUILD}`)
}
for (const name of does.keys())
  if (!should.has(name)) fail(`dist/ts/${name} comes from no source: remove dist/ and ${BUILD}`)
