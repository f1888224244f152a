/** Segments of the path of a module or an item, from the crate on: `crate`, `net`, `file`. */
export type Path = readonly string[]

/** What a module names of others. */
export interface Module {
  readonly path: Path
  /** Names that `use` brings into it, and what they stand for. */
  readonly names: Map<string, Path>
  /** Every path written in it, that of each `use` included. */
  readonly uses: Path[]
  /** Those of `pub use`. */
  readonly exports: Path[]
}

/** Modules by their paths, `crate::net`. */
export type Modules = ReadonlyMap<string, Module>

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
export function modulesIn(files: readonly (readonly [name: string, text: string])[]): Modules {
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
export function homeOf(path: Path, modules: Modules, seen: number = 0): Path | undefined {
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
