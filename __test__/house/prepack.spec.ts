import test from 'ava'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { staged } from '../support/staged.ts'

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function run(
  folder: string,
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), ...env },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

const GLIBC = 'prebuilds/linux-x64/fasthttp.glibc.node'
const REBUILD = 'run npm run prebuildify -- --target linux-x64-gnu'
const BUILD = 'run npm run build'

const remove = (name: string) => (folder: string) => rmSync(join(folder, name), { recursive: true })
const append =
  (name: string, text = '\n// More.\n') =>
  (folder: string) =>
    appendFileSync(join(folder, name), text)

function restamp(change: Record<string, string>) {
  return (folder: string): void => {
    const path = join(folder, `${GLIBC}.json`)
    const told = JSON.parse(readFileSync(path, 'utf8')) as object
    writeFileSync(path, JSON.stringify({ ...told, ...change }))
  }
}

/** What is done to a package that could be packed, and what is said of it. */
const REFUSED: [what: string, spoil: (folder: string) => void, said: string][] = [
  ['nothing is compiled', remove('dist'), `dist/ts is missing: ${BUILD}`],
  [
    'a compiled file is missing',
    remove('dist/ts/index.mjs'),
    `dist/ts/index.mjs is missing: ${BUILD}`,
  ],
  [
    'a declaration is missing',
    remove('dist/ts/server/server.d.ts'),
    `dist/ts/server/server.d.ts is missing: ${BUILD}`,
  ],
  [
    'a compiled file is another one',
    append('dist/ts/errors.js'),
    `dist/ts/errors.js is not what ts/ compiles to now: ${BUILD}`,
  ],
  [
    'a source has changed since',
    append('ts/errors.ts', '\nexport const MORE = 1\n'),
    `dist/ts/errors.d.ts is not what ts/ compiles to now: ${BUILD}`,
  ],
  [
    'a source has gone since',
    remove('ts/asynchttpserver'),
    `dist/ts/asynchttpserver/client.d.ts comes from no source: remove dist/ and ${BUILD}`,
  ],
  [
    'nothing is prebuilt',
    remove('prebuilds'),
    `${GLIBC} is missing, and 7 more have a fault like it: run npm run prebuildify -- --all`,
  ],
  ['a prebuilt binary is missing', remove(GLIBC), `${GLIBC} is missing: ${REBUILD}`],
  [
    'a prebuilt binary has no stamp',
    remove(`${GLIBC}.json`),
    `${GLIBC} has no stamp that says what it was built from: ${REBUILD}`,
  ],
  [
    'a prebuilt binary was put there by hand',
    append(GLIBC),
    `${GLIBC} is not the binary that its stamp is about: ${REBUILD}`,
  ],
  [
    'a prebuilt binary is of another version',
    restamp({ version: '0.0.9' }),
    `${GLIBC} is of version 0.0.9, not `,
  ],
  [
    'a stamp is broken',
    (folder) => writeFileSync(join(folder, `${GLIBC}.json`), '{'),
    `${GLIBC} has a stamp that cannot be read: ${REBUILD}`,
  ],
  [
    'a stamp says nothing',
    (folder) => writeFileSync(join(folder, `${GLIBC}.json`), 'null'),
    `${GLIBC} has a stamp that cannot be read: ${REBUILD}`,
  ],
  [
    'there is a binary for nobody',
    (folder) => {
      mkdirSync(join(folder, 'prebuilds/foo-x64'))
      writeFileSync(join(folder, 'prebuilds/foo-x64/evil.node'), 'evil')
    },
    'prebuilds/foo-x64/evil.node is of no target: remove it',
  ],
  [
    'there is another binary beside that of a target',
    (folder) => writeFileSync(join(folder, 'prebuilds/linux-x64/more.node'), 'more'),
    'prebuilds/linux-x64/more.node is of no target: remove it',
  ],
  [
    'a source does not compile',
    append('ts/errors.ts', '\nexport const MORE: number = "text"\n'),
    'ts/ does not compile: ts/errors.ts(',
  ],
  [
    'nothing is installed',
    remove('node_modules'),
    'there is no TypeScript to compile ts/ with: run npm ci',
  ],
  [
    'the Rust sources have changed since',
    append('native/lib.rs'),
    `${GLIBC} was built from other sources than these, and 7 more have a fault like it: `,
  ],
  [
    'a dependency of the addon has changed since',
    append('Cargo.lock'),
    `${GLIBC} was built from other sources than these, and 7 more have a fault like it: `,
  ],
]

