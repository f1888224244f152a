import { readFileSync } from 'node:fs'

/** Reads a file; throws if there is none. */
export type ReadFile = (path: string) => string

const ROOT = '/sys/fs/cgroup'

/**
 * How many processors this process may use at a time by the quota of its control group, of either version, or of one
 * above it; `Infinity` without one. A container sees its own group as the topmost one.
 */
export function cpuQuota(read: ReadFile = (path) => readFileSync(path, 'utf8')): number {
  const groups = attempt(() => read('/proc/self/cgroup')) ?? ''
  let least = Infinity
  for (const line of groups.split('\n')) {
    const [, id, controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? []
    const isSecond = id === '0' && controllers === ''
    if (!isSecond && !controllers.split(',').includes('cpu')) continue
    for (const group of upwards(path)) {
      const quota = isSecond ? secondOf(read, group) : firstOf(read, controllers, group)
      least = Math.min(least, quota)
    }
  }
  return least
}

/** A group and those above it. */
function upwards(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return Array.from({ length: parts.length + 1 }, (_, i) => ['', ...parts.slice(0, i)].join('/'))
}

/** `cpu.max` of version 2: "quota period" in microseconds, or "max period". */
function secondOf(read: ReadFile, group: string): number {
  const [quota, period] = (attempt(() => read(`${ROOT}${group}/cpu.max`)) ?? '').trim().split(' ')
  return share(quota, period)
}

/** The two files of version 1; a quota of -1 is none. */
function firstOf(read: ReadFile, controllers: string, group: string): number {
  for (const name of [controllers, 'cpu']) {
    const file = (what: string): string | undefined =>
      attempt(() => read(`${ROOT}/${name}${group}/cpu.cfs_${what}_us`))?.trim()
    const quota = file('quota')
    if (quota !== undefined) return share(quota, file('period'))
  }
  return Infinity
}

function share(quota: string | undefined, period: string | undefined): number {
  const cpus = Number(quota) / Number(period)
  return cpus > 0 ? cpus : Infinity
}

function attempt(call: () => string): string | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}
