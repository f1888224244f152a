/**
 * With `FASTHTTP_TEST_IO_THREADS=0` in the environment a server that would have one thread, or as many as the
 * machine suggests, has none. This is loaded before all tests and before the programs that they start.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './root.ts'

type Threads = typeof import('../../ts/server/io-threads.ts')

/** Whether the servers of this run have threads, so that what they do while JavaScript is busy can be seen. */
export const hasThreads: boolean = process.env['FASTHTTP_TEST_IO_THREADS'] !== '0'

if (!hasThreads) {
  const compiled = join(root, 'dist', 'ts', 'server', 'io-threads.js')
  const threads = createRequire(compiled)(compiled) as {
    -readonly [Name in keyof Threads]: Threads[Name]
  }
  const { checkThreads, defaultThreads } = threads
  // Of a machine that is named the default is told as ever.
  threads.defaultThreads = (...machine) => (machine.length > 0 ? defaultThreads(...machine) : 0)
  threads.checkThreads = (given, fallback) => checkThreads(given === 1 ? 0 : given, fallback)
}
