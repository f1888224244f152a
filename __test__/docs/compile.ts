import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Block, PROGRAMS } from './markdown.ts'

/** Programs made of blocks. */
export interface Programs {
  /** The file to run for a block. */
  fileOf(block: Block): string
  /** What the compiler says against it. */
  faultsOf(block: Block): readonly string[]
}

// Strict, as everything here is; only what is a matter of taste in a short example is allowed.
const OPTIONS = {
  rootDir: '.',
  outDir: 'out',
  allowJs: true,
  checkJs: true,
  declaration: false,
  isolatedDeclarations: false,
  skipLibCheck: true,
  noUnusedLocals: false,
  noUnusedParameters: false,
  noPropertyAccessFromIndexSignature: false,
}

/** Compiles the programs among `blocks` in `folder`, which lies in the package, with its `tsc`. */
export async function compile(
  root: string,
  folder: string,
  blocks: readonly Block[],
): Promise<Programs> {
  mkdirSync(folder, { recursive: true })
  const names = new Map(
    blocks
      .filter(({ language }) => PROGRAMS.includes(language))
      .map((block): [Block, string] => [block, nameOf(block)]),
  )
  // Each line where it is on its page, for what the compiler says.
  for (const [{ code, line }, name] of names) {
    writeFileSync(join(folder, name), `${'\n'.repeat(line - 1)}${code}\n`)
  }
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: OPTIONS,
    exclude: ['out'],
  }
  const project = join(folder, 'tsconfig.json')
  writeFileSync(project, JSON.stringify({ ...config, include: ['*'] }))
  const said = await output(join(root, 'node_modules', '.bin', 'tsc'), ['-p', project], root)
  return {
    fileOf: (block) => join(folder, 'out', (names.get(block) ?? '').replace(/ts$/, 'js')),
    faultsOf: (block) =>
      said.split('\n').filter((line) => line.includes(`${names.get(block) as string}(`)),
  }
}

/** A module of its own kind, whatever the package is. */
function nameOf({ page, line, language, code }: Block): string {
  const isCommonJs = language === 'js' && /\brequire\(/.test(code)
  return `${page.replace(/[^\w]/g, '-')}-${line}.${isCommonJs ? 'c' : 'm'}${language}`
}

/** What a command prints, however it ends. Throws if it cannot be started. */
function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve(stdout + stderr)
    })
  })
}
