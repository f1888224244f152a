import { native } from '../crossing/native.ts'

/** The descriptors of this process. */
export interface Descriptors {
  /** How many are open; 0 where they cannot be counted. */
  readonly open: number
  /** The soft limit (`RLIMIT_NOFILE`); Infinity where there is none. */
  readonly limit: number
}

/** @internal Counts the descriptors of this process, those of its I/O threads included. */
export function descriptors(): Descriptors {
  return native.descriptors()
}
