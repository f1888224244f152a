import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { within } from '../support/deadline.ts'
import type { Block } from './markdown.ts'
import { type Place, run } from './running.ts'

/** What the commands of a page may be about. */
export interface Workshop {
  /** The folder of the package. */
  readonly root: string
  /** The program of a block. */
  readonly fileOf: (block: Block) => string
  readonly place: Place
}

interface Manifest {
  readonly name: string
  readonly scripts: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** Commands of npm that take no script. */
const PLAIN = ['ci', 'start', 'test']

/** What is wrong with a block of commands: curl is run, and what would take long is looked at. */
export async function problemsOfShell(block: Block, workshop: Workshop): Promise<string[]> {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: block.code, encoding: 'utf8' })
  if (status !== 0) return [stderr.trim()]
  const commands = commandsOf(block.code)
  if (commands.length === 0) return ['there is no command']
  const problems: string[] = []
  for (const words of commands) {
    if (words[0] !== 'curl') problems.push(...problemsOfCommand(words, block, workshop.root))
  }
  if (commands.some(([name]) => name === 'curl')) problems.push(...(await ask(block, workshop)))
  return problems
}

/** The words of each command, without comments, assignments and what they are piped into. */
function commandsOf(code: string): string[][] {
  return code
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => line.split('&&'))
    .map((command) => command.trim().split(/\s+/))
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter(([name]) => name !== undefined && name !== '')
}

function problemsOfCommand(words: readonly string[], block: Block, root: string): string[] {
  const [name = '', first = ''] = words
  if (name === 'npm') return problemsOfNpm(words.slice(1), root)
  if (name === 'node') return problemsOfNode(words.slice(1), block, root)
  if (name.includes('/')) return isProgram(join(root, name)) ? [] : [`${name} is no program here`]
  return [`nobody checks ${name} ${first}`]
}

function problemsOfNpm([command = '', ...rest]: readonly string[], root: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  if (command === 'install') {
    const names = rest.filter((word) => !word.startsWith('-'))
    // Beside a project lies a clone, by the name of the package.
    const known = [manifest.name, `../${manifest.name}`, ...Object.keys(manifest.devDependencies)]
    return names
      .filter((one) => !known.includes(one))
      .map((one) => `npm install ${one}: what is it?`)
  }
  const isScript = command === 'run'
  if (!isScript && !PLAIN.includes(command)) return [`nobody checks npm ${command}`]
  const [name = '', ...args] = isScript ? rest : [command, ...rest]
  const script = manifest.scripts[name]
  if (script === undefined) return name === 'ci' ? [] : [`there is no script ${name}`]
  const sources = [...script.matchAll(/(?:dist\/)?([\w/.-]+)\.(js|mjs|sh)\b/g)].map(
    ([, file = '', ending = '']) => join(root, `${file}.${ending === 'js' ? 'ts' : ending}`),
  )
  // Those of npm itself are before the `--`.
  return args
    .filter((word) => word.startsWith('--') && word !== '--')
    .map((word) => word.slice(2).split('=')[0] as string)
    .filter((flag) => !sources.some((source) => knows(source, flag)))
    .map((flag) => `npm run ${name} has no --${flag}`)
}

/** Whether a program has an option: `parseArgs` is told its name. */
function knows(source: string, flag: string): boolean {
  return (
    existsSync(source) && new RegExp(`['"]?${flag}['"]?: \\{`).test(readFileSync(source, 'utf8'))
  )
}

/** The program that is run has to be a compiled example, or the one that the page shows: its first line says its name. */
function problemsOfNode(
  words: readonly string[],
  { program, page }: Block,
  root: string,
): string[] {
  const file = words.find((word) => /\.[cm]?[jt]s$/.test(word)) ?? ''
  const [, example] = /^dist\/(examples\/.+)\.js$/.exec(file) ?? []
  if (example !== undefined)
    return existsSync(join(root, `${example}.ts`)) ? [] : [`there is no ${example}.ts`]
  const isShown = program?.code.startsWith(`// ${file}\n`) === true
  return isShown ? [] : [`${page} shows no ${file || words.join(' ')} before`]
}

function isProgram(path: string): boolean {
  if (!existsSync(path) || (statSync(path).mode & 0o111) === 0) return false
  return spawnSync('bash', ['-n', path]).status === 0
}

/** Runs a block of `curl` against the program before it. */
async function ask(block: Block, { fileOf, place }: Workshop): Promise<string[]> {
  if (block.program === undefined) return ['there is no server before']
  if (block.prints.length === 0) return ['nothing says what curl prints']
  const program = run(fileOf(block.program), place)
  try {
    const port = await program.port()
    if (port === undefined) return ['the program before does not listen', program.said()]
    const code = block.code.replaceAll(/\b(?:localhost|127\.0\.0\.1):\d+/g, `127.0.0.1:${port}`)
    const printed = await within('curl', output(code, place.cwd))
    return block.prints
      .filter((text) => !printed.includes(text))
      .map((text) => `${JSON.stringify(printed)} is without ${JSON.stringify(text)}`)
  } finally {
    program.kill()
  }
}

/** What commands print. Rejects if they fail. */
function output(code: string, cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], HOME: cwd }
    execFile('sh', ['-e', '-c', code], { cwd, env }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(error)
    })
  })
}
