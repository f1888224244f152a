import test from 'ava'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/root.ts'

const native = join(root, 'native')

/** Segments of the path of a module or an item, from the crate on: `crate`, `net`, `file`. */
type Path = readonly string[]

/** What a module names of others. */
interface Module {
  readonly path: Path
  /** Names that `use` brings into it, and what they stand for. */
  readonly names: Map<string, Path>
  /** Every path written in it, that of each `use` included. */
  readonly uses: Path[]
  /** Those of `pub use`. */
  readonly exports: Path[]
}

type Modules = ReadonlyMap<string, Module>

/** Without comments, strings and characters; lifetimes stay. */
function withoutWords(text: string): string {
  return text.replace(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|\bb?r(#*)"[\s\S]*?"\1|\bb?"(?:\\[\s\S]|[^"\\])*"|"(?:\\[\s\S]|[^"\\])*"|\bb?'(?:\\[^\n]*?|[^'\\])'|'(?:\\[^\n]*?|[^'\\])'/g,
    ' ',
  )
}

/** Where the item that begins at `from` ends: behind its braces, or its semicolon or comma. */
function endOfItem(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? ''
    if ('{(['.includes(char)) depth++
    if ('})]'.includes(char)) {
      depth--
      if (depth < 0) return at
      if (depth === 0 && char === '}') return at + 1
    }
    if (depth === 0 && (char === ';' || char === ',')) return at + 1
  }
  return text.length
}

/** Without the items that only tests have. */
function withoutTests(text: string): string {
  for (;;) {
    const found = /#\[cfg\(test\)\]\s*(?:#\[(?:[^[\]]|\[[^\]]*\])*\]\s*)*/.exec(text)
    if (found === null) return text
    const end = endOfItem(text, found.index + found[0].length)
    text = text.slice(0, found.index) + text.slice(end)
  }
}

/** The paths of a tree of `use`: `a::{b, c::*}` are `a::b` and `a::c::*`. */
function pathsOf(tree: string): [path: string[], name: string][] {
  const [, before = '', inside] = /^\s*([^{]*?)(?:::)?\s*(?:\{([\s\S]*)\})?\s*$/.exec(tree) ?? []
  const [, start = '', alias] = /^\s*([\s\S]*?)(?:\s+as\s+(\w+))?\s*$/.exec(before) ?? []
  const head = start.split('::').map((segment) => segment.trim())
  const own = head.filter((segment) => segment !== '')
  if (inside === undefined) {
    const path = own.at(-1) === 'self' && own.length > 1 ? own.slice(0, -1) : own
    return [[path, alias ?? path.at(-1) ?? '']]
  }
  const branches: string[] = []
  let rest = inside
  while (rest.trim() !== '') {
    const end = endOfBranch(rest)
    branches.push(rest.slice(0, end))
    rest = rest.slice(end + 1)
  }
  return branches.flatMap((branch) =>
    pathsOf(branch).map(([path, name]): [string[], string] =>
      path.length === 1 && path[0] === 'self'
        ? [own, name === 'self' ? (own.at(-1) ?? '') : name]
        : [[...own, ...path], name],
    ),
  )
}

function endOfBranch(text: string): number {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}') depth--
    if (text[at] === ',' && depth === 0) return at
  }
  return text.length
}

/** A path from the crate on. What is of another crate looks like an item of the module itself. */
function absolute(path: Path, from: Path): Path {
  if (path[0] === 'crate') return path
  let base = from
  let at = path[0] === 'self' ? 1 : 0
  for (; path[at] === 'super'; at++) base = base.slice(0, -1)
  return [...base, ...path.slice(at)]
}

