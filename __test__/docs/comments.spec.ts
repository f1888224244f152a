import test from 'ava'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as nim from '../../ts/asynchttpserver/index.ts'
import * as fasthttp from '../../ts/index.ts'
import { checkOptions as nimOptions } from '../../ts/asynchttpserver/options.ts'
import { checkRouterOptions } from '../../ts/router/routing.ts'
import { parseListen } from '../../ts/server/listen.ts'
import { checkOptions } from '../../ts/server/options.ts'
import { root } from '../support/root.ts'

// What the comments of ts/ tell a user is so: examples compile, and options have units and defaults.

interface Source {
  readonly path: string
  readonly text: string
}

const sources: Source[] = readdirSync(join(root, 'ts'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ path: name, text: readFileSync(join(root, 'ts', name), 'utf8') }))

/** A comment for readers of the API, and the line of code below it. */
const COMMENT = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*([^\n]*)/g

interface Example {
  readonly path: string
  /** The line of its fence, from 1. */
  readonly line: number
  readonly code: string
}

function examplesOf({ path, text }: Source): Example[] {
  return [...text.matchAll(/^ *\* ```ts\n(.*?)^ *\* ```$/gms)].map((found) => ({
    path,
    line: text.slice(0, found.index).split('\n').length,
    code: (found[1] ?? '').replace(/^ *\* ?/gm, ''),
  }))
}

const examples = sources.flatMap(examplesOf)

mkdirSync(join(root, 'build'), { recursive: true })
const work = mkdtempSync(join(root, 'build', 'comments-'))
test.after.always(() => rmSync(work, { recursive: true, force: true }))

/** What a program says; how it ends does not matter. */
function said(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: root }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve(stdout + stderr)
    })
  })
}

/** Compiles programs by their names, as strictly as the package itself; gives what is said. */
function compile(folder: string, programs: Readonly<Record<string, string>>): Promise<string> {
  const place = join(work, folder)
  mkdirSync(place)
  for (const [name, code] of Object.entries(programs)) writeFileSync(join(place, name), code)
  const compilerOptions = {
    rootDir: '.',
    outDir: 'out',
    declaration: false,
    isolatedDeclarations: false,
  }
  const project = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ ...project, exclude: ['out'] }))
  return said(join(root, 'node_modules', '.bin', 'tsc'), ['-p', place, '--pretty', 'false'])
}

test('every example in a comment compiles, by its own imports', async (t) => {
  t.true(examples.length > 40, String(examples.length))
  const names = examples.map(({ path, line }) => `${path.replaceAll('/', '-')}-${line}.ts`)
  // Each line is where it is in its source, for what the compiler says.
  const programs = examples.map(({ line, code }) => '\n'.repeat(line) + code)
  const all = Object.fromEntries(names.map((name, i) => [name, programs[i] ?? '']))
  t.is(await compile('whole', all), '')
  const wrong = "import { createServer } from 'fasthttp'\ncreateServer(() => 1)\n"
  t.regex(await compile('wrong', { 'wrong.ts': wrong }), /wrong\.ts\(2,\d+\): error TS\d+/)
})

/** A line of an example that says what comes out: `expression // value`, and perhaps why. */
const RESULT = /^(\w[^\n]*?) \/\/ (-?\d+|'[^'\n]*'|true|false)(?=[,:\n])[^\n]*/gm

test('what an example says an expression gives, it gives', async (t) => {
  const telling = examples.filter(({ code }) => code.match(RESULT) !== null)
  const results = telling.flatMap(({ code }) => [...code.matchAll(RESULT)])
  t.true(results.length >= 8, String(results.length))
  const programs = telling.map(
    ({ code }) =>
      `import { equal } from 'node:assert/strict'\n${code.replace(RESULT, 'equal($1, $2)')}`,
  )
  const all = Object.fromEntries(programs.map((code, i) => [`result-${i}.ts`, code]))
  t.is(await compile('results', all), '')
  for (const [i, { path, line }] of telling.entries()) {
    const file = join(work, 'results', 'out', `result-${i}.js`)
    t.is(await said(process.execPath, [file]), '', `${path}:${line}`)
  }
})

/** The comments above the declarations of a name. */
function commentsOf(name: string): string[] {
  const declared = new RegExp(`^export (declare )?(function|class|let) ${name}\\b`)
  return sources.flatMap(({ text }) =>
    [...text.matchAll(COMMENT)]
      .filter(([, , code = '']) => declared.test(code))
      .map(([, comment = '']) => comment),
  )
}

test('each function and class of the package has an example', (t) => {
  const names = Object.entries(fasthttp).flatMap(([name, value]) =>
    typeof value === 'function' ? [name] : [],
  )
  t.true(names.length > 15)
  t.true('newAsyncHttpServer' in nim)
  for (const name of [...names, 'newAsyncHttpServer']) {
    t.true(
      commentsOf(name).some((comment) => comment.includes('@example')),
      name,
    )
  }
})

