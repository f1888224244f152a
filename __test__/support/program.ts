import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { within } from './deadline.ts'
import type { Scope } from './service.ts'

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of our own. */
export interface Program {
  readonly child: ChildProcess
  /** The next line that it prints. */
  line(): Promise<string>
  /** Says a line to it. */
  say(line: string): void
  /** Waits for its end. */
  ended(ms?: number): Promise<Ended>
}

/** What to start a program with. */
export interface ProgramOptions {
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
  /** Another Node. */
  readonly node?: string
  /** Descriptors that it gets, from number 3 on. */
  readonly passed?: readonly number[]
  /** What it is told before the file: an emulator's guest, or a subcommand. */
  readonly before?: readonly string[]
}

/** What every program gets: where to find others, and the tool that looks into the addon, if any. */
const INHERITED = [
  'PATH',
  'LD_PRELOAD',
  'ASAN_OPTIONS',
  'LSAN_OPTIONS',
  'FASTHTTP_TEST_IO_THREADS',
].flatMap((name) => {
  const value = process.env[name]
  return value === undefined ? [] : [[name, value] as const]
})
/** What a program has loaded before it where the servers of tests have no threads. */
const SHARED =
  process.env['FASTHTTP_TEST_IO_THREADS'] === undefined
    ? []
    : ['--import', new URL('shared-thread.js', import.meta.url).href]

/** Starts `dist/__test__/programs/<name>.js`, or `dist/<name>.js` for a name with a slash. */
export function start(
  t: Scope,
  name: string,
  { args = [], env = {}, node = process.execPath, before = [], passed = [] }: ProgramOptions = {},
): Program {
  const path = name.includes('/') ? `../../${name}.js` : `../programs/${name}.js`
  const file = fileURLToPath(new URL(path, import.meta.url))
  const child = spawn(node, [...(before.length > 0 ? before : SHARED), file, ...args], {
    stdio: ['pipe', 'pipe', 'pipe', ...passed],
    env: { ...Object.fromEntries(INHERITED), ...env },
  }) as ChildProcessWithoutNullStreams
  t.teardown(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const end = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  return {
    child,
    async line() {
      const { value, done } = await within(`a line of ${name}`, lines.next())
      if (done === true) throw new Error(`${name} ended without a line; it said ${stderr}`)
      return value
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    async ended(ms) {
      const [code, signal] = await within(`end of ${name}`, end, ms)
      return { code, signal, stdout, stderr }
    },
  }
}

/** The shape of a process that ended well. */
export const WELL: Ended = { code: 0, signal: null, stdout: '', stderr: '' }
