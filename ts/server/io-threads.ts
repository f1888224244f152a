import { availableParallelism } from 'node:os'
import { requireSharedThread } from '../crossing/abilities.ts'
import { integer } from '../crossing/checks.ts'
import { native } from '../crossing/native.ts'
import { cpuQuota } from './quota.ts'

/**
 * One core is left to JavaScript; more than four threads outrun any handler. The quota of a container lowers the
 * number, which is at least 1: beyond it threads only take turns.
 */
export function defaultThreads(
  cores: number = availableParallelism(),
  quota: number = quotaOnce(),
): number {
  return Math.min(4, Math.max(1, Math.min(cores, Math.floor(quota)) - 1))
}

let known: number | undefined

function quotaOnce(): number {
  return (known ??= process.platform === 'linux' ? cpuQuota() : Infinity)
}

/**
 * The option `ioThreads`: 1 to 64, or 0 for JavaScript's own thread. Throws `TypeError` or `RangeError` for
 * anything else, and `ERR_UNSUPPORTED` for 0 where the runtime is not Node or the platform is Windows.
 */
export function checkThreads(threads: unknown, fallback: number): number {
  const checked = integer('ioThreads', threads, 0, 64, fallback)
  if (checked === 0)
    requireSharedThread(process.versions, native.lacking(), () => native.hasLibuv())
  return checked
}

let shares: boolean | undefined

/** Whether a server can run on JavaScript's own thread here. */
export function canShareThread(): boolean {
  if (shares !== undefined) return shares
  try {
    checkThreads(0, 0)
    shares = true
  } catch {
    shares = false
  }
  return shares
}
