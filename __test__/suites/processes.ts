import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** How a process of a project ended. */
export interface Done {
  readonly code: number | null
  /** It did not end by itself. */
  readonly isLate: boolean
}

/** What to run, where, and for how long. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** A file that gets what it prints. */
  readonly output: string
  readonly limitMs: number
}

/** Groups of ours that run, to be ended with this process. */
const running = new Set<number>()

/** Milliseconds that a group has to end in order. */
const GRACE_MS = 3_000

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // Nobody of it is left.
  }
}

process.on('exit', () => running.forEach((pid) => signalGroup(pid, 'SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

/** Runs a command in a process group of its own, of which nobody outlives it. */
export function run({ program, args, cwd, env, output, limitMs }: Command): Promise<Done> {
  const file = openSync(output, 'a')
  const child: ChildProcess = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', file, file],
    detached: true,
  })
  closeSync(file)
  const { pid } = child
  if (pid !== undefined) running.add(pid)
  return new Promise((resolve, reject) => {
    let isLate = false
    let grace: NodeJS.Timeout | undefined
    const limit = setTimeout(() => {
      isLate = true
      if (pid === undefined) return
      // First in a way that lets it write what it has counted.
      signalGroup(pid, 'SIGTERM')
      grace = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS)
    }, limitMs)
    child.on('error', reject)
    child.on('exit', (code) => {
      clearTimeout(limit)
      clearTimeout(grace)
      if (pid !== undefined) {
        signalGroup(pid, 'SIGKILL')
        running.delete(pid)
      }
      resolve({ code, isLate })
    })
  })
}
