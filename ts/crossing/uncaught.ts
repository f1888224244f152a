import { nextTick } from './timers.ts'

/**
 * Makes an error an uncaught exception. Node only warns of what a callback throws that native code
 * has called (DEP0168), so nothing may leave the drain that way.
 */
export function uncaught(error: unknown): void {
  nextTick(() => {
    throw error
  })
}

/** Calls what belongs to somebody else: if it throws, that is uncaught, and the caller goes on. */
export function guarded(call: () => void): void {
  try {
    call()
  } catch (error) {
    uncaught(error)
  }
}