for (const [what, spoil, said] of REFUSED) {
  test(`the package is not packed if ${what}, and one sentence says so`, async (t) => {
    const folder = staged(t)
    spoil(folder)
    const place = join(folder, 'temporary')
    mkdirSync(place)
    const { code, stdout, stderr } = await run(folder, process.execPath, ['npm/prepack.mjs'], {
      TMPDIR: place,
    })
    t.deepEqual(readdirSync(place), [])
    t.deepEqual([code, stdout], [1, ''])
    t.true(stderr.startsWith(`fasthttp: ${said}`), stderr)
    t.regex(stderr, /^.*\n$/)
  })
}

test('a package that is whole is packed, with every binary and no stamp', async (t) => {
  const { code, stdout, stderr } = await run(staged(t), 'npm', ['pack', '--dry-run', '--json'])
  t.is(code, 0, stderr)
  const [{ files = [] } = {}] = JSON.parse(stdout) as { files: { path: string }[] }[]
  const paths = files.map(({ path }) => path)
  t.is(paths.filter((path) => path.startsWith('prebuilds/')).length, 8)
  t.true(
    paths.filter((path) => path.startsWith('prebuilds/')).every((path) => path.endsWith('.node')),
  )
  for (const name of ['dist/ts/index.js', 'dist/ts/index.mjs', 'dist/ts/package.json'])
    t.true(paths.includes(name), name)
})

test('the lines of a source may end as on Windows', async (t) => {
  const folder = staged(t)
  const path = join(folder, 'native/lib.rs')
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n'))
  t.is((await run(folder, process.execPath, ['npm/prepack.mjs'])).code, 0)
})

test('npm pack of a clean clone fails', async (t) => {
  const folder = staged(t)
  for (const name of ['dist', 'prebuilds']) remove(name)(folder)
  const { code, stderr } = await run(folder, 'npm', ['pack', '--dry-run'])
  t.not(code, 0)
  t.true(stderr.includes(`fasthttp: dist/ts is missing: ${BUILD}`), stderr)
})

const ARM = 'linux-arm64-musl'
const ARM_FILE = `npm/${ARM}/fasthttp.${ARM}.node`

/** What is done to the package of a platform that could be packed, and what is said of it. */
const PLATFORM_REFUSED: [what: string, spoil: (folder: string) => void, said: string][] = [
  ['without its binary', remove(ARM_FILE), `npm/${ARM} has no binary`],
  ['with another binary', append(ARM_FILE), `npm/${ARM} has not the binary of prebuilds/`],
  [
    'of a clean clone',
    (folder) => [ARM_FILE, 'prebuilds'].forEach((name) => remove(name)(folder)),
    'prebuilds/linux-arm64/fasthttp.musl.node is missing',
  ],
]

for (const [what, spoil, said] of PLATFORM_REFUSED) {
  test(`the package of a platform ${what} is not packed`, async (t) => {
    const folder = staged(t)
    spoil(folder)
    const ended = await run(join(folder, 'npm', ARM), 'npm', ['pack', '--dry-run'])
    t.not(ended.code, 0)
    const whole = `fasthttp: ${said}: run npm run prebuildify -- --target ${ARM}\n`
    t.true(ended.stderr.includes(whole), ended.stderr)
  })
}

test('the package of a platform is packed with its binary', async (t) => {
  const place = join(staged(t), 'npm', ARM)
  const { code, stdout, stderr } = await run(place, 'npm', ['pack', '--dry-run', '--json'])
  t.is(code, 0, stderr)
  const [{ files = [] } = {}] = JSON.parse(stdout) as { files: { path: string }[] }[]
  t.true(files.some(({ path }) => path === `fasthttp.${ARM}.node`))
})

const HOST = { FASTHTTP_PACK: 'host' }

test('a package for this machine alone needs its binary alone, and is not published', async (t) => {
  const folder = staged(t)
  for (const name of [
    'linux-x64',
    'linux-arm64',
    'darwin-x64',
    'darwin-arm64',
    'freebsd-x64',
    'win32-x64',
  ])
    if (name !== `${process.platform}-${process.arch}`) remove(`prebuilds/${name}`)(folder)
  const script = ['npm/prepack.mjs']
  t.is((await run(folder, process.execPath, script)).code, 1)
  t.is((await run(folder, process.execPath, script, HOST)).code, 0)
  const published = { ...HOST, npm_command: 'publish' }
  const { code, stderr } = await run(folder, process.execPath, script, published)
  t.is(code, 1)
  t.regex(stderr, /^fasthttp: a package with the binary of one machine is not published: .*\n$/)
  remove('prebuilds')(folder)
  const bare = await run(folder, process.execPath, script, HOST)
  t.is(bare.code, 1)
  t.regex(
    bare.stderr,
    /^fasthttp: prebuilds\/\S+ is missing: run npm run prebuildify -- --target \S+\n$/,
  )
})
