import test from 'ava'
import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { candidates, nativeHost } from '../../ts/crossing/native.ts'
import { root } from '../support/root.ts'

const run = promisify(execFile)

const work = mkdtempSync(join(tmpdir(), 'fasthttp-install-'))
test.after.always(() => rmSync(work, { recursive: true, force: true }))

/** A PATH with node and npm and nothing that compiles. */
const bin = join(work, 'bin')
mkdirSync(bin)
for (const name of ['node', 'npm'])
  symlinkSync(join(dirname(process.execPath), name), join(bin, name))
symlinkSync('/bin/sh', join(bin, 'sh'))
const env = {
  PATH: bin,
  HOME: work,
  npm_config_offline: 'true',
  npm_config_cache: join(work, 'cache'),
}

/** Packs the package with these binaries in prebuilds/, by the `files` of package.json. */
async function pack(name: string, binaries: Record<string, string>): Promise<string> {
  const stage = join(work, name)
  for (const part of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'dist', 'npm'])
    cpSync(join(root, part), join(stage, part), { recursive: true })
  for (const [place, path] of Object.entries(binaries))
    cpSync(path, join(stage, 'prebuilds', place))
  // `prepack` asks for all binaries, and for the sources that are not here.
  const args = ['pack', '--json', '--ignore-scripts']
  const { stdout } = await run('npm', args, { cwd: stage, env })
  const [packed] = JSON.parse(stdout) as { filename: string }[]
  return join(stage, packed?.filename ?? '')
}

/** What the package depends on, packed: there is no registry here. */
const dependencies: string[] = []

/** Installs into an empty folder; gives the folder. */
async function install(tarball: string, name: string, ...args: string[]): Promise<string> {
  const folder = join(work, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const all = ['install', '--no-audit', '--no-fund', ...args, tarball, ...dependencies]
  await run('npm', all, { cwd: folder, env })
  cpSync(join(root, '__test__', 'consumers'), folder, { recursive: true })
  return folder
}

const [built = '', ours = '', other] = candidates(nativeHost())
const place = ours.slice(ours.indexOf('prebuilds') + 'prebuilds'.length + 1)
let whole = ''
test.before(async () => {
  for (const name of ['mime-types', 'mime-db']) {
    const { stdout } = await run('npm', ['pack', '--json', join(root, 'node_modules', name)], {
      cwd: work,
      env,
    })
    const [packed] = JSON.parse(stdout) as { filename: string }[]
    dependencies.push(join(work, packed?.filename ?? ''))
  }
  whole = await pack('whole', { [place]: built })
})

for (const args of [[], ['--ignore-scripts']]) {
  test(`npm install ${args.join(' ')} in an empty folder, with no compiler, is enough`, async (t) => {
    const folder = await install(whole, `empty${args.join('')}`, ...args)
    const esm = await run('node', ['esm.mjs'], { cwd: folder, env })
    t.is(esm.stderr, '')
    if (process.platform === 'linux') {
      t.regex(
        esm.stdout,
        /^served with 1 binary: \S*node_modules\/fasthttp\/prebuilds\/\S+\.node\n$/,
      )
    }
    const commonjs = await run('node', ['commonjs.cjs'], { cwd: folder, env })
    t.deepEqual(commonjs, { stdout: 'served\n', stderr: '' })
    t.deepEqual(
      readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
      ['fasthttp', 'mime-db', 'mime-types'],
    )
  })
}

test('the package holds the compiled sources, the binaries and three texts', async (t) => {
  const folder = await install(whole, 'contents')
  const names = readdirSync(join(folder, 'node_modules', 'fasthttp'), {
    recursive: true,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(join(folder, 'node_modules/fasthttp/').length),
    )
  const compiled = /^dist\/ts\/(package\.json|([a-z]+\/)?([\w-]+\.(js|d\.ts)|index\.(mjs|d\.mts)))$/
  const rest = names.filter((name) => !compiled.test(name))
  t.deepEqual(
    rest.toSorted(),
    ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', `prebuilds/${place}`].toSorted(),
  )
  t.true(names.includes('dist/ts/index.d.ts'))
})

if (other?.endsWith('.node') === true) {
  test('a package with the binary of the other C library alone loads that', async (t) => {
    const otherPlace = other.slice(other.indexOf('prebuilds') + 'prebuilds'.length + 1)
    const folder = await install(await pack('other', { [otherPlace]: built }), 'other-libc')
    const { stdout } = await run('node', ['esm.mjs'], { cwd: folder, env })
    t.true(stdout.includes(`prebuilds/${otherPlace}`))
  })
}

test('a package without a binary for this platform says what it looked for', async (t) => {
  const folder = await install(await pack('bare', {}), 'no-binary')
  const error = await t.throwsAsync(run('node', ['esm.mjs'], { cwd: folder, env }))
  const { stderr } = error as unknown as { stderr: string }
  t.regex(stderr, /ERR_NO_BINARY/)
  for (const id of [place, 'fasthttp-']) t.true(stderr.includes(id), id)
  t.regex(stderr, /: not there\n[^]*FASTHTTP_NATIVE_PATH/)
})

test('a package of the platform serves if its version fits, and is refused if not', async (t) => {
  const folder = await install(await pack('small', {}), 'platform')
  const name = candidates(nativeHost()).at(-1) ?? ''
  const own = join(folder, 'node_modules', name)
  cpSync(built, join(own, 'binary.node'))
  const manifest = readFileSync(join(root, 'package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  writeFileSync(join(own, 'package.json'), JSON.stringify({ name, version, main: 'binary.node' }))
  const served = await run('node', ['commonjs.cjs'], { cwd: folder, env })
  t.is(served.stdout, 'served\n')
  writeFileSync(
    join(own, 'package.json'),
    JSON.stringify({ name, version: '0.0.0', main: 'binary.node' }),
  )
  const error = await t.throwsAsync(run('node', ['commonjs.cjs'], { cwd: folder, env }))
  t.regex((error as unknown as { stderr: string }).stderr, /version 0\.0\.0, \S+ is needed/)
})
