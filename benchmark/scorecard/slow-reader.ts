import { setTimeout as sleep } from 'node:timers/promises'

import { residentBytes, settledBytes } from '../support/cpu.ts'
import { gather } from './crowd.ts'
import { atMost, exactly, type Row, tell } from './row.ts'
import { eventually, withTarget } from './target.ts'
import { Watch } from './watch.ts'

const MIB = 2 ** 20
const ANSWER_MIB = 8
/** Milliseconds of reading before the memory is settled; and until the server must have given up. */
const READING_MS = 10_000
const PATIENCE_MS = 60_000

/**
 * A client with a small window asks for 8 MiB and reads a byte a second. The resident memory grows by that
 * answer and at most a MiB, a good client beside it is served, and `writeTimeout` (30 s without progress)
 * ends the connection.
 */
export const slowReader: Row = {
  name: 'slow-reader',
  title: 'a reader of a byte a second of an answer of 8 MiB',
  isAttack: true,
  measure: () =>
    withTarget({}, async (target) => {
      const watch = new Watch(target.port)
      await sleep(3000)
      const before = await settledBytes(target.pid, true)
      const payload = Buffer.from('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n')
      const setup = { port: target.port, connections: 1, payload, once: true, seconds: 100 }
      const reader = await gather({ ...setup, sends: payload.length, visits: 1, reads: 1 })
      const begun = performance.now()
      try {
        await sleep(READING_MS)
        const growth = (residentBytes(target.pid) - before) / MIB
        const isCut = async (): Promise<boolean> => (await target.stats()).timeouts['write'] === 1
        const cut = await eventually(isCut, PATIENCE_MS)
        const seconds = (performance.now() - begun) / 1000
        const { received } = await reader.counts()
        const { answered, failed, worst } = await watch.end()
        tell(`${received} bytes read in ${seconds.toFixed(1)} s; ${answered} good clients served`)
        return [
          atMost('growth of the memory', growth, ANSWER_MIB + 1, 'MiB', 2),
          atMost('cut by writeTimeout after', cut ? seconds : NaN, 35, 's', 1),
          exactly('good clients that were not served', failed, 0),
          atMost('the longest that one waited', worst, 1000, 'ms'),
        ]
      } finally {
        await reader.stop()
      }
    }),
}
