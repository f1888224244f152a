import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { connect } from '../support/exchange.ts'
import { atMost, type Figure, type Row, tell } from './row.ts'
import { type Target, withTarget } from './target.ts'

const HEAD = 'GET / HTTP/1.1\r\nHost: localhost\r\n'
const POST = 'POST /echo HTTP/1.1\r\nHost: localhost\r\n'
const PATIENCE_MS = 40_000

interface Stall {
  readonly what: string
  /** Seconds. */
  readonly limit: number
  readonly sends: string
  /** What follows, again and again, every so many milliseconds. */
  readonly drip?: { readonly bytes: string; readonly every: number }
}

const stalls: readonly Stall[] = [
  { what: 'a connection that sends nothing', limit: 11, sends: '' },
  { what: 'a stalled head', limit: 11, sends: HEAD },
  {
    what: 'a head of a byte each second',
    limit: 11,
    sends: `${HEAD}X: `,
    drip: { bytes: 'x', every: 1000 },
  },
  {
    what: 'a stalled head behind a request',
    limit: 11,
    sends: `${HEAD}\r\n${HEAD}`,
  },
  { what: 'a stalled body', limit: 22, sends: `${POST}Content-Length: 100000\r\n\r\nx` },
  {
    what: 'a body of a byte every 2 s',
    limit: 22,
    sends: `${POST}Content-Length: 100000\r\n\r\n`,
    drip: { bytes: 'x', every: 2000 },
  },
  {
    what: 'a body of a chunk of a byte every 2 s',
    limit: 22,
    sends: `${POST}Transfer-Encoding: chunked\r\n\r\n`,
    drip: { bytes: '1\r\nx\r\n', every: 2000 },
  },
]

/** From the first byte that is sent until the server ends the connection, all of them at the same time. */
export const stalled: Row = {
  name: 'stalled',
  title: 'stalled clients are cut, with default options',
  measure: () => withTarget({}, (target) => Promise.all(stalls.map((one) => timeOf(target, one)))),
}

async function timeOf({ port }: Target, { what, limit, sends, drip }: Stall): Promise<Figure> {
  const socket = await connect(port)
  const begun = performance.now()
  socket.resume()
  socket.write(sends)
  const dripping = drip && setInterval(() => socket.write(drip.bytes), drip.every)
  try {
    const cut = await Promise.race([ended(socket), sleep(PATIENCE_MS, false)])
    if (!cut) tell(`${what}: still there after ${PATIENCE_MS / 1000} s`)
    return atMost(`${what} is cut after`, (performance.now() - begun) / 1000, limit, 's', 1)
  } finally {
    clearInterval(dripping)
    socket.destroy()
  }
}

function ended(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => socket.once('end', () => resolve(true)).once('close', resolve))
}
