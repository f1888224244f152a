import test, { type ExecutionContext } from 'ava'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder } from '../support/folder.ts'
import { start } from '../support/program.ts'
import { connectFor } from '../support/service.ts'

// What the kernel is asked for while one connection has one request at a time.

const REQUESTS = 200
/** Below it, calls are not those of the requests: V8 collects garbage and posts a task, a clock ticks. */
const INCIDENTAL = REQUESTS / 4
/** What one thread asks to wake another. */
const WAKING = ['futex', 'write']
/** All that a request takes without threads: two kinds of waiting, as node's loop watches over ours. */
const NEEDED = ['epoll_pwait', 'epoll_wait', 'recvfrom', 'sendto']

const isTraceable = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

/** How often a server called what, between two requests that are not counted. */
async function traced(t: ExecutionContext, ioThreads: number): Promise<Map<string, number>> {
  const file = join(folder(t), 'trace')
  const program = start(t, 'quiet-server', {
    node: 'strace',
    // Without the threads of V8, which wake each other.
    before: ['-f', '-o', file, process.execPath, '--single-threaded'],
    args: [String(ioThreads)],
  })
  t.teardown(() => void program.child.stdin?.end())
  const client = await connectFor(t, Number(await program.line()))
  for (let i = 0; i < REQUESTS; i++) await client.get('/before')
  for (let i = 0; i < REQUESTS; i++) t.is((await client.get('/counted')).text, '/counted')
  await client.get('/behind')
  // What strace has written of the requests is there: it goes on only behind that.
  const lines = readFileSync(file, 'utf8').split('\n')
  const from = lines.findIndex((line) => line.includes('GET /counted'))
  const to = lines.findIndex((line) => line.includes('GET /behind'))
  t.true(0 < from && from < to)
  const calls = new Map<string, number>()
  for (const line of lines.slice(from, to)) {
    const call = /^\d+ +(?:<\.\.\. )?(\w+)/.exec(line)?.[1]
    if (call !== undefined && !line.endsWith('<unfinished ...>'))
      calls.set(call, (calls.get(call) ?? 0) + 1)
  }
  return calls
}

const told = (calls: Map<string, number>): string =>
  Array.from(calls, ([call, count]) => `${call} ${count}`).join(', ')

for (const [ioThreads, wakes] of [
  [0, false],
  [1, true],
] as const) {
  test(`with ioThreads ${ioThreads} a request ${wakes ? 'wakes a thread' : 'wakes nobody: no eventfd, no futex'}`, async (t) => {
    t.timeout(300_000)
    if (!isTraceable) {
      t.log('SKIPPED: no strace, or it may trace nothing here')
      t.pass()
      return
    }
    const calls = await traced(t, ioThreads)
    t.log(told(calls))
    const count = (names: readonly string[]): number =>
      names.reduce((sum, name) => sum + (calls.get(name) ?? 0), 0)
    t.true(count(['recvfrom']) >= REQUESTS && count(['sendto']) >= REQUESTS, told(calls))
    if (wakes) t.true(count(WAKING) >= REQUESTS, told(calls))
    else {
      t.true(count(WAKING) < INCIDENTAL, told(calls))
      const others = count([...calls.keys()]) - count([...NEEDED, ...WAKING])
      t.true(others < INCIDENTAL, told(calls))
    }
  })
}
