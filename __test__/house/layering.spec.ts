import test from 'ava'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from '../support/root.ts'
import { isTests, modulesIn } from './crate.ts'
import { importsOf, readImports } from './imports.ts'

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

/** The files of native/ and their text without the comments of whole lines. */
const rust = readdirSync(join(root, 'native'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.rs'))
  .map((name): [name: string, text: string] => {
    const text = readFileSync(join(root, 'native', name), 'utf8')
    return [name, text.replace(/^\s*\/\/.*$/gm, '')]
  })

/** What a layer of a crate uses of other layers, and what it must not touch. */
function beyond([layer, uses, never]: (typeof LAYERS)[number], files: typeof rust): string[] {
  const inside = ([, own]: readonly string[]): boolean => own === layer
  const modules = [...modulesIn(files, true).values()].filter(({ path }) => inside(path))
  const above = modules.flatMap(({ path, uses: paths }) =>
    paths
      .filter(([, used]) => used !== undefined && !uses.includes(used))
      .map((used) => `${path.join('::')} uses ${used.join('::')}`),
  )
  // Tests may do what they like with the world.
  const impure = [...modulesIn(files).values()]
    .filter(({ path }) => inside(path))
    .flatMap(({ path, foreign }) =>
      foreign
        .map((used) => used.join('::'))
        .filter((used) => never.test(used) || used === 'std::*')
        .map((used) => `${path.join('::')} uses ${used}`),
    )
  const written = files
    .filter(([name]) => name.startsWith(`${layer}/`) && !isTests(name))
    .flatMap(([name, text]) => {
      const found = never.exec(text.split('#[cfg(test)]')[0] ?? '')
      return found === null ? [] : [`${name} uses ${found[0]}`]
    })
  return [...above, ...impure, ...written]
}

for (const layer of LAYERS) {
  test(`native/${layer[0]} uses nothing of ours but ${layer[1].join(', ')}`, (t) => {
    t.true(rust.some(([name]) => name.startsWith(`${layer[0]}/`)))
    t.deepEqual(beyond(layer, rust), [])
  })
}

/** What would be wrong in a layer, and what is said of it. */
const BEYOND: [layer: string, text: string, used: RegExp][] = [
  ['router', 'use crate::http::head;', /uses crate::http::head/],
  ['router', 'use crate::{router::x, http::head};', /uses crate::http::head/],
  ['router', 'use crate::{self as all}; fn f() { all::http::head() }', /uses crate::http::head/],
  ['router', 'fn f() { super::super::http::head() }', /uses crate::http::head/],
  ['router', 'use crate::*; fn f() { http::head() }', /uses crate::http::head/],
  ['net', 'use crate::bridge as b; use b::ring;', /uses crate::bridge/],
  ['net', 'mod tests { use crate::bridge; }', /uses crate::bridge/],
  ['http', 'use std::{net::TcpStream};', /uses std::net::TcpStream/],
  ['http', 'use std as s; fn f() { s::fs::read() }', /uses std::fs::read/],
  ['http', 'use std::{io, time::{Duration, Instant}};', /uses std::time::Instant/],
  ['http', 'fn f() { ::std::fs::read() }', /uses std::fs/],
  ['http', 'use std::*;', /uses std::\*/],
  ['http', 'unsafe fn f() {}', /uses unsafe/],
  ['bridge', 'use mio::Poll;', /uses mio::/],
]

for (const [layer, text, used] of BEYOND) {
  test(`native/${layer} may not say ${text}`, (t) => {
    const files: [string, string][] = LAYERS.map(([name]) => [`${name}/mod.rs`, ''])
    const rule = LAYERS.find(([name]) => name === layer) as (typeof LAYERS)[number]
    const whole: [string, string][] = [...files, ['lib.rs', ''], [`${layer}/wrong.rs`, text]]
    t.regex(beyond(rule, whole).join('\n'), used)
    t.deepEqual(beyond(rule, files), [])
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
    if (isTests(path) || path.startsWith('net/')) continue
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
    'crossing/checks.ts': 'MOST flag integer',
    'errors.ts': 'checkNames show',
    'request/ending.ts': 'finishConnection',
    'server/descriptors.ts': 'descriptors',
    'server/drain.ts': 'checkClose',
    'server/listen.ts': 'DEMAND DemandOptions',
    'server/http-server.ts': 'acceptOne',
  },
  // Node's classes take the place of ours, from the records to the ring.
  node: {
    'crossing/chunk.ts': 'Chunk Kept Unanswered keep letGo',
    'crossing/incoming.ts': 'BODY Incoming',
    'crossing/lane.ts': 'Lane',
    'crossing/layout.ts': 'DOWN META PARTING REQUEST',
    'crossing/memory.ts': 'byteLength',
    'crossing/native.ts': 'NativeListenOptions NativeOptions NativeServer forbidden native',
    'crossing/numbered.ts': 'Numbered',
    'crossing/pieces.ts': 'Piece Pieces',
    'crossing/pull.ts': 'AHEAD PORTION portionsUpTo pullOf',
    'crossing/ring.ts': 'AnswerHead NOTHING headless',
    'crossing/scope.ts': 'MANUAL',
    'crossing/timers.ts': 'clearTimeout nextTick setImmediate setTimeout',
    'crossing/uncaught.ts': 'guarded uncaught',
    'errors.ts': 'coded resetError show',
    'request/headers.ts': 'lookup',
    'request/record.ts': 'localOf methodOf movedOf pooledBodyOf remoteOf targetOf',
    'request/takeover.ts': 'TakenSocket isGone takeOver',
    'request/upgrade.ts': 'eventOf',
    'server/batch.ts': 'LATER Receiver',
    'server/engine.ts': 'Engine',
    'server/io-threads.ts': 'canShareThread checkThreads defaultThreads',
    'server/stats.ts': 'readStats',
  },
  // The platform's Request takes the place of ours, with the same record below.
  fetch: {
    'crossing/checks.ts': 'isToken',
    'crossing/layout.ts': 'META REQUEST',
    'crossing/numbered.ts': 'Numbered',
    'crossing/timers.ts': 'clearTimeout nextTick setTimeout',
    'errors.ts': 'checkNames coded show',
    'request/ending.ts': 'isTaken lostBody',
    'request/friends.ts': 'chunkOf placeOf',
    'request/record.ts': 'bodyOf textOf',
    'response/failure.ts': 'isAnswer isLeft printFailure',
    'response/encoded.ts': 'EncodedResponse NO_RESULT',
    'response/fetched.ts': 'HAS_BODY OWN_ANSWER fetchedResult isFetched isThrownResponse',
    'response/pending.ts': 'isThenable',
    'response/used-body.ts': 'usedBody',
    'server/options.ts': 'OPTION_NAMES',
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

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
}

/** What leaves ts/ all the same: the manifest of the package, and the binary beside it. */
const OUTSIDE: Record<string, string[]> = {
  'ts/crossing/native.ts': ['node:module', '../../../package.json', 'fasthttp/package.json'],
  'ts/crossing/required.ts': ['node:module'],
  // It tells importers of what it has put in place.
  'ts/node/register.ts': ['node:module'],
}

/** What a module of a room or a door names that nobody there may, or that nobody can follow. */
function astray(path: string, text: string): string[] {
  const { imports, strays } = readImports(text)
  const own = new Set([path, ...typescript.map(([other]) => other)])
  const wrong = imports.filter(({ from, names }) => {
    if (from.startsWith('.')) return !own.has(join(dirname(path), from))
    // Of Node's modules that one makes a `require` which is called by another name.
    const isKnown = /^node:(?!module$)/.test(from) || from in dependencies
    return names === 'module' || !isKnown
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
  ["import { text } from 'dist/ts/index.js'", 'dist/ts/index.js'],
  ["import { text } from '#response'", '#response'],
  ["import { text } from '\\x2e./response/response.ts'", '\\x2e./response/response.ts'],
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
      const known = (seams[target.slice('ts/'.length)] ?? '').split(' ')
      const imported = names.replaceAll(/[{}]|\btype\b/g, '').split(',')
      for (const name of imported.map((one) => one.trim()).filter((one) => one !== ''))
        t.true(known.includes(name), `${path} imports ${name} of ${target}`)
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
