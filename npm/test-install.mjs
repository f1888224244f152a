// npm run test:install
// Publishes the package and that of this platform to a registry on loopback (verdaccio), then installs from
// there with npm, pnpm and yarn into empty folders, with no compiler on the PATH, and serves a request from
// an ES module and a CommonJS one; then from strict TypeScript of several versions, from test runners and
// from bundles. publint and attw judge the package. Its tools come from npm's registry: without it all is
// left out, and it ends with 2. Needs `npm run build`; prebuilds/ as they are, or the local build in the
// place of this platform's.
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { candidates, nativeHost } from '../dist/ts/crossing/native.js'
import { bundle, compile, runTests } from './consume.mjs'
import { getTools, quietly, tool } from './install-tools.mjs'
import { startRegistry } from './registry.mjs'
import { fail, manifest, root } from './targets.mjs'

getTools()

const work = mkdtempSync(join(tmpdir(), 'fasthttp-registry-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

/** A copy of the package with the binaries there are, as the release workflow publishes it. */
function stage() {
  const folder = join(work, 'package')
  for (const part of [
    ...manifest.files.filter((name) => !name.startsWith('prebuilds/')),
    'package.json',
  ])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  if (existsSync(join(root, 'prebuilds')))
    cpSync(join(root, 'prebuilds'), join(folder, 'prebuilds'), { recursive: true })
  const [built, ours] = candidates(nativeHost())
  const place = join(folder, ours.slice(root.length))
  if (!existsSync(place)) cpSync(built, place)
  return folder
}

/** A PATH with node and the named tools, and nothing that compiles. */
const bin = join(work, 'bin')
mkdirSync(bin)
for (const name of ['node', 'npm'])
  symlinkSync(join(dirname(process.execPath), name), join(bin, name))
for (const name of ['sh', 'uname', 'sed', 'dirname'])
  symlinkSync(
    execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
    join(bin, name),
  )
for (const name of ['pnpm', 'yarn']) symlinkSync(tool(`.bin/${name}`), join(bin, name))

function environment(registry) {
  return {
    PATH: bin,
    HOME: work,
    npm_config_registry: registry,
    npm_config_cache: join(work, 'cache'),
    YARN_CACHE_FOLDER: join(work, 'yarn'),
    YARN_REGISTRY: registry,
    XDG_DATA_HOME: join(work, 'data'),
    XDG_CACHE_HOME: join(work, 'cache'),
  }
}

/** How users install, into a folder that has a package.json and what `before` leaves there. */
const WAYS = [
  ['npm', ['install', 'fasthttp']],
  ['npm', ['install', '--ignore-scripts', 'fasthttp']],
  ['npm', ['ci'], otherLock],
  ['pnpm', ['add', 'fasthttp']],
  ['yarn', ['add', 'fasthttp']],
]

/** Leaves a lockfile that npm made for another system. */
function otherLock(folder, env) {
  const other = process.platform === 'darwin' ? 'linux' : 'darwin'
  const args = ['install', '--package-lock-only', `--os=${other}`, '--cpu=arm64', 'fasthttp']
  quietly(folder, env, 'npm', ...args)
}

function serveFrom(folder, env) {
  const answers = ['esm.mjs', 'commonjs.cjs'].map((file) => quietly(folder, env, 'node', file))
  if (process.platform === 'linux' && !answers[0].startsWith('served with 1 binary'))
    fail(answers[0])
}

/** A copy of this platform's own package, with the local build in it; its name and its folder. */
function stagePlatform() {
  const found = candidates(nativeHost())
  const name = found.at(-1)
  const folder = join(work, name)
  cpSync(join(root, 'npm', name.slice('fasthttp-'.length)), folder, { recursive: true })
  const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  cpSync(found[0], join(folder, main))
  return [name, folder]
}

const published = stage()
// What `prepack` asks for is the repository's; this is a copy with whatever binaries there are.
const asIs = { ...process.env, npm_config_ignore_scripts: 'true' }
quietly(published, asIs, 'node', tool('publint/src/cli.js'), '--strict', '.')
console.log('publint --strict: nothing to say')
const attw = tool('@arethetypeswrong/cli/dist/index.js')
quietly(published, asIs, 'node', attw, '--pack', '.', '--profile', 'node16')
console.log('attw --profile node16: nothing to say')

const registry = await startRegistry(tool('verdaccio/bin/verdaccio'), work)
const env = environment(registry)
// npm publishes with a token only; this registry takes any.
writeFileSync(join(work, '.npmrc'), `${registry.replace('http:', '')}:_authToken=any\n`)
quietly(published, env, 'npm', 'publish', '--ignore-scripts')
const [platform, platformFolder] = stagePlatform()
quietly(platformFolder, env, 'npm', 'publish', '--ignore-scripts')
for (const name of ['mime-types', 'mime-db'])
  quietly(join(root, 'node_modules', name), env, 'npm', 'publish', '--ignore-scripts')
for (const [i, [program, args, before]] of WAYS.entries()) {
  const folder = join(work, `user${i}`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  before?.(folder, env)
  quietly(folder, env, program, ...args)
  cpSync(join(root, '__test__', 'consumers'), folder, { recursive: true })
  serveFrom(folder, env)
  console.log(`${program} ${args.join(' ')}${before ? ', lockfile of another system' : ''}: served`)
}
const user = join(work, 'user0')
compile(user, env)
runTests(user, env)
bundle(user, env, platform)
process.exit(0)
