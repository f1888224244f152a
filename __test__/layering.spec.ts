import test from 'ava'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// The compiled file is dist/__test__/layering.spec.js.
const root = fileURLToPath(new URL('../../', import.meta.url))

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

test('each index.ts exports only', (t) => {
  const indexes = typescript.filter(([path]) => path.endsWith('index.ts'))
  t.is(indexes.length, 2)
  for (const [path, text] of indexes) {
    const code = text.replace(/\/\*\*.*?\*\//gs, '')
    const rest = code.replace(/^export\s+((type\s+)?\{[^}]*\}|\*)\s+from\s+'[^']+'$/gm, '')
    t.is(rest.trim(), '', path)
  }
})

test('nothing of ts imports an index.ts but what is written on it', (t) => {
  for (const [path, text] of typescript) {
    for (const { from } of importsOf(text)) {
      t.not(from, './index.ts', path)
      if (from.endsWith('/index.ts')) t.true(path.startsWith('ts/asynchttpserver/'), path)
    }
  }
})

/** What Nim's server needs besides the public API: to decide whom it accepts, and to end them. */
const SEAM = ['../ending.ts', '../descriptors.ts', '../listen.ts', '../server.ts']

test('asynchttpserver is written on the public API, and what accept control needs', (t) => {
  for (const [path, text] of typescript) {
    const isOurs = path.startsWith('ts/asynchttpserver/')
    for (const { from, names } of importsOf(text)) {
      if (!isOurs) t.notRegex(from, /asynchttpserver/, path)
      if (!isOurs || !from.startsWith('../')) continue
      t.true(from === '../index.ts' || SEAM.includes(from), `${path} imports ${from}`)
      if (from === '../server.ts') t.is(names, '{ acceptOne }')
      if (from === '../listen.ts') t.is(names, 'type { DemandOptions }')
    }
  }
})

test('server and router meet only in Handler', (t) => {
  const isRouter = (path: string): boolean => /\/router[^/]*\.ts$/.test(path)
  for (const [path, text] of typescript) {
    for (const { from, names, isType } of importsOf(text)) {
      if (
        isRouter(path) &&
        ['./server.ts', './batch.ts', './lane.ts', './ring.ts'].includes(from)
      ) {
        t.true(isType && /^(type )?\{ (type )?Handler \}$/.test(names), `${path}: ${names}`)
      }
      if (!isRouter(path) && !path.endsWith('index.ts')) {
        t.false(isRouter(from.replace('./', '/')), `${path} imports ${from}`)
      }
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
