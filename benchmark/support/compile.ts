import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

// The compiled file is dist/benchmark/support/compile.js.
const sources = new URL('../../../benchmark/', import.meta.url)

/** Compiles `benchmark/<name>.c` and gives the path of the binary; throws an error with the compiler's words. */
export function compile(name: string): string {
  mkdirSync(new URL('bin/', sources), { recursive: true })
  const output = fileURLToPath(new URL(`bin/${basename(name)}`, sources))
  const source = fileURLToPath(new URL(`${name}.c`, sources))
  const built = spawnSync('cc', ['-O2', '-o', output, source], { encoding: 'utf8' })
  if (built.error) throw new Error('it needs a C compiler, cc', { cause: built.error })
  if (built.status !== 0) throw new Error(built.stderr.trim())
  return output
}
