import type { ExecutionContext } from 'ava'
import { mkdtempSync, openSync, readdirSync, rmSync, truncateSync, closeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that goes with its test. */
export function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'fasthttp-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A file of this size that takes no room; reads as zeros. */
export function sparse(path: string, size: number): void {
  closeSync(openSync(path, 'w'))
  truncateSync(path, size)
}

/** Descriptors of this process; -1 where they cannot be counted. */
export function descriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return -1
  }
}
