// Makes bodies of so many MiB in all, in pieces that nobody keeps, and prints how often V8 has collected its young
// generation meanwhile, and how often all of its heap.

import { constants, PerformanceObserver } from 'node:perf_hooks'
import { Nursery } from '../../ts/crossing/nursery.ts'

const PIECE = 15 << 10
const nursery = new Nursery()
let [young, all] = [0, 0]
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { kind } = (entry as unknown as { detail: { kind: number } }).detail
    if (kind === constants.NODE_PERFORMANCE_GC_MINOR) young++
    if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) all++
  }
})
observer.observe({ entryTypes: ['gc'] })

let kept: Buffer | undefined
let left = Number(process.argv[2]) << 20
function turn(): void {
  for (let i = 0; i < 40; i++) {
    kept = Buffer.allocUnsafeSlow(PIECE)
    left -= kept.byteLength
    nursery.add(kept.byteLength)
  }
  if (left > 0) setImmediate(turn)
  // The last of them are told of in a later turn.
  else setTimeout(() => console.log(JSON.stringify({ young, all })), 50)
}
turn()
