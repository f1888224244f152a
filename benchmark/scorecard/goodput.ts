import { setTimeout as sleep } from 'node:timers/promises'

import { type Answer, ask, startBurner } from './burner.ts'
import { atMost, type Figure, type Row, tell } from './row.ts'

/** Seconds of each load, requests a second that the handlers can do, milliseconds in which an answer is of use. */
const SECONDS = Number(process.env['FASTHTTP_GOODPUT_SECONDS'] ?? 60)
const CAPACITY = 50
const USEFUL_MS = 1000

/**
 * Clients that come whether they are answered or not, 1.5, 2 and 4 times as many as the handlers can
 * serve, for `SECONDS` each, at a server with `maxQueueDelay: 500`. Good is a 200 within a second of the time
 * at which its client was to come; and what ran was answered.
 */
export const goodput: Row = {
  name: 'goodput',
  title: 'answers that are of use under overload',
  isAttack: true,
  async measure({ serverCore }) {
    const figures: Figure[] = []
    for (const load of [1.5, 2, 4]) {
      figures.push(...(await underLoad(load, serverCore)))
    }
    return figures
  },
}

async function underLoad(load: number, core: string): Promise<Figure[]> {
  const burner = await startBurner({ maxQueueDelay: 500, ioThreads: 1 }, core)
  try {
    const sent = Math.round(CAPACITY * load * SECONDS)
    const begun = performance.now()
    const answers: Promise<Answer>[] = []
    for (let i = 0; i < sent; i++) {
      const due = begun + (i * 1000) / (CAPACITY * load)
      const early = due - performance.now()
      if (early > 1) await sleep(early)
      answers.push(ask(burner.port, due))
    }
    const all = await Promise.all(answers)
    const ok = all.filter(({ status }) => status === 200)
    const good = ok.filter(({ ms }) => ms <= USEFUL_MS).length
    const ran = await burner.ran()
    const refused = all.filter(({ status }) => status === 503).length
    tell(`${load} x: ${sent} sent, ${ok.length} of 200, ${refused} of 503, ${ran} ran`)
    return [
      {
        what: `goodput at ${load} times the capacity`,
        value: `${((100 * good) / (CAPACITY * SECONDS)).toFixed(1)} %`,
        limit: '>= 90 %',
        passed: good >= 0.9 * CAPACITY * SECONDS,
      },
      atMost('  handlers that ran for each 200', ran / ok.length, 1.02, '', 3),
    ]
  } finally {
    burner.child.kill('SIGKILL')
  }
}
