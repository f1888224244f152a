import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../../../benchmark/support/wrk.lua', import.meta.url))

/** What wrk is to do. */
export interface Load {
  readonly port: number
  readonly core: string
  readonly connections: number
  readonly request: Buffer
  /** How many requests a connection sends before it waits for their answers. */
  readonly depth: number
  readonly seconds: number
}

/** What wrk saw; times in microseconds. */
export interface LoadResult {
  readonly requests: number
  readonly duration: number
  readonly p50: number
  readonly p99: number
  /** Answers with a status of 400 or more. */
  readonly refused: number
  /** Connections that failed or timed out. */
  readonly failed: number
}

/** Throws an error that says how to get wrk when it is not installed. */
export function requireWrk(): void {
  if (spawnSync('wrk', ['-v']).error) throw new Error('wrk is missing: apt-get install wrk')
}

/** Runs wrk with one thread on its core. */
export async function runWrk(load: Load): Promise<LoadResult> {
  const { connections, depth, request } = load
  const child = spawn(
    'taskset',
    ['-c', load.core, 'wrk', '-t', '1', '-c', `${connections}`, '-d', `${load.seconds}s`].concat([
      '-s',
      script,
      `http://127.0.0.1:${load.port}/`,
    ]),
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        REQUEST: request.toString('latin1'),
        DEPTH: String(depth),
        CONNECTIONS: String(connections),
      },
    },
  )
  const [output, complaint] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  const figures = /^result (.*)$/m.exec(output)?.[1]?.split(' ').map(Number)
  if (!figures) throw new Error(`wrk gave no result: ${complaint || output}`)
  const [requests = 0, duration = 0, p50 = 0, p99 = 0, refused = 0, failed = 0] = figures
  return { requests, duration, p50, p99, refused, failed }
}
