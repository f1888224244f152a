import { connect as connectSocket, type Socket } from 'node:net'

import { inParallel } from '../../__test__/support/service.ts'
import { atMost, exactly, type Figure, type Row, tell } from './row.ts'
import { steadyBytes } from './steady.ts'
import { eventually, openDescriptors, type Target, withTarget } from './target.ts'

const CONNECTS = 100_000
const AT_A_TIME = 64
const MIB = 2 ** 20
const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** What a client does between its connect and its going. */
const kinds: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end(() => socket.destroy()),
  (socket) => socket.write(GET.slice(0, 20), () => socket.destroy()),
  (socket) => socket.write(GET, () => socket.resetAndDestroy()),
  (socket) => socket.write(GET, () => socket.destroy()),
  (socket) => void socket.once('data', () => socket.destroy()).write(GET),
]

/**
 * 100,000 connections that go at once: by FIN and by RST, before, within and after a request, and with an
 * answer. The first half gives the process its size; by the second the settled memory must not have grown,
 * and afterwards descriptors and connections are what they were.
 */
export const churn: Row = {
  name: 'churn',
  title: '100,000 connects and closes',
  isAttack: true,
  measure: () => withTarget({}, measure),
}

async function measure(target: Target): Promise<Figure[]> {
  const descriptors = openDescriptors(target)
  await comeAndGo(target, CONNECTS / 2)
  const before = await steadyBytes(target)
  await comeAndGo(target, CONNECTS / 2)
  const { connections, requests } = await target.stats()
  const after = await steadyBytes(target)
  tell(`${connections.total} connections, ${requests} requests; ${(after / MIB).toFixed(1)} MiB`)
  return [
    exactly('connections left over', connections.open, 0),
    exactly('descriptors left over', openDescriptors(target) - descriptors, 0),
    atMost('growth by the second half', (after - before) / MIB, 1, 'MiB', 2),
  ]
}

async function comeAndGo(target: Target, count: number): Promise<void> {
  const { connections: before } = await target.stats()
  const numbers = Array.from({ length: count }, (_, i) => i)
  await inParallel(numbers, AT_A_TIME, async (i) => {
    const socket = connectSocket(target.port, '127.0.0.1')
    await new Promise<void>((resolve) => {
      socket.on('error', () => undefined).once('close', () => resolve())
      socket.once('connect', () => kinds[i % kinds.length]?.(socket))
    })
  })
  const settled = await eventually(async () => {
    const { connections } = await target.stats()
    return connections.open === 0 && connections.total >= before.total
  }, 20_000)
  if (!settled) throw new Error('connections stayed open for 20 s')
}
