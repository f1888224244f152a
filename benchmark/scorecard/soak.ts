import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'

import { settledBytes } from '../support/cpu.ts'
import { atMost, exactly, type Figure, type Row, type Settings, tell } from './row.ts'
import { eventually, openDescriptors, type Target, withTarget } from './target.ts'

const client = fileURLToPath(new URL('programs/soak-client.js', import.meta.url))
/** Milliseconds of load between two readings. */
const LOAD_MS = 10_000
const MIB = 2 ** 20
/**
 * The part of the time, at its begin, without readings: pools and the heap reach their size. Nobody
 * collects garbage then but V8, which lets 64 MiB of buffers lie before it does: so much the allocator's
 * heap grows once, and with collections between it would do so at any time.
 */
const WARM_UP = 1 / 3
const FIT_SECONDS = 600

/** A moment: seconds since the begin, bytes resident. */
type Sample = readonly [seconds: number, bytes: number]

/**
 * Forty clients of ten kinds - keep-alive, pipelined, bodies, chunked bodies, slow handlers, 8 MiB answers,
 * malformed, and aborted in request, handler and answer - for ten minutes. After the first third they
 * finish every 10 s what they do, the server collects its garbage and its resident memory is read, so that
 * what is in work is not in it; the slope is that of the least squares, in MiB per 10 minutes.
 * Then the clients go, and descriptors and connections of the server are what they were. Every answer is
 * checked; one that is wrong or late (20 s) counts as lost.
 */
export const soak: Row = {
  name: 'soak',
  title: 'mixed load for ten minutes',
  measure: (settings) => withTarget({}, (target) => soakOf(target, settings)),
}

async function soakOf(target: Target, { soakSeconds }: Settings): Promise<Figure[]> {
  const descriptors = openDescriptors(target)
  const load = fork(client, [String(target.port)])
  const ended = once(load, 'exit')
  try {
    const { samples, told } = await sample(target, load, soakSeconds)
    load.send('end')
    await Promise.race([ended, sleep(60_000)])
    const emptied = await eventually(
      async () => (await target.stats()).connections.open === 0,
      30_000,
    )
    const growth = (slope(samples) * FIT_SECONDS) / MIB
    tell([`${told.answered} answered`, ...told.lost.slice(0, 20), curve(samples)].join('\n'))
    if (told.answered === 0) throw new Error('nothing was answered')
    return [
      atMost('slope of the resident memory, in 10 minutes', growth, 1, 'MiB', 2),
      exactly('answers lost or wrong', told.lost.length, 0),
      exactly('descriptors left over', openDescriptors(target) - descriptors, 0),
      exactly('connections left over', emptied ? 0 : 1, 0),
    ]
  } finally {
    load.kill('SIGKILL')
  }
}

interface Told {
  readonly answered: number
  readonly lost: readonly string[]
}

async function sample(
  target: Target,
  load: ChildProcess,
  seconds: number,
): Promise<{ samples: Sample[]; told: Told }> {
  const samples: Sample[] = []
  const begun = performance.now()
  const passed = (): number => (performance.now() - begun) / 1000
  await sleep(seconds * WARM_UP * 1000)
  for (;;) {
    await sleep(LOAD_MS)
    load.send('pause')
    const [told] = (await once(load, 'message', { signal: AbortSignal.timeout(60_000) })) as [Told]
    const bytes = await settledBytes(target.pid, true)
    target.mustLive()
    samples.push([passed(), bytes])
    if (passed() >= seconds) return { samples, told }
    load.send('resume')
  }
}

/** Bytes a second: the line through the samples with the least squares. */
function slope(samples: readonly Sample[]): number {
  const mean = (of: 0 | 1): number =>
    samples.reduce((sum, one) => sum + one[of], 0) / samples.length
  const [seconds, bytes] = [mean(0), mean(1)]
  const sum = (of: (one: Sample) => number): number =>
    samples.reduce((all, one) => all + of(one), 0)
  return sum(([x, y]) => (x - seconds) * (y - bytes)) / sum(([x]) => (x - seconds) ** 2)
}

/** Ten readings of the whole time, in MiB. */
function curve(samples: readonly Sample[]): string {
  const shown = Array.from({ length: 10 }, (_, i) => samples[Math.floor((i * samples.length) / 10)])
  return `MiB: ${shown.map((one) => ((one?.[1] ?? 0) / MIB).toFixed(1)).join(' ')}`
}
