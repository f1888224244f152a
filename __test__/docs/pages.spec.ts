import test from 'ava'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseListen } from '../../ts/server/listen.ts'
import { checkOptions } from '../../ts/server/options.ts'
import { Router } from '../../ts/index.ts'
import { blocksOf } from './markdown.ts'

// What the pages say of the repository and of the options is so.

// The compiled file is dist/__test__/docs/pages.spec.js.
const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (page: string): string => readFileSync(join(root, page), 'utf8')
const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const beside = ['CONTRIBUTING.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CHANGELOG.md']
const pages = ['README.md', ...beside, ...names.map((name) => join('docs', name))]

test('the README can be read in two minutes', (t) => {
  const lines = read('README.md').split('\n').length - 1
  t.true(lines <= 160, `${lines} lines`)
  t.regex(read('README.md'), /<!-- benchmarks -->\n[^]+\n<!-- \/benchmarks -->/)
})

test('the index has every page', (t) => {
  for (const name of names) {
    if (name !== 'README.md') t.true(read('docs/README.md').includes(`](${name})`), name)
  }
})

/** What is left of a page without its blocks. */
function prose(page: string): string {
  return read(page).replaceAll(/^ *```[^]*?^ *```$/gm, '')
}

/** The anchors of a page, as GitHub makes them of its headings. */
function anchors(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

for (const page of pages) {
  test(`the links of ${page} lead somewhere`, (t) => {
    const links = [...prose(page).matchAll(/(!?)\[[^\]]*\]\(([^)]+)\)/g)]
    for (const [, isPicture, target = ''] of links) {
      // The picture of the benchmark is drawn anew, and a remote page is nobody's to ask for here.
      if (isPicture === '!' || /^https?:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      t.true(existsSync(join(root, file)), target)
      if (anchor !== undefined) t.true(anchors(file).includes(anchor), target)
    }
    t.pass()
  })

  test(`the files that ${page} names are there`, (t) => {
    for (const path of named(prose(page))) t.true(isThere(path), path)
    for (const [, script = ''] of prose(page).matchAll(/`npm run ([\w:]+)/g)) {
      t.true(script in scripts, script)
    }
    t.pass()
  })
}

test('a page with files below / says what they need beside other routes', (t) => {
  const told = pages.filter((page) => read(page).includes("serveFiles('/*"))
  t.true(told.includes('README.md') && told.length > 1)
  for (const page of told) t.true(read(page).includes("overlap: 'static-first'"), page)
})

test('the programs with WebSockets listen to their errors', (t) => {
  const programs = pages
    .flatMap((page) => blocksOf(page, read(page)))
    .filter(({ code }) => code.includes('handleUpgrade('))
  t.not(programs.length, 0)
  for (const { at, code } of programs) t.regex(code, /\bws\.on\('error'/, at)
})

/** The words between backticks that are paths of this repository. */
function named(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) =>
    code.split(/[\s,]+/).filter((word) => FOLDERS.test(word)),
  )
}

const FOLDERS = /^(?:dist\/)?(?:__test__|benchmark|examples|native|ts|npm|docs|\.github|\.ci)\//
/** What is made by a build, or by hand. */
const MADE = ['npm/local', 'docs/api']

/** Whether a file is there: its ending may be missing, and `<x>` is any name. */
function isThere(path: string): boolean {
  const source = path.replace(/\/$/, '').replace(/^dist\/(.*)\.js$/, '$1.ts')
  if (MADE.includes(source)) return true
  if (!source.includes('<')) {
    return ['', '.ts', '.rs'].some((ending) => existsSync(join(root, source + ending)))
  }
  const folder = source.slice(0, source.indexOf('/'))
  const escaped = source.replaceAll(/[.[\]()+*]/g, '\\$&').replaceAll(/<[^>]*>/g, '[^/]+')
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return files.some((file) => new RegExp(`^${escaped}$`).test(`${folder}/${file}`))
}

const PATHS: [text: string, areThere: boolean][] = [
  ['`__test__/house/layering.spec.ts`', true],
  ['`npx ava dist/__test__/<subject>/<x>.spec.js`', true],
  ['`npx ava dist/__test__/<x>.spec.js`', false],
  ['`ts/server/batch` and `native/bridge/ring`', true],
  ['`native/bridge/nothing`', false],
  ['`npm/nothing.mjs`', false],
]

test('a file that a page names and that is not there is found out', (t) => {
  for (const [text, areThere] of PATHS) {
    t.true(named(text).length > 0, text)
    t.is(named(text).every(isThere), areThere, text)
  }
})

/** Files of the map by the names of their rooms: `net/accept` is native/net/accept.rs. */
const ROOMS = /(?<![\w/.])(?:http|net|bridge|router|server|request|response|crossing)\/[\w/]*\w/g

test('the map names files that are there', (t) => {
  const places = [...read('ARCHITECTURE.md').matchAll(ROOMS)].map(([place]) => place)
  t.true(places.length > 20, String(places.length))
  for (const place of places)
    t.true(
      ['native', 'ts'].some((side) => isThere(`${side}/${place}`)),
      place,
    )
})

/** The rows of the table below a heading: the names in its first column, and the column of defaults. */
function table(page: string, heading: string, column: number): Map<string, string> {
  const part = read(page).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const rows = [...part.matchAll(/^\| `(\w+)`.*$/gm)]
  return new Map(rows.map(([row, name = '']) => [name, row.split('|')[column + 1]?.trim() ?? '']))
}

/** Whether it throws nothing. */
function attempt(call: () => unknown): boolean {
  try {
    call()
    return true
  } catch {
    return false
  }
}

test('the page of options has each, with its default', (t) => {
  const told = table('docs/options.md', 'createServer(handler, options)', 2)
  // What is made of other ones.
  const made = checkOptions({})
  const { streamBodies, maxCollectedBody, ioThreads, onError, trust, ...others } = made
  t.deepEqual([streamBodies, typeof maxCollectedBody, trust], [false, 'number', undefined])
  t.true(ioThreads > 0)
  // Not to be had by this door.
  const { nodeAnswers, hostRule, ...known } = others
  t.deepEqual([nodeAnswers, hostRule], [false, 0])
  for (const [name, value] of Object.entries({ ...known, onError })) {
    t.true(told.has(name), name)
    if (typeof value === 'number') {
      // A default that cannot be given is told in words.
      const isGiven = attempt(() => checkOptions({ [name]: value }))
      t.regex(told.get(name) ?? '', isGiven ? new RegExp(`^${value}\\b`) : /^[a-z]/, name)
    }
    if (typeof value === 'boolean') t.is(told.get(name), String(value), name)
  }
  for (const name of told.keys()) t.notThrows(() => checkOptions({ [name]: undefined }), name)
})

test('the page of options has those of listen', (t) => {
  const told = table('docs/options.md', 'server.listen(options)', 2)
  t.true(told.size >= 7)
  const { backlog, port, ipv6Only, reusePort } = parseListen([]).options
  for (const [name, value] of Object.entries({ backlog, port, ipv6Only, reusePort })) {
    t.regex(told.get(name) ?? '', new RegExp(`^${value}\\b`), name)
  }
  for (const name of told.keys()) t.notThrows(() => parseListen([{ [name]: undefined }]), name)
})

test('the page of routing has the options of a router', (t) => {
  const told = table('docs/routing.md', 'What the router answers', 1)
  t.is(told.size, 10)
  for (const name of told.keys()) t.notThrows(() => new Router({ [name]: undefined }), name)
})
