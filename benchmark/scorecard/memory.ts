import { setTimeout as sleep } from 'node:timers/promises'

import { residentBytes, settledBytes } from '../support/cpu.ts'
import { runWrk } from '../support/wrk.ts'
import { gather } from './crowd.ts'
import { atMost, exactly, type Figure, type Row, type Settings, tell } from './row.ts'
import { steadyBytes } from './steady.ts'
import { eventually, type Target, withTarget } from './target.ts'

const GET = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
// 2 KiB of a head that is never finished, in fields of a usual size.
const HALF = Buffer.from(
  'GET / HTTP/1.1\r\nHost: localhost\r\n'.padEnd(2048, `X-Field: ${'value '.repeat(10)}\r\n`),
)
const MIB = 2 ** 20

/**
 * Growth of the server's resident memory, after a load and a collection, by connections that have had
 * an answer each or have sent 2 KiB of a head; divided by their number. Memory of the kernel is not in it.
 */
export const idle: Row = {
  name: 'idle',
  title: 'memory of connections that wait',
  async measure(settings) {
    return [
      ...(await growthOf('an idle connection of 10,000', 384, settings, 10_000, GET)),
      ...(await growthOf(
        'a connection with 2 KiB of a head, of 5,000',
        2600,
        settings,
        5000,
        HALF,
      )),
    ]
  },
}

async function growthOf(
  what: string,
  limit: number,
  settings: Settings,
  connections: number,
  payload: Buffer,
): Promise<Figure[]> {
  return withTarget({ options: { ioThreads: 1 } }, async (target) => {
    await warmUp(target, settings)
    const [before, statsBefore] = [await steadyBytes(target), await target.stats()]
    const setup = { port: target.port, connections, payload, once: true, seconds: 60 }
    const crowd = await gather({ ...setup, sends: payload.length, visits: 20_000 })
    try {
      const arrived = await eventually(async () => {
        const { bytes } = await target.stats()
        return bytes.in - statsBefore.bytes.in >= connections * payload.length
      }, 20_000)
      if (!arrived) throw new Error('the bytes of the crowd did not arrive within 20 s')
      const after = await settledBytes(target.pid, true)
      tell(`${(before / MIB).toFixed(1)} MiB before, ${(after / MIB).toFixed(1)} MiB after`)
      const { connections: now } = await target.stats()
      return [
        atMost(`memory of ${what}`, (after - before) / connections, limit, 'B'),
        exactly('  of them still open', now.open, connections),
      ]
    } finally {
      await crowd.stop()
    }
  })
}

/** The process has its usual size only when it has worked. */
async function warmUp({ port }: Target, { clientCore: core }: Settings): Promise<void> {
  await runWrk({ port, core, connections: 64, request: GET, depth: 1, seconds: 3 })
}

/**
 * One client sends pipelined requests as fast as it can for 5 s and never reads. Growth of the resident
 * memory of a server that has worked before: the highest reading, nothing being collected; then once more
 * what is held, against what was held before, after collections.
 */
export const unread: Row = {
  name: 'unread',
  title: 'memory of a pipelining client that never reads',
  isAttack: true,
  measure: (settings) =>
    withTarget({ options: { ioThreads: 1 } }, async (target) => {
      await warmUp(target, settings)
      const before = await settledBytes(target.pid, false)
      const peak = await besideDeaf(target, async () => {
        let highest = 0
        for (let i = 0; i < 50; i++) {
          await sleep(100)
          highest = Math.max(highest, residentBytes(target.pid))
        }
        return highest
      })
      const held = await steadyBytes(target)
      const grown = (await besideDeaf(target, () => steadyBytes(target))) - held
      return [
        atMost('growth, highest reading in 5 s', (peak - before) / MIB, 1, 'MiB', 2),
        atMost('growth of what is held, after collections', grown / MIB, 1, 'MiB', 2),
      ]
    }),
}

/** Measures while a client sends and does not read. */
async function besideDeaf(target: Target, measure: () => Promise<number>): Promise<number> {
  const { requests } = await target.stats()
  const payload = Buffer.from(GET.toString().repeat(4096))
  const setup = { port: target.port, connections: 1, payload, reads: 0, seconds: 60 }
  const crowd = await gather({ ...setup, sends: payload.length, visits: 1000 })
  try {
    const measured = await measure()
    const [{ sent }, now] = [await crowd.counts(), await target.stats()]
    tell(`${sent} bytes sent, ${now.requests - requests} requests taken`)
    return measured
  } finally {
    await crowd.stop()
  }
}
