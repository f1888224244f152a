import { setTimeout as sleep } from 'node:timers/promises'

import { residentBytes } from '../support/cpu.ts'
import { ask, startBurner } from './burner.ts'
import { atMost, exactly, type Figure, type Row, type Settings } from './row.ts'

const MIB = 2 ** 20
const CLIENTS = 400
const BLOCKED_MS = 6000
const PATIENCE_MS = 50_000

/**
 * The loop of the server is blocked for 6 s, and 400 clients bring bodies of 1 MiB: what they make it hold
 * meanwhile is `maxBufferedBytes` (16 MiB), what a read is beyond it for each of them, and what copying takes.
 */
export const blocked: Row = {
  name: 'blocked',
  title: 'memory of uploads while JavaScript is blocked',
  isAttack: true,
  measure: ({ serverCore }: Settings) => besideUploads(serverCore),
}

async function besideUploads(core: string): Promise<Figure[]> {
  const options = { maxBufferedBytes: 16 * MIB, maxBodySize: 2 * MIB, ioThreads: 1 }
  const burner = await startBurner(options, core)
  try {
    await ask(burner.port, performance.now())
    const before = residentBytes(burner.child.pid as number)
    const blocker = ask(burner.port, performance.now(), `GET /block?${BLOCKED_MS} HTTP/1.1\r\n`)
    const body = 'x'.repeat(MIB)
    const upload = `POST /upload HTTP/1.1\r\nContent-Length: ${MIB}\r\n`
    const uploads = Array.from({ length: CLIENTS }, () =>
      ask(burner.port, performance.now(), upload, body, PATIENCE_MS),
    )
    let peak = 0
    for (const end = performance.now() + BLOCKED_MS - 500; performance.now() < end;) {
      await sleep(50)
      peak = Math.max(peak, residentBytes(burner.child.pid as number))
    }
    await blocker
    const served = (await Promise.all(uploads)).filter(({ status }) => status === 200).length
    return [
      atMost('growth, highest reading while blocked', (peak - before) / MIB, 128, 'MiB'),
      exactly('uploads that were served in the end', served, CLIENTS),
    ]
  } finally {
    burner.child.kill('SIGKILL')
  }
}
