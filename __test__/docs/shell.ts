import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
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
  const { commands, problems } = commandsOf(block.code)
  if (commands.length === 0) return ['there is no command']
  for (const words of commands) {
    if (words[0] !== 'curl') problems.push(...problemsOfCommand(words, block, workshop.root))
  }
  // Nothing is run of which something is not known.
  if (problems.length > 0 || !commands.some(([name]) => name === 'curl')) return problems
  return ask(block, workshop)
}

/** What a shell takes apart: quoted, a comment, the end of a command, what nobody follows, a space, a word. */
const TOKEN =
  /(?<quoted>'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^])|(?<comment>(?<=^|\s)#.*)|(?<end>\n|&&|\|\||[;|])|(?<other>\d*(?:>>?|<<?)&?|&|[(){}`]|\$\()|(?<space>[ \t]+)|(?<plain>[^])/gm

/** The words of each command, without assignments, and what nobody can say of the whole. */
function commandsOf(code: string): { commands: string[][]; problems: string[] } {
  const problems: string[] = []
  const commands: string[][] = [[]]
  let isNew = true
  for (const { 0: token, groups = {} } of code.replaceAll('\\\n', ' ').matchAll(TOKEN)) {
    const { quoted, comment, end, other, space } = groups as Record<string, string | undefined>
    const isInside = quoted?.startsWith('"') === true && /`|\$\(/.test(quoted)
    if (other !== undefined || isInside) problems.push(`nobody follows ${token} in a block`)
    if (end !== undefined) commands.push([])
    if ([comment, end, other, space].some((found) => found !== undefined)) {
      isNew = true
      continue
    }
    const words = commands.at(-1) as string[]
    if (isNew) words.push(token)
    else words.push(`${words.pop()}${token}`)
    isNew = false
  }
  const named = commands
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter((words) => words.length > 0)
  return { commands: named, problems }
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
  const separator = args.indexOf('--')
  if (args.length > 0 && separator !== 0) return [`npm run ${name} ${args[0]}: where is its --?`]
  return problemsOfArguments(args.slice(1), sources).map((problem) => `npm run ${name} ${problem}`)
}

/** What is wrong with the arguments of a program, which tells `parseArgs` of its options. */
function problemsOfArguments(args: readonly string[], sources: readonly string[]): string[] {
  const problems: string[] = []
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string
    if (!word.startsWith('-')) {
      if (!sources.some((source) => knowsName(source, word))) problems.push(`has no ${word}`)
      continue
    }
    const [flag = '', given] = word.replace(/^--?/, '').split('=')
    const option = sources.flatMap((source) => optionOf(source, flag) ?? [])[0]
    if (option === undefined) {
      problems.push(`has no --${flag}`)
      continue
    }
    const value = given ?? (option.isFlag ? '' : args[++at])
    if (value === undefined || !option.takes.test(value))
      problems.push(`--${flag} takes no ${value ?? 'end of the line'}`)
  }
  return problems
}

/** An option of a program, by its name: whether it has a value, and which ones. */
function optionOf(source: string, flag: string): { isFlag: boolean; takes: RegExp } | undefined {
  if (!existsSync(source)) return undefined
  const declared = new RegExp(`['"]?${flag}['"]?: \\{ type: '(\\w+)'(?:, default: '?([^'}]*))?`)
  const [found, type, standard = ''] = declared.exec(readFileSync(source, 'utf8')) ?? []
  if (found === undefined) return undefined
  if (type === 'boolean') return { isFlag: true, takes: /^$/ }
  // A number where a number is the default, and as many of them.
  const takes = /^\d+(,\d+)*$/.test(standard) ? standard.replaceAll(/\d+/g, '\\d+') : '\\S+'
  return { isFlag: false, takes: new RegExp(`^${takes}$`) }
}

/** Whether something beside a program has this name. */
function knowsName(source: string, name: string): boolean {
  if (!existsSync(source)) return false
  const folder = dirname(source)
  return readdirSync(folder)
    .filter((file) => /\.(ts|sh)$/.test(file))
    .some((file) => readFileSync(join(folder, file), 'utf8').includes(`'${name}'`))
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
