// The tools of `npm run test:install` alone. They come from npm's registry and are kept in target/.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, root } from './targets.mjs'

/** TypeScript's versions that the declarations are compiled with. */
export const COMPILERS = ['5.0', '5.4', '5.9', '6.0', '7.0']

const TOOLS = {
  dependencies: {
    '@arethetypeswrong/cli': '0.18',
    esbuild: '0.28',
    jest: '30',
    pnpm: '10',
    publint: '0.3',
    tsx: '4',
    verdaccio: '6',
    vitest: '4',
    yarn: '1',
    ...Object.fromEntries(COMPILERS.map((v) => [`typescript-${v}`, `npm:typescript@~${v}.0`])),
  },
  // verdaccio asks for it by a tag, which not every mirror knows.
  overrides: { 'node-fetch': '2' },
}
const folder = join(root, 'target', 'install-tools')

/** The path of a file of a tool. */
export const tool = (path) => join(folder, 'node_modules', path)

/** Installs what is not there; without a registry the process ends with 2, which .ci/run takes for "left out". */
export function getTools() {
  const manifest = JSON.stringify({ private: true, ...TOOLS })
  if (Object.keys(TOOLS.dependencies).every((name) => existsSync(tool(name)))) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), manifest)
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder]
  const { status } = spawnSync('npm', args, { stdio: 'inherit', cwd: folder })
  if (status === 0) return
  console.log("test:install: LEFT OUT, its tools cannot be had from npm's registry")
  process.exit(2)
}

/** Runs a program in a folder; gives its output, which appears when it fails. */
export function quietly(cwd, env, program, ...args) {
  try {
    return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? error.message}`
    return fail(`${program} ${args.join(' ')}:\n${said}`)
  }
}

/** Runs a program that has to fail; gives what it says. */
export function failing(cwd, env, program, ...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8' })
  if (status === 0) fail(`${program} ${args.join(' ')} does not fail`)
  return `${stdout}${stderr}`
}
