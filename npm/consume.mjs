// Who uses an installed package: compilers of TypeScript, test runners, bundlers. Each has to serve a
// request, or to say what to do.
import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMPILERS, failing, quietly, tool } from './install-tools.mjs'
import { fail, root } from './targets.mjs'

const sources = join(root, '__test__', 'consumers')

/** Runs a file, which has to serve. */
function serve(folder, env, ...args) {
  const said = quietly(folder, env, 'node', ...args)
  if (said !== 'served\n') fail(`${args.join(' ')} said ${said}`)
}

/** How modules are found, what is compiled that way, and as what. */
const RESOLUTIONS = [
  ['node16', 'node16', ['strict.mts', 'strict.cts']],
  ['nodenext', 'nodenext', ['strict.mts', 'strict.cts']],
  ['bundler', 'es2022', ['strict.ts']],
]

/** Compiles a strict consumer without `skipLibCheck`, as a module and as CommonJS, and runs both. */
export function compile(folder, env) {
  for (const name of ['strict.mts', 'strict.cts'])
    copyFileSync(join(sources, 'strict.ts'), join(folder, name))
  // The peer that the package asks for, and what it needs itself.
  for (const name of ['@types/node', 'undici-types'])
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), {
      recursive: true,
    })
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes']
  for (const version of COMPILERS) {
    const tsc = tool(`typescript-${version}/bin/tsc`)
    for (const [resolution, module, files] of RESOLUTIONS) {
      const how = ['--moduleResolution', resolution, '--module', module, '--target', 'es2022']
      const out = join('compiled', `${version}-${resolution}`)
      const args = [...strict, '--types', 'node', ...how, '--outDir', out, ...files]
      quietly(folder, env, 'node', tsc, ...args)
      for (const name of files) serve(folder, env, join(out, name.replace(/ts$/, 'js')))
    }
    console.log(`TypeScript ${version}: strict by node16, nodenext and bundler, served`)
  }
}

/** Runs what loads TypeScript, and test runners, none of them with a flag for the package. */
export function runTests(folder, env) {
  serve(folder, env, tool('tsx/dist/cli.mjs'), 'strict.ts')
  console.log('tsx: served')
  quietly(folder, env, 'node', tool('jest/bin/jest.js'), '--rootDir', '.', 'jest.test')
  console.log('Jest, CommonJS: served')
  quietly(folder, env, 'node', tool('vitest/vitest.mjs'), 'run', '--globals', 'vitest.test')
  console.log('Vitest: served')
}

const BANNER =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

/** esbuild's outputs: the file, the options, and what it says in the place of serving. */
const BUNDLES = [
  ['bundle.cjs', ['--format=cjs']],
  ['bundle-minified.cjs', ['--format=cjs', '--minify']],
  ['bundle.mjs', ['--format=esm', `--banner:js=${BANNER}`]],
  ['bundle-bare.mjs', ['--format=esm'], /no require. Leave it out of the bundle \(esbuild: --ext/],
]

/**
 * Makes a file of a consumer and the package, where that is installed, and runs it where nothing is but
 * the package of the platform.
 */
export function bundle(folder, env, platform) {
  // Not below the folder: there the whole package would be found.
  const place = `${folder}-deployed`
  mkdirSync(place)
  writeFileSync(join(place, 'package.json'), '{ "private": true }')
  quietly(place, env, 'npm', 'install', platform)
  const entry = join(folder, 'bundled.mjs')
  for (const [name, options, said] of BUNDLES) {
    const args = [
      entry,
      '--bundle',
      '--platform=node',
      `--outfile=${join(place, name)}`,
      ...options,
    ]
    const warnings = quietly(folder, env, 'node', tool('esbuild/bin/esbuild'), ...args)
    if (/warning/i.test(warnings)) fail(`esbuild ${options.join(' ')}: ${warnings}`)
    if (said === undefined) serve(place, env, name)
    else if (!said.test(failing(place, env, 'node', name))) fail(`${name} does not say ${said}`)
    console.log(
      `esbuild ${options[0]}, ${name}: ${said === undefined ? 'served' : 'says what to do'}`,
    )
  }
  rmSync(join(place, 'node_modules'), { recursive: true })
  if (!/ERR_NO_BINARY/.test(failing(place, env, 'node', 'bundle.cjs')))
    fail('a bundle without a binary does not say so')
  console.log('esbuild, no binary beside the bundle: says what to do')
}
