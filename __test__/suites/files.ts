import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inParallel } from '../support/service.ts'
import { run } from './processes.ts'
import { named, type Outcome, type Outcomes } from './suite.ts'

/** Processes at a time. */
const AT_ONCE = 3
const LIMIT_MS = 40_000

const SERVES = /createServer|http\.Server\(/
const INTERNAL = /expose-internals|internalBinding|process\.binding/
/** About the client, by their names. */
const CLIENT =
  /^test-http-(client|agent|proxy|url|request-|max-sockets|localaddress|dns|createConnection|abort-client|abort-queued|keepalive|pipe-fs)|client-proxy|use-env/

/** Node's own tests of what a server does, and needs nothing of node's insides for. */
export function serverTests(folder: string): string[] {
  return readdirSync(folder).filter((name) => {
    if (!/^test-http-.*\.m?js$/.test(name) || CLIENT.test(name)) return false
    const text = readFileSync(join(folder, name), 'utf8')
    return SERVES.test(text) && !INTERNAL.test(text)
  })
}

/** Where, with what and into which file tests run that are a process each. */
export interface FilesRun {
  readonly node: string
  readonly cwd: string
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** A folder for what each of them prints. */
  readonly outputs: string
}

async function one(file: string, slot: number, where: FilesRun): Promise<Outcome> {
  const path = join(where.folder, file)
  const text = readFileSync(join(where.cwd, path), 'utf8')
  const flags = (/\/\/ Flags: (.*)/.exec(text)?.[1] ?? '').split(' ').filter(Boolean)
  const output = join(where.outputs, `${file}.txt`)
  const env = { ...where.env, NODE_TEST_KNOWN_GLOBALS: '0', TEST_THREAD_ID: String(slot) }
  const { code, isLate } = await run({
    program: where.node,
    args: [...flags, path],
    cwd: where.cwd,
    env,
    output,
    limitMs: LIMIT_MS,
  })
  const said = readFileSync(output, 'utf8')
  const outcome = { file: path, title: file }
  if (code === 0) return { ...outcome, state: /^1\.\.0 # Skipped/m.test(said) ? 'skip' : 'pass' }
  const error = isLate ? 'it does not end' : (/^\s*\w*Error[^\n]*/m.exec(said)?.[0] ?? said)
  return { ...outcome, state: 'fail', error: error.trim().slice(0, 200) }
}

/** Runs files that are a test and a process each. */
export async function runFiles(names: readonly string[], where: FilesRun): Promise<Outcomes> {
  const done: Outcome[] = []
  const free = Array.from({ length: AT_ONCE }, (_, i) => i)
  await inParallel(names, AT_ONCE, async (name) => {
    const slot = free.pop() ?? 0
    done.push(await one(name, slot, where))
    free.push(slot)
  })
  return named(done, false, where.cwd)
}
