// Taken when the package is loaded: a test that puts false ones in their place (node:test, sinon, jest,
// vitest) means those of the code that it tests, and a server that waits for them never goes on.

export const setImmediate: typeof globalThis.setImmediate = globalThis.setImmediate
export const clearImmediate: typeof globalThis.clearImmediate = globalThis.clearImmediate
export const setTimeout: typeof globalThis.setTimeout = globalThis.setTimeout
export const clearTimeout: typeof globalThis.clearTimeout = globalThis.clearTimeout
export const setInterval: typeof globalThis.setInterval = globalThis.setInterval
export const clearInterval: typeof globalThis.clearInterval = globalThis.clearInterval

const clock = performance
const { now } = clock
/** Milliseconds since the process began. */
export function elapsed(): number {
  return now.call(clock)
}

const host = process
const { nextTick: next } = host
/** Calls `task` before anything else that waits. */
export function nextTick(task: () => void): void {
  next.call(host, task)
}
