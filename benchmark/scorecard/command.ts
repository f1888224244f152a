import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

// The compiled file is dist/benchmark/scorecard/command.js.
const root = fileURLToPath(new URL('../../../', import.meta.url))

/** How a command ended and what it printed. */
export interface Ran {
  readonly code: number | null
  readonly stdout: string
}

/**
 * Runs a command in the root of the repository, its standard error among ours. Rejects when it cannot be
 * started, and after `minutes`, when it is killed.
 */
export async function run(command: readonly string[], minutes: number): Promise<Ran> {
  const [file = '', ...args] = command
  // A group of its own, so that what it has started ends with it.
  const child = spawn(file, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  await once(child, 'spawn')
  const late = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), minutes * 60_000)
  const [stdout, [code, signal]] = await Promise.all([
    text(child.stdout),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ])
  clearTimeout(late)
  if (signal !== null) throw new Error(`${command.join(' ')}: ended by ${signal}`)
  return { code, stdout }
}

/** Runs a command whose last line that is an object in JSON is its result; rejects when there is none. */
export async function resultOf(
  command: readonly string[],
  minutes: number,
): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout } = await run(command, minutes)
  const line = stdout.split('\n').findLast((one) => one.startsWith('{'))
  if (line === undefined) throw new Error(`${command.join(' ')}: exit ${code}, no result`)
  return JSON.parse(line) as Record<string, unknown>
}

/** A number of a result; rejects a result without it. */
export function numberOf(result: Readonly<Record<string, unknown>>, key: string): number {
  const value = result[key]
  if (typeof value !== 'number') throw new Error(`no ${key} in ${JSON.stringify(result)}`)
  return value
}
