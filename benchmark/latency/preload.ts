// Loaded before a server whose heap is looked at. FASTHTTP_BENCH_BALLAST: so many MiB of objects live on. With
// FASTHTTP_BENCH_GARBAGE the collector is watched from one SIGUSR2 to the next, which writes what it has done
// into that file.
import { writeFileSync } from 'node:fs'
import v8 from 'node:v8'
import type { Collections } from './garbage.ts'

/** Objects of 88 bytes in V8, with the place of each in the array. */
const IN_A_MEBIBYTE = (1 << 20) / 88

const ballast = Number(process.env['FASTHTTP_BENCH_BALLAST'] ?? 0)
const kept = Array.from({ length: Math.round(ballast * IN_A_MEBIBYTE) }, (_, id) => ({
  id,
  name: `item ${id}`,
  next: null,
}))
Object.assign(globalThis, { kept })

const file = process.env['FASTHTTP_BENCH_GARBAGE']
// Bun has no such class.
if (file !== undefined && 'GCProfiler' in v8) {
  let profiler: InstanceType<typeof v8.GCProfiler> | undefined
  let before = 0
  process.on('SIGUSR2', () => {
    const { heapUsed } = process.memoryUsage()
    if (profiler === undefined) {
      before = heapUsed
      profiler = new v8.GCProfiler()
      profiler.start()
      writeFileSync(file, 'watching')
      return
    }
    const { statistics } = profiler.stop()
    const done: Collections = {
      before,
      after: heapUsed,
      each: statistics.map(({ gcType, cost, beforeGC, afterGC }) => ({
        kind: gcType,
        microseconds: cost,
        before: beforeGC.heapStatistics.usedHeapSize,
        after: afterGC.heapStatistics.usedHeapSize,
      })),
    }
    profiler = undefined
    writeFileSync(file, JSON.stringify(done))
  })
}
