// What a process has cost so far, from Linux's /proc. `schedstat` counts nanoseconds on the processor;
// the split into user and system is known in ticks of 10 ms only, so it is used as a proportion.

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Who a thread works for: handlers, the I/O of this package, or something else (collector, compiler). */
export type ThreadKind = 'js' | 'io' | 'other'

/** Processor time used by a process up to a moment. */
export interface CpuReading {
  readonly threads: ReadonlyMap<string, ThreadReading>
  readonly ticks: Ticks
}

interface ThreadReading {
  readonly kind: ThreadKind
  readonly nanoseconds: number
  readonly ticks: Ticks
}

interface Ticks {
  readonly user: number
  readonly system: number
}

/** Processor time in microseconds between two readings. */
export type CpuUse = Readonly<Record<ThreadKind | 'jsUser' | 'total' | 'user' | 'system', number>>

/** Reads what process `pid` has used so far. */
export function readCpu(pid: number): CpuReading {
  const threads = new Map<string, ThreadReading>()
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${tid}`
    try {
      const nanoseconds = Number(readFileSync(`${folder}/schedstat`, 'latin1').split(' ')[0])
      threads.set(tid, {
        kind: kindOf(pid, tid, readFileSync(`${folder}/comm`, 'latin1')),
        nanoseconds,
        ticks: ticksOf(folder),
      })
    } catch {
      // The thread ended between the listing and the reading.
    }
  }
  return { threads, ticks: ticksOf(`/proc/${pid}`) }
}

/** Gives what was used between two readings; a thread that ended in between is not counted. */
export function cpuBetween(before: CpuReading, after: CpuReading): CpuUse {
  const use = { js: 0, io: 0, other: 0, jsUser: 0 }
  for (const [tid, { kind, nanoseconds, ticks }] of after.threads) {
    const earlier = before.threads.get(tid)
    const used = (nanoseconds - (earlier?.nanoseconds ?? 0)) / 1000
    use[kind] += used
    if (kind === 'js') use.jsUser += used * userShare(earlier?.ticks, ticks)
  }
  const total = use.js + use.io + use.other
  const user = total * userShare(before.ticks, after.ticks)
  return { ...use, total, user, system: total - user }
}

function userShare(before: Ticks | undefined, after: Ticks): number {
  const user = after.user - (before?.user ?? 0)
  const all = user + after.system - (before?.system ?? 0)
  return all === 0 ? 0 : user / all
}

/** Tells whether process `pid` is stopped by a signal. */
export function isStopped(pid: number): boolean {
  return statFields(`/proc/${pid}`)[0] === 'T'
}

/** Gives the resident memory of process `pid` in bytes. */
export function residentBytes(pid: number): number {
  // Not VmRSS of `status`: the kernel keeps that in counters per processor and lets it lag behind.
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  return Number(/^Rss: +(\d+) kB/m.exec(rollup)?.[1]) * 1024
}

/**
 * Gives the smallest of several readings of the resident memory in bytes: some is given back in the
 * background. `collects`: the process has loaded collect.ts and is told to collect its garbage first.
 */
export async function settledBytes(pid: number, collects: boolean): Promise<number> {
  if (collects) process.kill(pid, 'SIGUSR2')
  const readings: number[] = []
  for (let reading = 0; reading < 8; reading++) {
    await sleep(100)
    readings.push(residentBytes(pid))
  }
  return Math.min(...readings)
}

function ticksOf(folder: string): Ticks {
  const fields = statFields(folder)
  return { user: Number(fields[11]), system: Number(fields[12]) }
}

function kindOf(pid: number, tid: string, name: string): ThreadKind {
  if (tid === String(pid)) return 'js'
  return name.startsWith('fasthttp-io') ? 'io' : 'other'
}

/** The fields of `stat` from the state on: the name before them may hold blanks and brackets. */
function statFields(folder: string): string[] {
  const stat = readFileSync(`${folder}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
