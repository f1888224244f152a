import test from 'ava'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from '../support/root.ts'
import { importsOf, readImports } from './imports.ts'

/** Files under a folder with this ending, and their text without comments. */
function sources(folder: string, ending: string): [path: string, text: string][] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name): [string, string] => {
      const text = readFileSync(join(root, folder, name), 'utf8')
      return [join(folder, name), text.replace(/^\s*\/\/.*$/gm, '')]
    })
}

/** No I/O, no clock, no Node, nothing unsafe. */
const IMPURE =
  /\b(unsafe|mio|socket2|rustix|napi\w*|SystemTime|Instant|std::(net|fs|os|env|process|thread|sync))\b/

/** A layer of the addon, what of ours it may use, and what it must not touch. */
const LAYERS: [layer: string, uses: string[], never: RegExp][] = [
  ['http', ['http'], IMPURE],
  ['router', ['router'], IMPURE],
  ['net', ['net', 'http', 'router'], /\bnapi\w*\b/],
  ['bridge', ['bridge', 'net', 'http', 'router'], /\bmio::/],
]

const rust = sources('native', '.rs')

for (const [layer, uses, never] of LAYERS) {
  test(`native/${layer} uses nothing of ours but ${uses.join(', ')}`, (t) => {
    const isTest = (path: string): boolean => /(^|\/)tests(\.rs$|\/)/.test(path)
    const own = rust.filter(([path]) => path.startsWith(join('native', layer)))
    t.true(own.length > 0 || layer === 'router')
    for (const [path, text] of own) {
      for (const [, used = ''] of text.matchAll(/\bcrate::\{?\s*(\w+)/g)) {
        t.true(uses.includes(used), `${path} uses ${used}`)
      }
      t.notRegex(text, /\bcrate::\{[^}]*\b(bridge)\b/, path)
      if (isTest(path)) continue
      const found = never.exec(text.split('#[cfg(test)]')[0] ?? '')
      t.is(found, null, `${path} uses ${found?.[0]}`)
    }
  })
}

test('every folder of native is a layer', (t) => {
  const folders = readdirSync(join(root, 'native'), { withFileTypes: true })
  const layers = LAYERS.map(([layer]) => layer)
  for (const { name } of folders.filter((entry) => entry.isDirectory())) {
    t.true(layers.includes(name), name)
  }
})

test('only net knows operating systems', (t) => {
  for (const [path, text] of rust) {
    if (/\/tests(\.rs$|\/)|\bnet\//.test(path)) continue
    const asked = text.match(/\bcfg!?\([^)]*\b(unix|windows|target_\w+)\b/)
    t.is(asked, null, `${path}: ${asked?.[0]}`)
  }
})

/** The rooms of ts/ from the ground up, as an answer goes; a request comes the other way. */
const ROOMS = ['errors', 'crossing', 'request', 'response', 'server', 'router', 'index'] as const

/** Front doors: ways in that are written on the public API. Each has these seams besides, and no others. */
const DOORS: Record<string, Record<string, string>> = {
  // Nim's server decides whom it accepts, and ends them.
  asynchttpserver: {
    'request/ending.ts': '{ finishConnection }',
    'server/descriptors.ts': '{ descriptors }',
    'server/listen.ts': 'type { DemandOptions }',
    'server/http-server.ts': '{ acceptOne }',
  },
}

/** Written by `npm run entries`; entries.spec.ts compares them. */
const ENTRIES = ['.', ...Object.keys(DOORS)].map((door) => join('ts', door, 'index.mts'))

/** Their text is whole: `importsOf` passes over comments. */
const typescript = readdirSync(join(root, 'ts'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
  // The manifest that says CommonJS, and the entries for `import`.
  .filter((path) => path !== 'ts/package.json' && !ENTRIES.includes(path))
  .map((path): [path: string, text: string] => [path, readFileSync(join(root, path), 'utf8')])

/** The room or door that a file is in: its folder, or its own name on the top level. */
function roomOf(path: string): string {
  return (path.split('/')[1] as string).replace(/\.ts$/, '')
}

test('every file of ts is in a room or behind a front door', (t) => {
  const known: string[] = [...ROOMS, ...Object.keys(DOORS)]
  for (const [path] of typescript) {
    t.true(known.includes(roomOf(path)), path)
    t.regex(path, /\.[cm]?ts$/, 'nobody reads what it imports')
  }
  for (const room of known)
    t.true(
      typescript.some(([path]) => roomOf(path) === room),
      room,
    )
})

/** What leaves ts/ all the same: the manifest of the package, and the binary beside it. */
const OUTSIDE: Record<string, string[]> = {
  'ts/crossing/native.ts': ['node:module', '../../../package.json', 'fasthttp/package.json'],
  'ts/crossing/required.ts': ['node:module'],
}

/** What a module of a room or a door names that nobody there may, or that nobody can follow. */
function astray(path: string, text: string): string[] {
  const { imports, strays } = readImports(text)
  const own = new Set([path, ...typescript.map(([other]) => other)])
  const wrong = imports.filter(({ from, names }) => {
    if (from.startsWith('.')) return !own.has(join(dirname(path), from))
    // It makes a `require` that is called by another name.
    return (
      from.startsWith('/') ||
      from.startsWith('fasthttp') ||
      /^(node:)?module$/.test(from) ||
      names === 'module'
    )
  })
  return [...wrong.map(({ from }) => from), ...strays].filter(
    (from) => OUTSIDE[path]?.includes(from) !== true,
  )
}

/** What a module of a room imports of the rooms above it, and of front doors. */
function upward(path: string, text: string): string[] {
  const floor = (of: string): number => (ROOMS as readonly string[]).indexOf(roomOf(of))
  return importsOf(text)
    .filter(({ from }) => from.startsWith('.') && OUTSIDE[path]?.includes(from) !== true)
    .map(({ from }) => join(dirname(path), from))
    .filter((target) => floor(target) < 0 || floor(target) > floor(path))
}

test('a module of ts imports modules of ts and of others by their names, where one can see it', (t) => {
  for (const [path, text] of typescript) t.deepEqual(astray(path, text), [], path)
})

test('a room of ts imports only rooms below it, types included', (t) => {
  for (const [path, text] of typescript) {
    if (!(roomOf(path) in DOORS)) t.deepEqual(upward(path, text), [], path)
  }
})

/** What would be wrong in a module of request/, and what is said of it. */
const WRONG: [source: string, target: string][] = [
  ["import { text } from '../response/response.ts'", 'ts/response/response.ts'],
  ["import type { HttpResponse } from '../response/response.ts'", 'ts/response/response.ts'],
  ['import { text } from "../response/response.ts"', 'ts/response/response.ts'],
  ["export type X = import('../response/response.ts').HttpResponse", 'ts/response/response.ts'],
  ["type X = typeof import('../response/response.ts')", 'ts/response/response.ts'],
  ["await import('../response/response.ts')", 'ts/response/response.ts'],
  ["const { text } = require('../response/response.js')", '../response/response.js'],
  ["import x = require('../response/response.ts')", 'ts/response/response.ts'],
  ["import '../response/response.ts'", 'ts/response/response.ts'],
  ["const a = 1; import { text } from '../response/response.ts'", 'ts/response/response.ts'],
  ["declare module '../response/response.ts' {}", 'ts/response/response.ts'],
  ["declare module 'node:net' {}", 'node:net'],
  ['/// <reference path="../response/response.ts" />', 'ts/response/response.ts'],
  ["import { createRequire } from 'node:module'", 'node:module'],
  ["import { createRequire } from 'module'", 'module'],
  ["own('../response/response.js')", '../response/response.js'],
  ["export { root } from '../../__test__/support/root.ts'", '__test__/support/root.ts'],
  ["import { text } from '../../dist/ts/index.js'", 'dist/ts/index.js'],
  ["import { text } from '/work/ts/index.ts'", '/work/ts/index.ts'],
  ["import { text } from '../nothing/nothing.ts'", 'ts/nothing/nothing.ts'],
  ["import { text } from '../index.ts'", 'ts/index.ts'],
  ["import { text } from 'fasthttp'", 'fasthttp'],
  ["import { accept } from '../asynchttpserver/server.ts'", 'ts/asynchttpserver/server.ts'],
  ['await import(`../${name}.ts`)', '../\0.ts'],
  ['require(name)', 'require(name)'],
]

for (const [source, target] of WRONG) {
  test(`request/ may not say ${source.replace('\n', ' ')}`, (t) => {
    const path = 'ts/request/wrong.ts'
    t.true([...upward(path, source), ...astray(path, source)].includes(target))
  })
}

test('what request/ may say', (t) => {
  const source =
    "import { coded } from '../errors.ts'\nexport { socket } from './takeover.ts'\nimport 'node:net'"
  for (const rule of [upward, astray]) t.deepEqual(rule('ts/request/right.ts', source), [])
})

test('a front door imports index.ts and its seams, and nothing else of ours', (t) => {
  for (const [path, text] of typescript) {
    const seams = DOORS[roomOf(path)]
    if (seams === undefined) continue
    for (const { from, names } of importsOf(text)) {
      if (!from.startsWith('.')) continue
      const target = join(dirname(path), from)
      if (roomOf(target) === roomOf(path) || target === 'ts/index.ts') continue
      t.is(names, seams[target.slice('ts/'.length)] ?? 'nothing', `${path} imports ${target}`)
    }
  }
})

test('each index.ts exports only, and nothing of ours imports one but front doors', (t) => {
  const indexes = typescript.filter(([path]) => path.endsWith('index.ts'))
  t.is(indexes.length, 1 + Object.keys(DOORS).length)
  for (const [path, text] of indexes) {
    const code = text.replace(/\/\*\*.*?\*\//gs, '')
    const rest = code.replace(/^export\s+((type\s+)?\{[^}]*\}|\*)\s+from\s+'[^']+'$/gm, '')
    t.is(rest.trim(), '', path)
  }
  for (const [path, text] of typescript) {
    for (const { from } of importsOf(text)) {
      if (from.endsWith('/index.ts')) t.true(roomOf(path) in DOORS, path)
    }
  }
})

test('server and router meet only in Handler', (t) => {
  for (const [path, text] of typescript) {
    if (roomOf(path) !== 'router') continue
    for (const { from, names } of importsOf(text)) {
      const target = join(dirname(path), from)
      if (!from.startsWith('.') || roomOf(target) !== 'server') continue
      const known =
        /^(type )?\{ (type )?Handler \}$|^\{ (setMatching|type Routed)(, (setMatching|type Routed))* \}$/
      t.regex(names, known, `${path} imports ${target}`)
    }
  }
})

test('modules of ts import each other in one direction', (t) => {
  const graph = new Map(
    typescript.map(([path, text]) => [
      path,
      importsOf(text)
        .filter(({ isType, from }) => !isType && from.startsWith('.'))
        .map(({ from }) => join(dirname(path), from)),
    ]),
  )
  const done = new Set<string>()
  const visit = (name: string, path: string[]): void => {
    t.false(path.includes(name), [...path, name].join(' -> '))
    if (done.has(name) || path.includes(name)) return
    for (const next of graph.get(name) ?? []) visit(next, [...path, name])
    done.add(name)
  }
  for (const name of graph.keys()) visit(name, [])
})

test('the package has no runtime dependency beyond a mime table', (t) => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
    scripts: Record<string, string>
  }
  for (const name of Object.keys(manifest.dependencies ?? {})) t.regex(name, /mime/)
  for (const name of ['preinstall', 'install', 'postinstall'])
    t.is(manifest.scripts[name], undefined)
})
