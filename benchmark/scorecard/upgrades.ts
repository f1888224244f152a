import { connect as connectSocket } from 'node:net'

import { atMost, exactly, type Figure, type Row } from './row.ts'
import { eventually, openDescriptors, type Target, withTarget } from './target.ts'

const COUNT = 10_000
const UPGRADE = 'HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: x\r\n'
const GET = `GET / ${UPGRADE}\r\n`
const PUT = `PUT / ${UPGRADE}Content-Length: 9\r\n\r\nhalf`

/**
 * 10,000 upgrades that cannot be taken, one after the other, at a server whose last descriptor is the
 * client's: every second one is whole and is to hear 503, of the others the body never comes, and the client
 * goes by FIN or RST. Afterwards descriptors and connections are what they were.
 */
export const upgrades: Row = {
  name: 'upgrades',
  title: `${COUNT} upgrades that are refused`,
  isAttack: true,
  measure: () =>
    withTarget({ options: { ioThreads: 1, bodyMode: 'stream' }, descriptors: 100 }, measure),
}

async function measure(target: Target): Promise<Figure[]> {
  // Its first client, with whom it opens what it will need later.
  await ask(target.port, 2)
  const isOver = async (): Promise<boolean> => (await target.stats()).connections.open === 0
  await eventually(isOver, 20_000)
  // That of the client.
  await target.fill(1)
  const before = openDescriptors(target)
  let refused = 0
  for (let i = 0; i < COUNT; i++) {
    if ((await ask(target.port, i % 4)).startsWith('HTTP/1.1 503 ')) refused++
  }
  await eventually(isOver, 20_000)
  const { connections } = await target.stats()
  return [
    exactly('upgrades that were answered 503', refused, COUNT / 2),
    exactly('connections left over', connections.open, 0),
    // One fewer while the one in reserve is spent, which lets the server refuse clients.
    atMost('descriptors left over', openDescriptors(target) - before, 0, '', 0),
  ]
}

/** Asks in one of four ways; gives what was answered. */
async function ask(port: number, way: number): Promise<string> {
  const socket = connectSocket(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
  await new Promise<void>((resolve) => {
    socket.on('error', () => undefined).once('close', () => resolve())
    socket.once('connect', () => {
      if (way % 2 === 0) socket.write(GET)
      else if (way === 1) socket.write(PUT, () => socket.end())
      else socket.write(PUT, () => socket.resetAndDestroy())
    })
  })
  return answer
}
