import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { cpuBetween, readCpu } from '../support/cpu.ts'
import { connect, exchange, receive } from '../support/exchange.ts'
import { atMost, exactly, type Figure, type Row, tell } from './row.ts'
import { eventually, type Target, withTarget } from './target.ts'

const CLIENTS = 150
const GET = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
const STARVED_MS = 3000
const TRIES = 5
const PATIENCE_MS = 10_000

/**
 * 150 clients of a server with 100 descriptors, one request each. Processor time of the whole process
 * over 3 s in which it must wait; whether those inside are served then; and, five times, how long after
 * a descriptor comes free somebody of those outside is answered (the longest).
 */
export const descriptors: Row = {
  name: 'emfile',
  title: 'a server without descriptors',
  isAttack: true,
  measure: () =>
    withTarget({ options: { ioThreads: 1, maxConnections: 100_000 }, descriptors: 100 }, starve),
}

async function starve(target: Target): Promise<Figure[]> {
  const crowd = new Waiters(target.port)
  try {
    await crowd.arrive()
    const rests = async (): Promise<boolean> => (await target.stats()).acceptPauses > 0
    if (!(await eventually(rests, 10_000))) throw new Error('descriptors did not run out')
    // Whoever was accepted meanwhile gets his answer.
    await sleep(500)
    const before = readCpu(target.pid)
    await sleep(STARVED_MS)
    const use = cpuBetween(before, readCpu(target.pid))
    const inside = [...crowd.inside]
    const served = await Promise.allSettled(inside.map(serve))
    const waits: number[] = []
    for (let i = 0; i < TRIES; i++) waits.push(await crowd.replaceOne())
    crowd.leave()
    const afterwards = await eventually(() => isServed(target.port), 5000)
    const shown = waits.map((wait) => wait.toFixed(2)).join(', ')
    tell(`${inside.length} of ${CLIENTS} inside; somebody outside was answered after ${shown} ms`)
    return [
      atMost('processor time without descriptors', use.total / STARVED_MS / 10, 1, '%', 2),
      exactly(
        'clients inside that are not served meanwhile',
        served.filter(({ status }) => status === 'rejected').length,
        0,
      ),
      atMost('served after one came free, longest of 5', Math.max(...waits) / 1000, 0.2, 's', 3),
      exactly('new clients are served afterwards', Number(afterwards), 1),
    ]
  } finally {
    crowd.leave()
  }
}

/** Clients with one request each, of whom some are accepted. */
class Waiters {
  readonly inside = new Set<Socket>()
  readonly #port: number
  readonly #all: Socket[] = []
  #answered: () => void = () => undefined

  constructor(port: number) {
    this.#port = port
  }

  async arrive(): Promise<void> {
    const one = async (): Promise<void> => {
      const socket = await connect(this.#port)
      this.#all.push(socket)
      socket.once('data', () => {
        this.inside.add(socket)
        this.#answered()
      })
      socket.write(GET)
    }
    await Promise.all(Array.from({ length: CLIENTS }, one))
  }

  /** Somebody inside leaves; gives the milliseconds until somebody outside has an answer. */
  async replaceOne(): Promise<number> {
    const [leaver] = this.inside
    if (leaver === undefined) throw new Error('nobody is inside')
    this.inside.delete(leaver)
    const answered = new Promise<void>((resolve) => (this.#answered = resolve))
    const begun = performance.now()
    leaver.destroy()
    await Promise.race([answered, sleep(PATIENCE_MS)])
    return performance.now() - begun
  }

  leave(): void {
    for (const socket of this.#all) socket.destroy()
  }
}

async function serve(socket: Socket): Promise<void> {
  const answer = receive(socket)
  socket.write(GET)
  await answer
}

async function isServed(port: number): Promise<boolean> {
  try {
    return (await exchange(port, GET))[0]?.status === 200
  } catch {
    return false
  }
}