/** The modules of a file: its own, and those written inside it. */
function modulesOf(path: Path, text: string): Module[] {
  const module: Module = { path, names: new Map(), uses: [], exports: [] }
  const found = [module]
  const inner = /\bmod\s+(\w+)\s*\{/
  for (let match = inner.exec(text); match !== null; match = inner.exec(text)) {
    const open = match.index + match[0].length - 1
    const end = endOfItem(text, open)
    found.push(...modulesOf([...path, match[1] ?? ''], text.slice(open + 1, end - 1)))
    text = text.slice(0, match.index) + text.slice(end)
  }
  const use = /(\bpub(?:\([^)]*\))?\s+)?\buse\s+([^;]+);/g
  text = text.replace(use, (_, isPublic: string | undefined, tree: string) => {
    for (const [segments, name] of pathsOf(tree)) {
      const used = absolute(segments, path)
      module.uses.push(used)
      if (isPublic !== undefined) module.exports.push(used)
      if (name !== '*') module.names.set(name, used)
    }
    return ' '
  })
  for (const [written] of text.matchAll(/(?<![\w:])(?:crate|super|self)(?:\s*::\s*\w+)+/g)) {
    module.uses.push(
      absolute(
        written.split('::').map((segment) => segment.trim()),
        path,
      ),
    )
  }
  return found
}

/** Every module of a crate but its tests, by its path. */
function modulesIn(files: readonly (readonly [name: string, text: string])[]): Modules {
  const sources = files.filter(
    ([name]) => name.endsWith('.rs') && !/(^|\/)tests(\.rs$|\/)/.test(name),
  )
  const modules = sources.flatMap(([name, text]) => {
    const segments = name.replace(/(^lib|(^|\/)mod)?\.rs$/, '').split('/')
    const path = ['crate', ...segments.filter((segment) => segment !== '')]
    return modulesOf(path, withoutTests(withoutWords(text)))
  })
  return new Map(modules.map((module) => [module.path.join('::'), module]))
}

/** The module in which the item at `path` is written, behind whatever re-exports it. */
function homeOf(path: Path, modules: Modules, seen: number = 0): Path | undefined {
  let home: Path = ['crate']
  if (path[0] !== 'crate' || seen > 16) return undefined
  for (let at = 1; at < path.length; at++) {
    const segment = path[at] ?? ''
    const child = [...home, segment]
    if (modules.has(child.join('::'))) {
      home = child
      continue
    }
    const named = modules.get(home.join('::'))?.names.get(segment)
    if (named === undefined || named.join() === path.slice(0, at + 1).join()) return home
    return homeOf([...named, ...path.slice(at + 1)], modules, seen + 1) ?? home
  }
  return home
}

/** An arrow between two children of one module, and who draws it. */
type Arrows = Map<string, Map<string, string>>

/** What the children of each module use of one another, each with all that is inside it. */
function arrowsOf(modules: Modules): Map<string, Arrows> {
  const found = new Map<string, Arrows>()
  for (const { path, uses } of modules.values()) {
    for (const used of uses) {
      const home = homeOf(used, modules)
      if (home === undefined) continue
      let shared = 0
      while (shared < path.length && path[shared] === home[shared]) shared++
      const [from, to] = [path[shared], home[shared]]
      // One of them is inside the other: a child may use what its parent has.
      if (from === undefined || to === undefined) continue
      const parent = path.slice(0, shared).join('::')
      const arrows: Arrows = found.get(parent) ?? new Map<string, Map<string, string>>()
      const own = arrows.get(from) ?? new Map<string, string>()
      own.set(to, `${path.slice(shared).join('::')} uses ${used.slice(shared).join('::')}`)
      found.set(parent, arrows.set(from, own))
    }
  }
  return found
}

/** A way from a module back to itself, if there is one. */
function circleFrom(start: string, arrows: Arrows): string[] | undefined {
  const before = new Map<string, string>()
  const queue = [start]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const to of arrows.get(next)?.keys() ?? []) {
      if (to === start) {
        const way = [start]
        for (let at = next; at !== start; at = before.get(at) ?? start) way.unshift(at)
        return [start, ...way]
      }
      if (!before.has(to)) {
        before.set(to, next)
        queue.push(to)
      }
    }
  }
  return undefined
}

