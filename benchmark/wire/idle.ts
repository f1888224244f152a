// What an idle keep-alive connection costs: the growth of the server's resident memory over connections
// that have each had one answer. Memory of the kernel (about 4 KiB a socket) is not in it.

import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { HELLO } from '../support/answers.ts'
import type { Case, Sample, Settings } from './case.ts'
import { settledBytes } from '../support/cpu.ts'
import type { RunningServer } from '../support/server.ts'
import { runWrk } from '../support/wrk.ts'

const WANTED = 10_000
const client = fileURLToPath(new URL('idle-client.js', import.meta.url))
const request = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')

/** Resident memory per idle keep-alive connection. */
export const idleCase: Case = {
  name: 'idle',
  title: `${WANTED} idle keep-alive connections: growth of the resident memory of the process`,
  request,
  body: HELLO,
  columns: [
    { key: 'connections', title: 'connections', digits: 0 },
    { key: 'before', title: 'MiB before', digits: 1 },
    { key: 'after', title: 'MiB after', digits: 1 },
    { key: 'each', title: 'bytes each', digits: 0, compared: 'bytes' },
  ],
  // They differ from `ours-sync` in the handler only.
  without: ['ours-async', 'ours-raw'],
  collects: true,
  measure,
}

async function measure(server: RunningServer, { clientCore }: Settings): Promise<Sample> {
  const count = Math.min(WANTED, descriptorLimit() - 200)
  const load = { port: server.port, core: clientCore, connections: 64, request, depth: 1 }
  await runWrk({ ...load, seconds: 3 })
  const before = await settledBytes(server.pid, server.rival.javascript)
  const child = fork(client, [String(server.port), String(count)])
  try {
    await opened(child, count)
    const after = await settledBytes(server.pid, server.rival.javascript)
    child.send('count')
    await opened(child, count)
    return {
      connections: count,
      before: before / 2 ** 20,
      after: after / 2 ** 20,
      each: (after - before) / count,
    }
  } finally {
    child.kill('SIGKILL')
  }
}

/** Waits for the client's word on how many connections it holds. */
async function opened(child: ChildProcess, count: number): Promise<void> {
  const deadline = AbortSignal.timeout(60_000)
  const [word] = await Promise.race([
    once(child, 'message', { signal: deadline }),
    once(child, 'exit', { signal: deadline }).then(([code]) => [
      `no connection: it ended with ${code}`,
    ]),
  ])
  if (word !== count) throw new Error(`the client holds ${word} of ${count} connections`)
}

function descriptorLimit(): number {
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })
  return stdout.trim() === 'unlimited' ? Infinity : Number(stdout)
}
