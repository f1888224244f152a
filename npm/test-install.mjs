// npm run test:install
// Publishes the package to a registry on loopback (verdaccio), then installs it from there with
// npm, pnpm and yarn into empty folders, with no compiler on the PATH, and serves a request from an
// ES module, a CommonJS one and a strict TypeScript one. publint and attw judge the package.
// Needs `npm run build`; prebuilds/ as they are, or the local build in the place of this platform's.
import { execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { candidates, nativeHost } from '../dist/ts/crossing/native.js'
import { fail, manifest, root, run } from './targets.mjs'

/** Tools of this test alone; they are kept in target/. */
const TOOLS = {
  dependencies: {
    '@arethetypeswrong/cli': '0.18',
    pnpm: '10',
    publint: '0.3',
    typescript: '5.8',
    verdaccio: '6',
    yarn: '1',
  },
  // verdaccio asks for it by a tag, which not every mirror knows.
  overrides: { 'node-fetch': '2' },
}
const tools = join(root, 'target', 'install-tools')
const tool = (path) => join(tools, 'node_modules', path)

const work = mkdtempSync(join(tmpdir(), 'fasthttp-registry-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

/** verdaccio needs Node 22; `__test__/fetch-nodes.sh` gets one. */
function newNode() {
  const fetched = join(root, '__test__', '.nodes', 'node-24')
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath
  return existsSync(fetched)
    ? fetched
    : fail('verdaccio needs Node 22: run __test__/fetch-nodes.sh')
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts the registry, which holds nothing and asks no other one; gives its URL. */
async function startRegistry() {
  const config = join(work, 'registry.yaml')
  const packages = { '**': { access: '$all', publish: '$anonymous', unpublish: '$all' } }
  const log = { type: 'stdout', level: 'warn' }
  writeFileSync(
    config,
    JSON.stringify({ storage: join(work, 'storage'), packages, log, uplinks: {} }),
  )
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const args = [
    tool('verdaccio/bin/verdaccio'),
    '--config',
    config,
    '--listen',
    `127.0.0.1:${port}`,
  ]
  const registry = spawn(newNode(), args, { stdio: ['ignore', 'inherit', 'inherit'] })
  process.on('exit', () => registry.kill())
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    if (registry.exitCode !== null) fail('the registry ended')
    const isUp = await fetch(`${url}-/ping`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isUp) return url
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return fail('the registry does not answer')
}

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

/** Runs a program in a folder; its output appears when it fails. */
function quietly(cwd, env, program, ...args) {
  try {
    return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return fail(
      `${program} ${args.join(' ')}:\n${error.stdout ?? ''}${error.stderr ?? error.message}`,
    )
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

/** Compiles a strict consumer without `skipLibCheck` and runs it. */
function serveFromTypeScript(folder, env) {
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes']
  const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node']
  const module = ['--module', 'nodenext', '--target', 'es2022']
  const output = ['--outDir', 'compiled', 'strict.ts']
  quietly(
    folder,
    env,
    'node',
    tool('typescript/bin/tsc'),
    ...strict,
    ...types,
    ...module,
    ...output,
  )
  quietly(folder, env, 'node', 'compiled/strict.js')
}

if (!Object.keys(TOOLS.dependencies).every((name) => existsSync(tool(name)))) {
  mkdirSync(tools, { recursive: true })
  writeFileSync(join(tools, 'package.json'), JSON.stringify({ private: true, ...TOOLS }))
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', tools])
}
const published = stage()
quietly(published, process.env, process.execPath, tool('publint/src/cli.js'), '--strict', '.')
console.log('publint --strict: nothing to say')
const attw = tool('@arethetypeswrong/cli/dist/index.js')
quietly(published, process.env, process.execPath, attw, '--pack', '.', '--profile', 'esm-only')
console.log('attw --profile esm-only: nothing to say')

const registry = await startRegistry()
const env = environment(registry)
// npm publishes with a token only; this registry takes any.
writeFileSync(join(work, '.npmrc'), `${registry.replace('http:', '')}:_authToken=any\n`)
// What `prepack` asks for is the repository's; this is a copy with whatever binaries there are.
quietly(published, env, 'npm', 'publish', '--ignore-scripts')
for (const name of Object.keys(manifest.dependencies))
  quietly(join(root, 'node_modules', name), env, 'npm', 'publish')
for (const [i, [program, args, before]] of WAYS.entries()) {
  const folder = join(work, `user${i}`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  before?.(folder, env)
  quietly(folder, env, program, ...args)
  cpSync(join(root, '__test__', 'consumers'), folder, { recursive: true })
  serveFrom(folder, env)
  if (i === 0) serveFromTypeScript(folder, env)
  console.log(`${program} ${args.join(' ')}${before ? ', lockfile of another system' : ''}: served`)
}
process.exit(0)