function circlesOf(arrows: Arrows): string[] {
  const found = new Map<string, string>()
  for (const start of arrows.keys()) {
    const circle = circleFrom(start, arrows)
    if (circle === undefined) continue
    const steps = circle.slice(1).map((to, at) => arrows.get(circle[at] ?? '')?.get(to))
    found.set([...new Set(circle)].toSorted().join(), `${circle.join(' -> ')}: ${steps.join('; ')}`)
  }
  return [...found.values()]
}

/** Circles among the children of each module. */
function allCirclesOf(modules: Modules): string[] {
  return [...arrowsOf(modules).values()].flatMap(circlesOf)
}

const CASES: [what: string, a: string, b: string, isCircle: boolean][] = [
  ['two that use each other', 'use crate::b::B;', 'use crate::a::A;', true],
  ['one way', 'use crate::b::B;', 'pub struct B;', false],
  ['by super', 'use super::b::B;', 'use super::{a::A, c};', true],
  ['in a tree', 'use crate::{c, b::{self, B as Other}};', 'use crate::a;', true],
  ['without a use', 'fn f() { crate::b::g() }', 'fn g() { super::a::f() }', true],
  ['by way of a third', 'use crate::b::B;', 'use crate::c::C;', true],
  ['by what a third exports', 'use crate::c::OfB;', 'use crate::a::A;', true],
  ['inside a module of its own', 'mod k { use super::super::b::B; }', 'use crate::a::A;', true],
  ['its own inner module', 'mod b { pub struct B; } use self::b::B;', 'use crate::a::A;', false],
  ['in a comment', '// use crate::b::B;\n/* crate::b::B */', 'use crate::a::A;', false],
  ['in words', 'const T: &str = "crate::b::B"; fn f<\'a>() {}', 'use crate::a::A;', false],
  ['in a test', '#[cfg(test)] mod tests { use crate::b::B; }', 'use crate::a::A;', false],
  ['behind a test', '#[cfg(test)] mod t { } use crate::b::B;', 'use crate::a::A;', true],
  ['its parent', 'use crate::P;', 'use super::{P, a};', false],
]

for (const [what, a, b, isCircle] of CASES) {
  test(`circles are told: ${what}`, (t) => {
    const c = 'pub use crate::b::B as OfB; use crate::a::A;'
    const isNamed = /third/.test(what)
    const files = [
      ['lib.rs', 'mod a; mod b; mod c; pub struct P;'],
      ['a.rs', a],
      ['b/mod.rs', b],
      ['c.rs', isNamed ? c : ''],
    ] as const
    t.is(allCirclesOf(modulesIn(files)).length > 0, isCircle)
  })
}

const names = readdirSync(native, { recursive: true, encoding: 'utf8' })
const files = names
  .filter((name) => name.endsWith('.rs'))
  .map((name) => [name, readFileSync(join(native, name), 'utf8')] as const)
const modules = modulesIn(files)

test('every path leads to a module', (t) => {
  t.true(modules.size > 100)
  for (const { path, uses } of modules.values()) {
    for (const used of uses.filter(
      ([first, second]) => first === 'crate' && second !== undefined,
    )) {
      const home = homeOf(used, modules) ?? []
      // Of `crate` itself nothing is used.
      t.true(
        home.length > 1 || used.join('::') === 'crate',
        `${path.join('::')}: ${used.join('::')}`,
      )
    }
  }
})

for (const [parent, arrows] of arrowsOf(modules)) {
  test(`modules of ${parent} use each other in one direction`, (t) => {
    t.deepEqual(circlesOf(arrows), [])
  })
}

test("a module exports what is its own or a child's, and nothing else", (t) => {
  for (const { path, exports } of modules.values()) {
    for (const exported of exports) {
      const home = homeOf(exported, modules) ?? []
      const isInside = path.every((segment, at) => home[at] === segment)
      t.true(isInside, `${path.join('::')} exports ${exported.join('::')}`)
    }
  }
})
