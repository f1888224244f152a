import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { exchange } from './exchange.ts'
import type { Rival } from './rivals.ts'

/** A rival that serves. */
export interface RunningServer {
  readonly rival: Rival
  readonly pid: number
  readonly port: number
  /** Says why the process ended by itself; undefined while it runs. */
  failure(): string | undefined
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))
// Without a listener these end the process without the event above.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/**
 * Starts `rival` on `core`, with `env` besides the environment, and waits until it answers; throws an error with the
 * reason when it does not.
 */
export async function startServer(
  rival: Rival,
  core: string,
  collects: boolean,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const port = await freePort()
  // Ten thousand connections need more descriptors than the usual limit; every link of the chain
  // replaces the one before it, so the process started here is the server itself.
  const raised = 'ulimit -n "$(ulimit -Hn)"; exec "$0" "$@"'
  const command = ['taskset', '-c', core, ...rival.command(collects), String(port)]
  const child = spawn('sh', ['-c', raised, ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  let complaint = ''
  child.stderr.on('data', (text: Buffer) => (complaint = (complaint + text).slice(-4096)))
  running.add(child)
  const failure = (): string | undefined =>
    hasEnded(child)
      ? (reasonIn(complaint) ?? `it ended with ${child.exitCode ?? child.signalCode}`)
      : undefined
  const stop = async (): Promise<void> => {
    running.delete(child)
    if (hasEnded(child)) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  try {
    await untilAnswering(child, port)
  } catch (error) {
    const reason = failure()
    await stop()
    throw new Error(reason ?? (error as Error).message, { cause: error })
  }
  return { rival, pid: child.pid!, port, failure, stop }
}

async function untilAnswering(child: ChildProcess, port: number): Promise<void> {
  const request = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(20)) {
    if (hasEnded(child)) throw new Error('it ended')
    try {
      await exchange(port, request)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error
    }
  }
  throw new Error('it did not answer within 10 s')
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** The line of an error report that names the error; a stack follows it in Node and Bun. */
function reasonIn(complaint: string): string | undefined {
  const lines = complaint.split('\n').map((line) => line.trim())
  return (
    lines.find((line) => /^(\w*Error|panic|error)\b/.test(line)) ?? lines.filter(Boolean).at(-1)
  )
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
