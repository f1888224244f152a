// What a process has cost so far, from Linux's /proc. `schedstat` counts nanoseconds on the processor;
// the split into user and system is known in ticks of 10 ms only, so it is used as a proportion.

import { readdirSync, readFileSync } from 'node:fs'

/** Who a thread works for: handlers, the I/O of this package, or something else (collector, compiler). */
export type ThreadKind = 'js' | 'io' | 'other'

/** Processor time used by a process up to a moment. */
export interface CpuReading {
  readonly threads: ReadonlyMap<string, { readonly kind: ThreadKind; readonly nanoseconds: number }>
  readonly userTicks: number
  readonly systemTicks: number
}

/** Processor time in microseconds between two readings. */
export type CpuUse = Readonly<Record<ThreadKind | 'total' | 'user' | 'system', number>>

/** Reads what process `pid` has used so far. */
export function readCpu(pid: number): CpuReading {
  const threads = new Map<string, { kind: ThreadKind; nanoseconds: number }>()
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${tid}`
    try {
      const nanoseconds = Number(readFileSync(`${folder}/schedstat`, 'latin1').split(' ')[0])
      threads.set(tid, {
        kind: kindOf(pid, tid, readFileSync(`${folder}/comm`, 'latin1')),
        nanoseconds,
      })
    } catch {
      // The thread ended between the listing and the reading.
    }
  }
  const fields = statFields(pid)
  return { threads, userTicks: Number(fields[11]), systemTicks: Number(fields[12]) }
}

/** Gives what was used between two readings; a thread that ended in between is not counted. */
export function cpuBetween(before: CpuReading, after: CpuReading): CpuUse {
  const use = { js: 0, io: 0, other: 0 }
  for (const [tid, { kind, nanoseconds }] of after.threads) {
    use[kind] += (nanoseconds - (before.threads.get(tid)?.nanoseconds ?? 0)) / 1000
  }
  const total = use.js + use.io + use.other
  const userTicks = after.userTicks - before.userTicks
  const ticks = userTicks + after.systemTicks - before.systemTicks
  const user = ticks === 0 ? 0 : (total * userTicks) / ticks
  return { ...use, total, user, system: total - user }
}

/** Tells whether process `pid` is stopped by a signal. */
export function isStopped(pid: number): boolean {
  return statFields(pid)[0] === 'T'
}

/** Gives the resident memory of process `pid` in bytes. */
export function residentBytes(pid: number): number {
  // Not VmRSS of `status`: the kernel keeps that in counters per processor and lets it lag behind.
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  return Number(/^Rss: +(\d+) kB/m.exec(rollup)?.[1]) * 1024
}

function kindOf(pid: number, tid: string, name: string): ThreadKind {
  if (tid === String(pid)) return 'js'
  return name.startsWith('fasthttp-io') ? 'io' : 'other'
}

/** The fields of `stat` from the state on: the name before them may hold blanks and brackets. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
