/** Segments of the path of a module or an item, from the crate on: `crate`, `net`, `file`. */
export type Path = readonly string[]

/** What a module names of others. Paths are from the crate on, or from another crate. */
export interface Module {
  readonly path: Path
  /** Names that `use` brings into it, and what they stand for. */
  readonly names: ReadonlyMap<string, Path>
  /** Every path of this crate that is written in it, that of each `use` included. */
  readonly uses: readonly Path[]
  /** The same of other crates, and of types. */
  readonly foreign: readonly Path[]
  /** Those of `pub use`. */
  readonly exports: readonly Path[]
}

/** One name of a `use`. */
interface Use {
  readonly written: Path
  /** `*` for all that is there. */
  readonly name: string
  readonly isPublic: boolean
}

/** A module as it is written. */
interface Draft {
  readonly path: Path
  readonly imports: readonly Use[]
  /** Paths in its code. */
  readonly written: readonly Path[]
  /** The code, without its inner modules and each `use`. */
  readonly text: string
}

type Drafts = ReadonlyMap<string, Draft>

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
  // Of another crate, if it begins with `::`.
  const own = head.filter((segment, at) => segment !== '' || (at === 0 && start.startsWith('::')))
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

/** A path from the crate on, of one that begins with `self` or `super`. */
function absolute(path: Path, from: Path): Path {
  let base = from
  let at = path[0] === 'self' ? 1 : 0
  for (; path[at] === 'super'; at++) base = base.slice(0, -1)
  return [...base, ...path.slice(at)]
}

/** The modules of a file: its own, and those written inside it. */
function draftsOf(path: Path, text: string): Draft[] {
  const found: Draft[] = []
  const inner = /\bmod\s+(\w+)\s*\{/
  for (let match = inner.exec(text); match !== null; match = inner.exec(text)) {
    const open = match.index + match[0].length - 1
    const end = endOfItem(text, open)
    found.push(...draftsOf([...path, match[1] ?? ''], text.slice(open + 1, end - 1)))
    text = text.slice(0, match.index) + text.slice(end)
  }
  const imports: Use[] = []
  const use = /(\bpub(?:\([^)]*\))?\s+)?\buse\s+([^;]+);/g
  text = text.replace(use, (_, isPublic: string | undefined, tree: string) => {
    for (const [written, name] of pathsOf(tree)) {
      imports.push({ written, name, isPublic: isPublic !== undefined })
    }
    return ' '
  })
  const paths = text.matchAll(/(?<![\w:.>)\]])(?:::\s*)?[A-Za-z_]\w*(?:\s*::\s*\w+)+/g)
  const written = [...paths].map(([one]) => one.split('::').map((segment) => segment.trim()))
  return [{ path, imports, written, text }, ...found]
}

/** What a path that is written in a module stands for: from the crate on, or from another crate. */
function resolved(written: Path, { path, imports }: Draft, drafts: Drafts, self?: Use): Path {
  const [first = '', ...rest] = written
  if (first === 'crate') return written
  if (first === 'self' || first === 'super') return absolute(written, path)
  if (first === '') return rest
  if (drafts.has([...path, first].join('::'))) return [...path, ...written]
  const draft = { path, imports: imports.filter((one) => one !== self) }
  for (const use of draft.imports) {
    // Each is asked once, so that this has an end.
    const others = {
      ...draft,
      written: [],
      text: '',
      imports: draft.imports.filter((o) => o !== use),
    }
    if (use.name === first) return [...resolved(use.written, others, drafts, use), ...rest]
    if (use.name !== '*') continue
    const place = resolved(use.written.slice(0, -1), others, drafts, use)
    const from = drafts.get(place.join('::'))
    if (from === undefined) continue
    if (drafts.has([...place, first].join('::'))) return [...place, ...written]
    const named = from.imports.find(({ name }) => name === first)
    if (named !== undefined) return [...resolved(named.written, from, drafts, named), ...rest]
  }
  return written
}

/** Names that are written in a module and that it has of all that is in another one. */
function byGlob(draft: Draft, drafts: Drafts): Path[] {
  return draft.imports
    .filter(({ name }) => name === '*')
    .flatMap((use) => {
      const place = resolved(use.written.slice(0, -1), draft, drafts, use)
      const from = drafts.get(place.join('::'))
      return (from?.imports ?? [])
        .filter(({ name }) => name !== '*' && new RegExp(`\\b${name}\\b`).test(draft.text))
        .map((named) => resolved(named.written, from as Draft, drafts, named))
    })
}

function moduleOf(draft: Draft, drafts: Drafts): Module {
  const imports = draft.imports.map((use) => ({
    ...use,
    path: resolved(use.written, draft, drafts, use),
  }))
  const written = draft.written.map((one) => resolved(one, draft, drafts))
  const all = [...imports.map(({ path }) => path), ...written, ...byGlob(draft, drafts)]
  const isOurs = ([first]: Path): boolean => first === 'crate'
  return {
    path: draft.path,
    names: new Map(imports.map(({ name, path }) => [name, path])),
    uses: all.filter(isOurs),
    foreign: all.filter((path) => !isOurs(path)),
    exports: imports.filter(({ isPublic }) => isPublic).map(({ path }) => path),
  }
}

/** Whether a file has tests alone. */
export function isTests(name: string): boolean {
  return /(^|\/)tests(\.rs$|\/)/.test(name)
}

/** Every module of a crate by its path; but for its tests, unless they are asked for. */
export function modulesIn(
  files: readonly (readonly [name: string, text: string])[],
  withTests: boolean = false,
): Modules {
  const sources = files.filter(([name]) => name.endsWith('.rs') && (withTests || !isTests(name)))
  const drafts = new Map(
    sources
      .flatMap(([name, text]) => {
        const segments = name.replace(/(^lib|(^|\/)mod)?\.rs$/, '').split('/')
        const path = ['crate', ...segments.filter((segment) => segment !== '')]
        const code = withoutWords(text).replaceAll(/\br#(?=\w)/g, '')
        return draftsOf(path, withTests ? code : withoutTests(code))
      })
      .map((draft) => [draft.path.join('::'), draft]),
  )
  return new Map([...drafts].map(([path, draft]) => [path, moduleOf(draft, drafts)]))
}

/** What puts modules elsewhere than the names of files say, or gives a crate another name. */
export function strangeIn(text: string): string[] {
  const strange = /#!?\[[^\]]*\bpath\s*=|\bextern\s+crate\s+\w+|\binclude\s*!/g
  return [...withoutWords(text).matchAll(strange)].map(([found]) => found)
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
