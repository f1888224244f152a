/** A request that the program of a block is asked, and what it has to answer. */
export interface Exchange {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  readonly status: number
  /** Field lines that the answer must have. */
  readonly answered: readonly (readonly [name: string, value: string])[]
  /** What the body of the answer must hold. */
  readonly holds: string
}

/** A fenced block of a page, and what stands right behind it in a comment. */
export interface Block {
  /** The page and the line of its first line, for messages. */
  readonly at: string
  readonly page: string
  readonly line: number
  readonly language: string
  readonly code: string
  /** The last block of the page before this one that is a program. */
  readonly program: Block | undefined
  readonly exchanges: readonly Exchange[]
  /** What its program has to print. */
  readonly prints: readonly string[]
  /** Why it is not run. */
  readonly notRun: string | undefined
  /** The platforms on which it can run; none for all. */
  readonly platforms: readonly string[]
  /** What is wrong with the comment behind it. */
  readonly mistakes: readonly string[]
}

const FENCE = /^( *)```(.*)$/
/** A fence in any of Markdown's forms, and a block in one of HTML: readers see it as one. */
const ANY_FENCE = /^(?:[\s>*+-]|\d+[.)])*(?:~~~|```)|<pre\b/
/** Comments that are no business of a block. */
const MARKERS = ['<!-- benchmarks -->', '<!-- /benchmarks -->']
/** What switches the compiler off. */
const UNCHECKED = /@ts-(?:nocheck|ignore|expect-error)/
/** Systems that a block may be for. */
const SYSTEMS = ['linux', 'freebsd', 'darwin', 'win32']
// METHOD target (Name: value)* body -> status (Name: value)* text
const EXCHANGE =
  /^([A-Z]+) (\S+)((?: \([^()]*\))*)(?: (.*?))? -> (\d{3})((?: \([^()]*\))*)(?: (.*))?$/

/** Languages whose blocks are programs. */
export const PROGRAMS: readonly string[] = ['ts', 'js']

/** The blocks of a page. Throws for a fence that nobody closes, and for one or a comment that nobody reads. */
export function blocksOf(page: string, text: string): Block[] {
  const lines = text.split('\n')
  const blocks: Block[] = []
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string
    const [, indent = '', language] = FENCE.exec(line) ?? []
    if (language === undefined) {
      if (ANY_FENCE.test(line)) throw new Error(`${page}:${i + 1}: nobody reads a block like this`)
      if (line.includes('<!--') && !MARKERS.includes(line))
        throw new Error(`${page}:${i + 1}: the comment belongs to no block`)
      continue
    }
    const end = lines.findIndex((other, at) => at > i && other.trim() === '```')
    if (end < 0) throw new Error(`${page}:${i + 1}: the block has no end`)
    const comment = commentBehind(page, lines, end + 1)
    const code = lines
      .slice(i + 1, end)
      .map((other) => (other.startsWith(indent) ? other.slice(indent.length) : other))
      .join('\n')
    const told = directives(comment.lines)
    const unchecked = UNCHECKED.exec(code)?.[0]
    if (unchecked !== undefined) told.mistakes.push(`nobody checks it with ${unchecked}`)
    blocks.push({
      at: `${page}:${i + 2}`,
      page,
      line: i + 2,
      language: language.trim(),
      code,
      program: blocks.findLast((block) => PROGRAMS.includes(block.language)),
      ...told,
    })
    i = comment.end - 1
  }
  return blocks
}

/** The lines of the comment that stands there, but for empty lines, and where it ends; none if there is something else. */
function commentBehind(
  page: string,
  lines: readonly string[],
  from: number,
): { lines: string[]; end: number } {
  const start = lines.findIndex((line, at) => at >= from && line.trim() !== '')
  const first = lines[start]?.trim() ?? ''
  if (!first.startsWith('<!--') || MARKERS.includes(first)) return { lines: [], end: from }
  const end = lines.findIndex((line, at) => at >= start && line.includes('-->'))
  if (end < 0) throw new Error(`${page}:${start + 1}: the comment has no end`)
  if (!(lines[end] as string).trim().endsWith('-->'))
    throw new Error(`${page}:${end + 1}: something stands behind the comment`)
  const comment = lines
    .slice(start, end + 1)
    .join('\n')
    .trim()
    .slice('<!--'.length, -'-->'.length)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return { lines: comment, end: end + 1 }
}

type Directives = Pick<Block, 'exchanges' | 'prints' | 'notRun' | 'platforms'> & {
  mistakes: string[]
}

function directives(lines: readonly string[]): Directives {
  const exchanges: Exchange[] = []
  const prints: string[] = []
  const platforms: string[] = []
  const mistakes: string[] = []
  let notRun: string | undefined
  for (const line of lines) {
    const exchange = exchangeOf(line)
    if (exchange !== undefined) exchanges.push(exchange)
    else if (line.startsWith('prints: ')) prints.push(line.slice('prints: '.length))
    else if (line.startsWith('not run: ')) notRun = line.slice('not run: '.length)
    else if (line.startsWith('on: ')) platforms.push(...line.slice('on: '.length).split(' '))
    else mistakes.push(`nobody understands the comment ${JSON.stringify(line)}`)
  }
  for (const system of platforms) {
    if (!SYSTEMS.includes(system)) mistakes.push(`nobody knows the system ${system}`)
  }
  return { exchanges, prints, notRun, platforms, mistakes }
}

function exchangeOf(line: string): Exchange | undefined {
  const found = EXCHANGE.exec(line)
  if (found === null) return undefined
  const [, method = '', target = '', sent = '', body = '', status, got = '', holds = ''] = found
  return {
    method,
    target,
    headers: fieldsOf(sent),
    body,
    status: Number(status),
    answered: fieldsOf(got),
    holds,
  }
}

/** The fields of ` (Name: value) (Name: value)`. */
function fieldsOf(text: string): [string, string][] {
  return [...text.matchAll(/\(([^():]+): ?([^()]*)\)/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ])
}
