import test from 'ava'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../support/root.ts'

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

interface Import {
  readonly names: string
  readonly from: string
  /** Of types alone: nothing remains of it at run time. */
  readonly isType: boolean
}

function importsOf(text: string): Import[] {
  const found = text.matchAll(/^(?:import|export)\s+([^'"]*?)\s*from\s+'([^']+)'/gms)
  return [...found].map(([, names = '', from = '']) => ({
    names,
    from,
    isType: names.startsWith('type ') || /^\{(\s*type [^,}]+,?\s*)+\}$/.test(names),
  }))
}

const typescript = sources('ts', '.ts')

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

/** The room or door that a file is in: its folder, or its own name on the top level. */
function roomOf(path: string): string {
  return (path.split('/')[1] as string).replace(/\.ts$/, '')
}

test('every file of ts is in a room or behind a front door', (t) => {
  const known: string[] = [...ROOMS, ...Object.keys(DOORS)]
  for (const [path] of typescript) t.true(known.includes(roomOf(path)), path)
  for (const room of known)
    t.true(
      typescript.some(([path]) => roomOf(path) === room),
      room,
    )
})

test('a room of ts imports only rooms below it, types included', (t) => {
  const floor = (path: string): number => (ROOMS as readonly string[]).indexOf(roomOf(path))
  for (const [path, text] of typescript) {
    if (roomOf(path) in DOORS) continue
    for (const { from } of importsOf(text)) {
      if (!from.startsWith('.')) continue
      const target = join(dirname(path), from)
      t.false(roomOf(target) in DOORS, `${path} imports ${target}, a front door`)
      t.true(floor(target) <= floor(path), `${path} imports ${target}, which is above it`)
    }
  }
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
