import test from 'ava'
import { defaultThreads } from '../../ts/server/io-threads.ts'
import { cpuQuota } from '../../ts/server/quota.ts'
import { hasThreads } from '../support/shared-thread.ts'

const SYS = '/sys/fs/cgroup'
const SELF = '/proc/self/cgroup'

/** The files of a machine, and the quota in processors. */
const MACHINES: Record<string, [files: Record<string, string>, quota: number]> = {
  'no control groups': [{}, Infinity],
  'version 2 without a quota': [
    { [SELF]: '0::/a\n', [`${SYS}/a/cpu.max`]: 'max 100000\n' },
    Infinity,
  ],
  'version 2': [{ [SELF]: '0::/a\n', [`${SYS}/a/cpu.max`]: '150000 100000\n' }, 1.5],
  'a container of version 2': [{ [SELF]: '0::/\n', [`${SYS}/cpu.max`]: '200000 100000\n' }, 2],
  'the least of all above': [
    {
      [SELF]: '0::/a/b/c\n',
      [`${SYS}/a/cpu.max`]: '100000 100000\n',
      [`${SYS}/a/b/cpu.max`]: '50000 100000\n',
      [`${SYS}/a/b/c/cpu.max`]: 'max 100000\n',
    },
    0.5,
  ],
  'version 1': [
    {
      [SELF]: '5:memory:/m\n4:cpu,cpuacct:/a\n',
      [`${SYS}/cpu,cpuacct/a/cpu.cfs_quota_us`]: '300000\n',
      [`${SYS}/cpu,cpuacct/a/cpu.cfs_period_us`]: '100000\n',
    },
    3,
  ],
  'a container of version 1, which sees the path of its host': [
    {
      [SELF]: '4:cpu,cpuacct:/docker/x\n0::/\n',
      [`${SYS}/cpu/cpu.cfs_quota_us`]: '250000\n',
      [`${SYS}/cpu/cpu.cfs_period_us`]: '100000\n',
    },
    2.5,
  ],
  'version 1 without a quota': [
    {
      [SELF]: '4:cpu:/\n',
      [`${SYS}/cpu/cpu.cfs_quota_us`]: '-1\n',
      [`${SYS}/cpu/cpu.cfs_period_us`]: '100000\n',
    },
    Infinity,
  ],
  nonsense: [{ [SELF]: 'x\n0::/\n', [`${SYS}/cpu.max`]: 'much' }, Infinity],
}

for (const [name, [files, quota]] of Object.entries(MACHINES)) {
  test(`the quota of ${name}`, (t) => {
    const read = (path: string): string => {
      const text = new Map(Object.entries(files)).get(path)
      if (text === undefined) throw new Error(`ENOENT ${path}`)
      return text
    }
    t.is(cpuQuota(read), quota)
  })
}

test('the default of ioThreads leaves a processor to JavaScript, and is never 0', (t) => {
  const threads: [cores: number, quota: number, threads: number][] = [
    [1, Infinity, 1],
    [2, Infinity, 1],
    [4, Infinity, 3],
    [64, Infinity, 4],
    [64, 4, 3],
    [64, 2.5, 1],
    [64, 1.5, 1],
    [64, 1, 1],
    [64, 0.1, 1],
    [2, 64, 1],
  ]
  for (const [cores, quota, expected] of threads) t.is(defaultThreads(cores, quota), expected)
  if (hasThreads) t.true(defaultThreads() >= 1)
})