/** Interfaces that users fill in. */
const OPTIONS = [
  'ServerOptions',
  'ListenOptions',
  'RouterOptions',
  'ServeFilesOptions',
  'ResponseInit',
  'FileInit',
  'HttpErrorInit',
  'FrameLimits',
  'AsyncHttpServerOptions',
  'ServeOptions',
]

/** The options of an interface, and what is said of each. */
function optionsOf(name: string): [option: string, comment: string][] {
  for (const { text } of sources) {
    const [, body] =
      new RegExp(`^export interface ${name}\\b[^{]*\\{(.*?)^\\}`, 'ms').exec(text) ?? []
    if (body === undefined) continue
    return [...body.matchAll(COMMENT)].map(([, comment = '', code = '']) => [
      /^\w+/.exec(code)?.[0] ?? code,
      comment.replace(/\s*\n\s*\* ?/g, ' '),
    ])
  }
  return []
}

/** Names of options that are times, sizes or rates, and the unit that goes with them. */
const UNITS: [names: RegExp, unit: RegExp][] = [
  [/Timeout$|QueueDelay$|After$|^timeout$|^keepAlive$/, /\b[Mm]illiseconds\b/],
  [/Size$|Bytes$|^maxRequestLine$|^maxChunkExtensions$|^maxBody$|^maxHeader$/, /\b[Bb]ytes\b/],
  [/Rate$/, /\b[Bb]ytes per second\b/],
]

for (const name of OPTIONS) {
  test(`each of ${name} says its default, and its unit if it has one`, (t) => {
    const options = optionsOf(name)
    t.true(options.length > 1)
    for (const [option, comment] of options) {
      t.regex(comment, /\b[Dd]efault\b/, option)
      for (const [names, unit] of UNITS) if (names.test(option)) t.regex(comment, unit, option)
    }
  })
}

/** Options that a signature has in itself, with the comment above it. */
function inlineOptions(text: string): [option: string, comment: string][] {
  return [...text.matchAll(/\{ (\w+)\?: (?:number|boolean) \}/g)].flatMap(
    ({ index, 1: option = '' }) => {
      const [, comment = '', between = '\n\n'] =
        [...text.slice(0, index).matchAll(BEFORE)].at(-1) ?? []
      // A comment that is further away is that of something else.
      return /\n\n|\}\n/.test(between)
        ? []
        : [[option, comment.replace(/\s*\n\s*\* ?/g, ' ')] as const]
    },
  )
}

/** A comment and all that is behind it. */
const BEFORE = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/((?:(?!\/\*\*)[^])*)/g

test('an option in a signature says its default, and its unit if it has one', (t) => {
  const found = sources.flatMap(({ text }) => inlineOptions(text))
  t.deepEqual([...new Set(found.map(([option]) => option))].toSorted(), [
    'keepAlive',
    'readyAfter',
    'stuckAfter',
    'timeout',
    'transfer',
  ])
  for (const [option, comment] of found) {
    // In one sentence: others may be about something else.
    const sentence = comment.split(/\.\s/).find((one) => one.includes(`\`${option}\``)) ?? ''
    t.regex(sentence, /\b[Dd]efault\b/, option)
    for (const [names, unit] of UNITS) if (names.test(option)) t.regex(sentence, unit, option)
  }
})

test('sse says after how long it sends a comment', (t) => {
  const text = sources.find(({ path }) => path === join('response', 'sse.ts'))?.text ?? ''
  const [, value = ''] = /^const KEEP_ALIVE = ([\d_]+)$/m.exec(text) ?? []
  t.regex(
    commentsOf('sse').join(''),
    new RegExp(`\\bdefault ${Number(value.replaceAll('_', ''))}\\b`),
  )
})

/** What an interface says of its defaults, and those that count. */
const DEFAULTS: [name: string, own: object, least: number][] = [
  ['ServerOptions', checkOptions({}), 22],
  ['ListenOptions', parseListen([]).options, 4],
  ['RouterOptions', checkRouterOptions({}), 5],
  ['AsyncHttpServerOptions', nimOptions({}), 5],
]

/** These count in another way than they are told. */
const OTHERWISE = ['ioThreads', 'maxConnections', 'redirectCode']

for (const [name, own, least] of DEFAULTS) {
  test(`the defaults of ${name} that are told are those that count`, (t) => {
    const told = new Map(optionsOf(name))
    const values = Object.entries(own).filter(
      ([option, value]) =>
        /^(number|boolean)$/.test(typeof value) && told.has(option) && !OTHERWISE.includes(option),
    )
    t.true(values.length >= least, String(values.length))
    for (const [option, value] of values) {
      t.regex(told.get(option) ?? '', new RegExp(`\\bDefault:? ${value}\\b`), option)
    }
  })
}
