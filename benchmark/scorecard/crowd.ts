import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { compile } from '../support/compile.ts'

const GATHER_MS = 70_000

/** Connections that all send the same bytes (crowd.c). Sizes in bytes. */
export interface CrowdSetup {
  readonly port: number
  readonly connections: number
  /** The bytes that each sends, over and over unless `once`. */
  readonly payload: Buffer
  /** How many bytes a visit sends, and how many visits there are in a second, of all connections together. */
  readonly sends: number
  readonly visits: number
  /** How many bytes a visit reads; everything at once if left out. */
  readonly reads?: number
  readonly once?: boolean
  /** The longest that it may last. */
  readonly seconds: number
  readonly core?: string
}

/** What a crowd has done so far. */
export interface CrowdCounts {
  readonly connected: number
  readonly connects: number
  /** Connections that the server ended. */
  readonly cuts: number
  readonly sent: number
  readonly received: number
}

/** Connections at work. */
export interface Crowd {
  counts(): Promise<CrowdCounts>
  /** Drops all connections. */
  stop(): Promise<void>
}

/** Starts a crowd and waits until all of it is connected; rejects when that takes more than a minute. */
export async function gather(setup: CrowdSetup): Promise<Crowd> {
  const { port, connections, visits, sends, reads = -1, seconds, core } = setup
  const folder = mkdtempSync(join(tmpdir(), 'fasthttp-crowd-'))
  const file = join(folder, 'payload')
  writeFileSync(file, setup.payload)
  const numbers = [port, connections, visits, sends, reads, Number(setup.once ?? false), seconds]
  const command = [compile('scorecard/crowd'), ...numbers.map(String), file]
  if (core !== undefined) command.unshift('taskset', '-c', core)
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').finally(() => rmSync(folder, { recursive: true }))
  child.stdin.on('error', () => undefined)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async (): Promise<string> => {
    const late = setTimeout(() => child.kill('SIGKILL'), GATHER_MS)
    const { value } = (await lines.next()) as { value?: string }
    clearTimeout(late)
    if (value === undefined) throw new Error('the crowd ended')
    return value
  }
  await line()
  return {
    async counts() {
      child.stdin.write('?')
      return JSON.parse(await line()) as CrowdCounts
    },
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
