import test from 'ava'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { root } from '../support/root.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly main?: string
  readonly files: readonly string[]
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly engines: Record<string, string>
  readonly repository?: { readonly url: string }
  readonly scripts?: Record<string, string>
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
  readonly napi: { readonly targets: readonly string[] }
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
const own = manifestOf('.')

test('nothing is run, compiled or cloned when the package is installed', (t) => {
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'])
    t.is(own.scripts?.[name], undefined, name)
  // npm runs node-gyp for a package that has this file.
  t.false(readdirSync(root).includes('binding.gyp'))
  const ranges = [own.dependencies, own.optionalDependencies, own.devDependencies]
  for (const [name, range] of ranges.flatMap((list) => Object.entries(list ?? {})))
    t.regex(range, /^[\^~]?\d+\.\d+\.\d+$/, `${name} comes from a registry`)
})

test('no script is the hook of another one by accident', (t) => {
  // npm runs `preX` before X and `postX` behind it. `prepack` and the like are npm's own words.
  const names = Object.keys(own.scripts ?? {})
  t.true(names.includes('build'))
  const hooks = names.filter((name) => names.includes(name.replace(/^(pre|post)/, '')))
  t.deepEqual(
    hooks.filter((name) => /^(pre|post)/.test(name)),
    [],
  )
})

const HERE = [homedir(), root, '/.cargo/', '/registry/src/', 'index.crates.io']

test('binaries name no folder of the machine that built them', (t) => {
  const prebuilt = join(root, 'prebuilds')
  const folders = [
    join(root, 'npm', 'local'),
    ...(existsSync(prebuilt) ? readdirSync(prebuilt).map((name) => join(prebuilt, name)) : []),
  ]
  const binaries = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.node'))
      .map((name) => join(folder, name)),
  )
  const found = binaries.map((path) => readFileSync(path, 'latin1'))
  t.true(found.length > 0)
  for (const bytes of found)
    t.deepEqual(
      HERE.filter((folder) => bytes.includes(folder)),
      [],
    )
})

test('platform packages are not dependencies of the package', (t) => {
  t.is(own.optionalDependencies, undefined)
  t.false(Object.keys(own.dependencies ?? {}).some((name) => name.startsWith('fasthttp')))
})

/** The packages in npm/, by the triple that is built for. */
const PACKAGES: Record<string, [folder: string, os: string, cpu: string, libc?: string]> = {
  'x86_64-unknown-linux-gnu': ['linux-x64-gnu', 'linux', 'x64', 'glibc'],
  'aarch64-unknown-linux-gnu': ['linux-arm64-gnu', 'linux', 'arm64', 'glibc'],
  'x86_64-unknown-linux-musl': ['linux-x64-musl', 'linux', 'x64', 'musl'],
  'aarch64-unknown-linux-musl': ['linux-arm64-musl', 'linux', 'arm64', 'musl'],
  'x86_64-apple-darwin': ['darwin-x64', 'darwin', 'x64'],
  'aarch64-apple-darwin': ['darwin-arm64', 'darwin', 'arm64'],
  'x86_64-unknown-freebsd': ['freebsd-x64', 'freebsd', 'x64'],
  'x86_64-pc-windows-msvc': ['win32-x64-msvc', 'win32', 'x64'],
}

test('each target has a package, and each package a target', (t) => {
  t.deepEqual([...own.napi.targets].toSorted(), Object.keys(PACKAGES).toSorted())
  const folders = readdirSync(join(root, 'npm'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'local')
    .map((entry) => entry.name)
  t.deepEqual(
    folders.toSorted(),
    Object.values(PACKAGES)
      .map(([folder]) => folder)
      .toSorted(),
  )
})

for (const [triple, [folder, os, cpu, libc]] of Object.entries(PACKAGES)) {
  test(`the package for ${triple} holds one binary, for that platform only`, (t) => {
    const { name, version, main, files, engines, scripts, repository, ...rest } = manifestOf(
      `npm/${folder}`,
    )
    const binary = `fasthttp.${folder}.node`
    // A registry refuses a provenance that is not of the repository that the package names.
    t.regex(repository?.url ?? '', /^git\+https:\/\/\S+\.git$/)
    t.deepEqual(
      { name, version, main, files, engines, scripts, repository },
      {
        name: `fasthttp-${folder}`,
        version: own.version,
        main: binary,
        files: [binary],
        engines: own.engines,
        // Nothing that is run where it is installed.
        scripts: { prepack: 'node ../prepack-platform.mjs' },
        repository: own.repository,
      },
    )
    t.deepEqual([rest.os, rest.cpu, rest.libc], [[os], [cpu], libc === undefined ? libc : [libc]])
  })
}
