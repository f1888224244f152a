import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'

import type { ServerOptions, ServerStats } from '../../ts/index.ts'
const program = fileURLToPath(new URL('programs/server.js', import.meta.url))
const collector = fileURLToPath(new URL('../support/collect.js', import.meta.url))
/** Left to itself the young generation of V8 grows by more than what is measured. */
const STEADY_HEAP = ['--expose-gc', '--max-semi-space-size=1', '--import', collector]
const ANSWER_MS = 30_000

const running = new Set<ChildProcess>()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** A server in a process of its own: what is under attack. */
export interface Target {
  readonly pid: number
  readonly port: number
  /** Asks the server; rejects when it does not answer within 30 s. */
  stats(): Promise<ServerStats>
  /** Has it use its descriptors up but for so many. */
  fill(left: number): Promise<number>
  /** Throws an error with the reason when the process has ended. */
  mustLive(): void
  stop(): Promise<void>
}

/** How a target is started. */
export interface TargetSetup {
  readonly options?: ServerOptions
  /** The only core it may use. */
  readonly core?: string
  /** The only number of descriptors it may use. */
  readonly descriptors?: number
}

/** Starts a server of this package; its memory can be settled (settledBytes of ../cpu.ts). */
export async function startTarget(setup: TargetSetup = {}): Promise<Target> {
  const { options = {}, core, descriptors } = setup
  const command = [process.execPath, ...STEADY_HEAP, program, JSON.stringify(options)]
  if (core !== undefined) command.unshift('taskset', '-c', core)
  const limit = `ulimit -n ${descriptors ?? '"$(ulimit -Hn)"'}; exec "$0" "$@"`
  const child = spawn('sh', ['-c', limit, ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  running.add(child)
  let complaint = ''
  child.stderr!.on('data', (text: Buffer) => (complaint = (complaint + text).slice(-4096)))
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  const mustLive = (): void => {
    if (!ended()) return
    throw new Error(`the server ended with ${child.exitCode ?? child.signalCode}: ${complaint}`)
  }
  const stop = async (): Promise<void> => {
    running.delete(child)
    if (ended()) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const exit = once(child, 'exit').then(mustLive)
  exit.catch(() => undefined)
  const word = async <T>(): Promise<T> => {
    const message = once(child, 'message', { signal: AbortSignal.timeout(ANSWER_MS) })
    const [said] = (await Promise.race([message, exit])) as [T]
    return said
  }
  try {
    const port = await word<number>()
    const ask = <T>(message: number | string): Promise<T> => {
      mustLive()
      child.send(message)
      return word()
    }
    const stats = (): Promise<ServerStats> => ask('stats')
    return { pid: child.pid!, port, stats, fill: ask, mustLive, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Runs `task` with a server, which ends with it; rejects when the server did not survive. */
export async function withTarget<T>(
  setup: TargetSetup,
  task: (target: Target) => Promise<T>,
): Promise<T> {
  const target = await startTarget(setup)
  try {
    const result = await task(target)
    target.mustLive()
    return result
  } catch (error) {
    target.mustLive()
    throw error
  } finally {
    await target.stop()
  }
}

/** How many descriptors a process has open. */
export function openDescriptors({ pid }: Pick<Target, 'pid'>): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Looks every 50 ms until `holds`; `false` when it did not within `ms`. */
export async function eventually(holds: () => Promise<boolean>, ms: number): Promise<boolean> {
  for (const deadline = performance.now() + ms; performance.now() < deadline; await sleep(50)) {
    if (await holds()) return true
  }
  return false
}
