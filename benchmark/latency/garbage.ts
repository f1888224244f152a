import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Scenario } from './scenarios.ts'

/** What the collector did between two moments; sizes in bytes. */
export interface Collections {
  readonly before: number
  readonly after: number
  readonly each: readonly {
    readonly kind: string
    readonly microseconds: number
    readonly before: number
    readonly after: number
  }[]
}

const preload = fileURLToPath(new URL('preload.js', import.meta.url))

/** Bytes that were allocated on the heap. */
export function allocated({ before, after, each }: Collections): number {
  let [sum, last] = [0, before]
  for (const one of each) {
    sum += Math.max(0, one.before - last)
    last = one.after
  }
  return sum + Math.max(0, after - last)
}

/** Looks into the heap of a server that is started with `env`. */
export interface Watch {
  readonly env: Readonly<Record<string, string>>
  /** What is to be watched begins. `undefined` is given by `end` if nobody watches, as in Bun. */
  begin(pid: number): Promise<void>
  end(pid: number): Promise<Collections | undefined>
  remove(): void
}

/** What a scenario asks a server to load. */
export function watch({ watches, ballast = 0 }: Scenario, watchable: boolean): Watch {
  if (watches !== true)
    return { env: {}, begin: async () => {}, end: async () => undefined, remove: () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'fasthttp-latency-'))
  const file = join(folder, 'collections')
  const untilThere = async (pid: number): Promise<string> => {
    process.kill(pid, 'SIGUSR2')
    for (const deadline = Date.now() + 5000; Date.now() < deadline; await sleep(10)) {
      if (!existsSync(file)) continue
      const text = readFileSync(file, 'utf8')
      if (text !== '') {
        rmSync(file)
        return text
      }
    }
    throw new Error('the server does not tell what its collector does')
  }
  return {
    env: {
      FASTHTTP_BENCH_BALLAST: String(ballast),
      FASTHTTP_BENCH_GARBAGE: file,
      NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import ${preload}`.trim(),
      BUN_OPTIONS: `--preload ${preload}`,
    },
    begin: async (pid) => void (watchable && (await untilThere(pid))),
    end: async (pid) =>
      watchable ? (JSON.parse(await untilThere(pid)) as Collections) : undefined,
    remove: () => rmSync(folder, { recursive: true }),
  }
}
