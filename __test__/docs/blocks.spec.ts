import test from 'ava'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile, type Programs } from './compile.ts'
import { CONFIGURATIONS } from './config.ts'
import { type Block, blocksOf, PROGRAMS } from './markdown.ts'
import { type Place, problemsOf } from './running.ts'
import { problemsOfShell } from './shell.ts'
import { freePort } from '../support/place.ts'

// Every block of the README and of docs/ is run, asked, or parsed, so that none says what is not so.

// The compiled file is dist/__test__/docs/blocks.spec.js.
const root = fileURLToPath(new URL('../../../', import.meta.url))
const sources = join(root, '__test__', 'docs')
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]
const blocks = pages.flatMap((page) => blocksOf(page, readFileSync(join(root, page), 'utf8')))

/** How many blocks may be left out, in all. */
const LEFT_OUT = 5
/** Blocks that are looked at together. */
const AT_ONCE = 3

/** A page that is wrong in one way, and what is said of it. */
const BROKEN: [what: string, text: string, message: RegExp][] = [
  [
    'a type',
    "```ts\nimport { createServer } from 'fasthttp'\ncreateServer(() => 1)\n```",
    /error TS\d+/,
  ],
  ['an import', "```js\nimport { serve } from 'fasthttp'\nserve()\n```", /has no exported member/],
  ['its end', '```ts\nprocess.exitCode = 3\n```', /ends with 3/],
  ['an error', "```js\nthrow new Error('no')\n```\n<!-- GET / -> 200 -->", /does not listen/],
  ['a print', '```js\nconsole.log(1)\n```\n<!-- prints: 2 -->', /does not print "2"/],
  ['a status', served('<!-- GET / -> 404 -->'), /200 and not 404/],
  ['a text', served('<!-- GET / -> 200 bye -->'), /"hello" without "bye"/],
  ['a field', served('<!-- GET / -> 200 (X-A: b) hello -->'), /X-A: undefined and not b/],
  ['a failure', served('', "throw new Error('no')"), /GET \/ is answered 500/],
  ['a comment', served('<!-- GET / is 200 -->'), /nobody understands/],
  [
    'the network',
    "```js\nawait fetch('http://192.0.2.1/')\n```\n<!-- prints: x -->",
    /ends with 1[^]*nobody but its own servers/,
  ],
  [
    'curl',
    `${served('')}\n\n\`\`\`sh\ncurl localhost:3000\n\`\`\`\n<!-- prints: bye -->`,
    /without "bye"/,
  ],
  ['curl, unasked', `${served('')}\n\n\`\`\`sh\ncurl localhost:3000\n\`\`\``, /nothing says/],
  ['a script', '```sh\nnpm run nothing\n```', /there is no script nothing/],
  ['a flag', '```sh\nnpm run bench -- --repetitions 3\n```', /bench has no --repetitions/],
  ['a value', '```sh\nnpm run bench -- --reps abc\n```', /--reps takes no abc/],
  ['no value', '```sh\nnpm run bench -- --reps\n```', /--reps takes no end/],
  ['a name', '```sh\nnpm run bench -- c63\n```', /bench has no c63/],
  ['a flag of npm', '```sh\nnpm run bench --reps 3\n```', /where is its --/],
  ['a second command', '```sh\nnpm ci; rm -rf x\n```', /nobody checks rm -rf/],
  ['a pipe', '```sh\nnpm ci | tee x\n```', /nobody checks tee x/],
  ['an alternative', '```sh\nnpm ci || rm x\n```', /nobody checks rm x/],
  ['one in the background', '```sh\nnpm ci & rm x\n```', /nobody follows &/],
  ['a file that is written', '```sh\nnpm run build > /etc/passwd\n```', /nobody follows >/],
  ['a command in another', '```sh\nnpm ci "$(rm x)"\n```', /nobody follows "\$\(rm x\)"/],
  ['a command behind curl', '```sh\ncurl localhost:3000; rm x\n```', /nobody checks rm x/],
  ['a package', '```sh\nnpm install fsathttp\n```', /what is it/],
  ['a command', '```sh\nrm -rf x\n```', /nobody checks rm -rf/],
  ['a file', '```sh\n__test__/nothing.sh\n```', /is no program here/],
  ['a program', '```sh\nnode other.mjs\n```', /shows no other\.mjs/],
  ['an example', '```sh\nnode dist/examples/none.js\n```', /there is no examples\/none\.ts/],
  ['a folder', '```sh\nnpm install ../fsathttp\n```', /what is it/],
  ['a shell', "```sh\nnpm ci && 'x\n```", /[Uu]nterminated|EOF/],
  ['JSON', '```json\n{ a: 1 }\n```', /JSON/],
  ['YAML', '```yaml\na: [1\n```', /./],
  ['a kind', '```yaml\napiVersion: v1\nkind: Frobnicate\n```', /nobody knows the kind Frobnicate/],
  [
    'a kind of nothing',
    '```yaml\nkind: Service\n```',
    /nobody knows the kind Service of undefined/,
  ],
  ['a system', '```js\n1\n```\n<!-- on: plan9 -->', /nobody knows the system plan9/],
  ['no check', '```ts\n// @ts-nocheck\nconst a: string = 1\n```', /with @ts-nocheck/],
  ['no check of a line', '```ts\n// @ts-ignore\nconst a: string = 1\n```', /with @ts-ignore/],
  ['a server that nobody asks', served('', 'return empty(404)'), /GET \/ is answered 404/],
  [
    'a server that is asked for nothing',
    served('<!-- GET / -> 404 -->', 'return empty(404)'),
    /asked nothing/,
  ],
  ['a Dockerfile', '```dockerfile\nFROM node:24\nRUNS npm ci\n```', /RUNS npm ci/],
  ['nginx', '```nginx\nserver { listen 80; proxy_passes x; }\n```', /proxy_passes|no nginx/],
  ['HAProxy', '```haproxy\ndefaults\n  modus http\n```', /modus|no haproxy/],
  ['a language', '```text\nhello\n```', /nobody knows how to check text/],
]

