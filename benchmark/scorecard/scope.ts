import type { Scope } from '../../__test__/support/service.ts'

/** Runs `task` with what a test would give it: functions that are called when it is over, last first. */
export async function scoped<T>(task: (scope: Scope) => Promise<T>): Promise<T> {
  const ends: (() => void | PromiseLike<void>)[] = []
  try {
    return await task({ teardown: (end) => void ends.unshift(end) })
  } finally {
    for (const end of ends) await end()
  }
}
