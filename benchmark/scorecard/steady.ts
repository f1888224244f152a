import { settledBytes } from '../support/cpu.ts'
import type { Target } from './target.ts'

/** Of a steady reading, at most; those that must not be lower than before; and by how many bytes. */
const ROUNDS = 24
const CALM_ROUNDS = 8
const NOISE = 64 << 10

/**
 * Resident memory that does not shrink any more: V8 gives back what a load has left for seconds after it,
 * and what it gives back would hide what connections take.
 */
export async function steadyBytes({ pid }: Target): Promise<number> {
  let lowest = await settledBytes(pid, true)
  for (let [round, calm] = [0, 0]; round < ROUNDS && calm < CALM_ROUNDS; round++) {
    const reading = await settledBytes(pid, true)
    calm = reading < lowest - NOISE ? 0 : calm + 1
    lowest = Math.min(lowest, reading)
  }
  return lowest
}