function served(comment: string, handler = "return 'hello'"): string {
  const code = `import { createServer, empty } from 'fasthttp'\nawait createServer(() => { ${handler} }).listen(3000)`
  return `\`\`\`js\n${code}\n\`\`\`\n${comment}`
}

const broken = BROKEN.map(([, text], i) => blocksOf(`broken-${i}.md`, text))

mkdirSync(join(root, 'build'), { recursive: true })
const work = mkdtempSync(join(root, 'build', 'docs-'))
test.after.always(() => rmSync(work, { recursive: true, force: true }))

let programs: Programs | undefined
let place: Place | undefined

test.before(async () => {
  cpSync(join(sources, 'site'), join(work, 'site'), { recursive: true })
  // Workers of a cluster cannot share a port that the kernel chooses.
  place = { cwd: join(work, 'site'), port: await freePort('127.0.0.1') }
  programs = await compile(root, join(work, 'blocks'), [...blocks, ...broken.flat()])
})

async function check(block: Block, log: (why: string) => void): Promise<readonly string[]> {
  const { language, notRun, platforms, mistakes, code } = block
  if (mistakes.length > 0) return mistakes
  const { fileOf, faultsOf } = programs as Programs
  if (PROGRAMS.includes(language)) {
    const faults = faultsOf(block)
    if (faults.length > 0 || notRun !== undefined) return faults
    if (platforms.length > 0 && !platforms.includes(process.platform)) {
      log(`left out: it needs ${platforms.join(' or ')}`)
      return []
    }
    return problemsOf(block, fileOf(block), place as Place)
  }
  if (notRun !== undefined) return []
  if (language === 'sh') return problemsOfShell(block, { root, fileOf, place: place as Place })
  const configuration = CONFIGURATIONS[language]
  if (configuration === undefined) return [`nobody knows how to check ${language || 'a block'}`]
  const { problems, skipped } = configuration(code, work)
  if (skipped !== undefined) log(`left out: ${skipped}`)
  return problems
}

let running = 0
const waiting: (() => void)[] = []

/** Runs so many at once. */
async function inTurn<T>(task: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running++
  try {
    return await task()
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}

for (const block of blocks) {
  test(`${block.at}: the ${block.language} block is right`, async (t) => {
    t.deepEqual(await inTurn(() => check(block, (why) => t.log(why))), [])
  })
}

for (const [i, [what, , message]] of BROKEN.entries()) {
  test(`a page that is wrong is found out: ${what}`, async (t) => {
    const said: string[] = []
    for (const block of broken[i] as Block[]) {
      said.push(...(await inTurn(() => check(block, (why) => said.push(why)))))
    }
    t.regex(said.join('\n'), message)
  })
}

/** A page that cannot be taken apart, and what is said of it. */
const UNREAD: [what: string, text: string, message: RegExp][] = [
  ['a block without an end', '```ts\n1', /x\.md:1: the block has no end/],
  ['tildes', 'a\n~~~ts\n1\n~~~', /x\.md:2: nobody reads/],
  ['a quoted block', '> ```ts\n> 1\n> ```', /x\.md:1: nobody reads/],
  ['a block behind a tab', '- a\n\n\t```ts\n\t1\n\t```', /x\.md:3: nobody reads/],
  ['a block beside a dot', '- ```ts\n  1\n  ```', /x\.md:1: nobody reads/],
  ['a block of HTML', '<pre>\n1\n</pre>', /x\.md:1: nobody reads/],
  [
    'a comment behind prose',
    '```js\n1\n```\nSo:\n<!-- prints: 1 -->',
    /x\.md:5: the comment belongs/,
  ],
  [
    'a second comment',
    '```js\n1\n```\n<!-- prints: 1 -->\n<!-- prints: 2 -->',
    /x\.md:5: the comment/,
  ],
  ['a comment without an end', '```js\n1\n```\n<!-- prints: 1', /x\.md:4: the comment has no end/],
  ['words behind a comment', '```js\n1\n```\n<!-- prints: 1 --> a', /x\.md:4: something stands/],
]

for (const [what, text, message] of UNREAD) {
  test(`a page that is wrong is found out: ${what}`, (t) => {
    t.throws(() => blocksOf('x.md', text), { message })
  })
}

/** Blocks that do not run where these tests do. */
function leftOut(of: readonly Block[]): Block[] {
  return of.filter(
    ({ notRun, platforms }) =>
      notRun !== undefined || (platforms.length > 0 && !platforms.includes('linux')),
  )
}

test('what runs on other systems alone is left out', (t) => {
  const lines = ['on: linux', 'on: freebsd darwin', 'not run: for a test', 'prints: 1']
  const told = lines.flatMap((line) => blocksOf('x.md', `\`\`\`js\n1\n\`\`\`\n<!-- ${line} -->`))
  t.deepEqual(leftOut(told), told.slice(1, 3))
})

test('few blocks are left out, each with its reason', (t) => {
  const left = leftOut(blocks)
  t.true(left.length <= LEFT_OUT, left.map(({ at }) => at).join(', '))
  t.true(blocks.length > 40, `${blocks.length} blocks`)
})
