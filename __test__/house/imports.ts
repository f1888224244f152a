/** How a module of TypeScript names another. */
export interface Import {
  /** What of it, as it is written; of what is no `import ... from`, the word before the quotes. */
  readonly names: string
  readonly from: string
  /** Of types alone: nothing remains of it at run time. */
  readonly isType: boolean
}

/** What a module names of others. */
export interface Imports {
  readonly imports: readonly Import[]
  /** What looks like the path of a module, or leads to one that is not written there. */
  readonly strays: readonly string[]
}

/** Code without comments, and with the place of each literal in its list, `"0"`, for the literal. */
interface Code {
  text: string
  readonly literals: string[]
}

/** Stands in a template for what is computed. */
const HOLE = '\0'
/** Behind these a slash begins a pattern: nothing can be divided there. */
const BEFORE_PATTERN =
  /(?:^|[^\w$)\]}"\s]|\b(?:return|typeof|case|in|of|do|else|void|throw|await))\s*$/
const PATTERN = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//y
const SPACES = /(?:\/\/[^\n]*|\/\*[^]*?\*\/)/y
const QUOTED = /(["'])((?:\\[^]|(?!\1)[^\\\n])*)\1/y

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** Reads from `at` on, within `${}` to the brace that closes it, and says where it has ended. */
function scan(source: string, at: number, isInside: boolean, code: Code): number {
  let depth = 0
  while (at < source.length) {
    const char = source[at] as string
    const space = matchAt(SPACES, source, at)
    if (space !== null) {
      code.text += ' '
      at += space[0].length
    } else if (char === '`') {
      at = scanTemplate(source, at + 1, code)
    } else if (char === '"' || char === "'") {
      const [all, , value = ''] = matchAt(QUOTED, source, at) ?? []
      if (all === undefined) throw new Error(`no end of ${source.slice(at, at + 40)}`)
      code.text += `"${code.literals.push(value) - 1}"`
      at += all.length
    } else if (char === '/' && BEFORE_PATTERN.test(code.text.slice(-20))) {
      code.text += '"pattern"'
      at += matchAt(PATTERN, source, at)?.[0].length ?? 1
    } else {
      if (char === '{') depth++
      if (char === '}' && --depth < 0 && isInside) return at + 1
      code.text += char
      at++
    }
  }
  return at
}

function scanTemplate(source: string, at: number, code: Code): number {
  const place = code.literals.push('') - 1
  code.text += `"${place}"`
  while (at < source.length) {
    const char = source[at] as string
    if (char === '`') return at + 1
    if (source.startsWith('${', at)) {
      code.literals[place] += HOLE
      at = scan(source, at + 2, true, code)
      continue
    }
    const length = char === '\\' ? 2 : 1
    code.literals[place] += source.slice(at, at + length)
    at += length
  }
  throw new Error('no end of a template')
}

/** What a literal is the path of, by the code before it. */
function importOf(before: string, from: string): Import | undefined {
  if (/\bfrom\s*$/.test(before)) {
    const start = [...before.matchAll(/\b(?:import|export)\b/g)].at(-1)?.index ?? 0
    const names = before.slice(start + 'import'.length, before.lastIndexOf('from')).trim()
    return { names, from, isType: isType(names) }
  }
  const word = /\b(import|import\s*\(|require\s*\(|module)\s*$/.exec(before)?.[1]
  if (word === undefined) return undefined
  const names = word.endsWith('(') ? `${word.slice(0, -1).trim()}()` : word
  return { names, from, isType: /\btypeof\s+import\s*\(\s*$/.test(before) }
}

function isType(names: string): boolean {
  return names.startsWith('type ') || /^\{(\s*type [^,}]+,?\s*)+\}$/.test(names)
}

const REFERENCE = /^\s*\/\/\/\s*<reference\b[^>\n]*?\bpath\s*=\s*(["'])([^"'\n]*)\1/gm
/** `..` and `/` alone are paths of folders. */
const PATHLIKE = /^\.{1,2}\/.*\w|^fasthttp(?:\/|$)/

/** What a module names of others. Throws for what it cannot read. */
export function readImports(source: string): Imports {
  const code: Code = { text: '', literals: [] }
  scan(source, 0, false, code)
  const imports: Import[] = [...source.matchAll(REFERENCE)].map(([, , from = '']) => {
    return { names: 'reference', from, isType: true }
  })
  const strays: string[] = []
  for (const { index, 1: place } of code.text.matchAll(/"(\d+)"/g)) {
    const literal = code.literals[Number(place)] as string
    const found = importOf(code.text.slice(0, index), literal)
    if (found !== undefined && !literal.includes(HOLE)) imports.push(found)
    else if (found !== undefined || PATHLIKE.test(literal)) strays.push(literal)
  }
  // A property of that name is something else.
  for (const [call] of code.text.matchAll(
    /(?<![.\w$])(?:import|require)\s*\((?!\s*"\d+")[^)]*\)?/g,
  )) {
    strays.push(call)
  }
  return { imports, strays }
}

/** What a module imports, in whatever way. */
export function importsOf(source: string): readonly Import[] {
  return readImports(source).imports
}
