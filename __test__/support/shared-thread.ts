/**
 * With `FASTHTTP_TEST_IO_THREADS=0` in the environment every server that would have one thread, or as
 * many as the machine suggests, has none: loaded before all tests, so that whatever they are of runs on
 * the thread of JavaScript as well. What asks for more threads than one gets them.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './root.ts'

type Threads = typeof import('../../ts/server/io-threads.ts')

if (process.env['FASTHTTP_TEST_IO_THREADS'] === '0') {
  const compiled = join(root, 'dist', 'ts', 'server', 'io-threads.js')
  const threads = createRequire(compiled)(compiled) as {
    -readonly [Name in keyof Threads]: Threads[Name]
  }
  const { checkThreads } = threads
  threads.defaultThreads = () => 0
  threads.checkThreads = (given, fallback) => checkThreads(given === 1 ? 0 : given, fallback)
}
