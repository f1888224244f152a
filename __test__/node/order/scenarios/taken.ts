import type { IncomingMessage, Server } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { get, type Scenario, type Stage } from '../scenario.ts'

const UPGRADE = get('/up', 'Connection: Upgrade\r\nUpgrade: echo\r\n')
const CONNECT = 'CONNECT b.test:80 HTTP/1.1\r\nHost: b.test:80\r\n\r\n'

type Take = (req: IncomingMessage, socket: Duplex, head: Buffer, stage: Stage) => void

const taking =
  (event: 'upgrade' | 'connect', take: Take) =>
  (server: Server, stage: Stage): void => {
    server.on(event, (req, socket, head) => {
      const { note } = stage
      note(`server ${event} ${req.method} ${req.url} ${req.headers['upgrade']} ${head.length}`)
      note(`same ${req.socket === socket} ${socket instanceof Socket} ${req.complete}`)
      note(
        `listeners ${['data', 'end', 'error', 'drain'].map((name) => socket.listenerCount(name)).join(' ')}`,
      )
      socket.on('end', () => note('taken end'))
      socket.on('finish', () => note('taken finish'))
      socket.on('close', () => note('taken close'))
      socket.on('error', (error: NodeJS.ErrnoException) => note(`taken error [${error.code}]`))
      take(req, socket, head, stage)
    })
  }

const echo: Take = (_req, socket, head, { note }) => {
  socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  if (head.length > 0) note(`head ${head.toString()}`)
  // Sockets of servers are half open: their end has to be answered.
  socket.on('end', () => socket.end())
  socket.on('data', (chunk: Buffer) => socket.write(`echo ${chunk.toString()}`))
}

/** Connections that become something else. */
export const TAKEN: readonly Scenario[] = [
  {
    name: 'an upgrade, and the client ends it',
    setup: taking('upgrade', echo),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(UPGRADE).got('101')
      await peer.send('one').got('echo one')
      peer.finish()
      await seen('taken end')
      await seen('taken close')
    },
  },
  {
    name: 'an upgrade with bytes behind it',
    setup: taking('upgrade', echo),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(`${UPGRADE}early`).got('101')
      await seen('head early')
      await peer.send('one').got('echo one')
      peer.leave()
      await seen('taken close')
    },
  },
  {
    name: 'an upgrade behind a request',
    handler: (_req, res) => res.end('ok'),
    setup: taking('upgrade', echo),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(get()).got('ok')
      await seen('res 1 close')
      await peer.send(UPGRADE).got('101')
      peer.leave()
      await seen('taken close')
    },
  },
  {
    name: 'an upgrade is refused',
    setup: taking('upgrade', (_req, socket) => {
      socket.end('HTTP/1.1 403 No\r\nConnection: close\r\n\r\n')
    }),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(UPGRADE).ended()
      await seen('taken close')
    },
  },
  {
    name: 'an upgrade is refused by destroying its socket',
    setup: taking('upgrade', (_req, socket) => socket.destroy()),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(UPGRADE).ended()
      await seen('taken close')
    },
  },
  {
    name: 'an upgraded client resets',
    setup: taking('upgrade', echo),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(UPGRADE).got('101')
      peer.reset()
      await seen('taken close')
    },
  },
  {
    name: 'nobody listens for upgrades: a request as any other',
    handler: (req, res) => res.end(`${req.headers.upgrade} ${req.url}`),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(UPGRADE).got('echo /up')
      await seen('res 1 close')
    },
  },
  {
    name: 'CONNECT, and the server ends it',
    setup: taking('connect', (_req, socket) => {
      socket.write('HTTP/1.1 200 Go\r\n\r\n')
      socket.once('data', (chunk: Buffer) => socket.end(`got ${chunk.toString()}`))
    }),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(CONNECT).got('200 Go')
      await peer.send('one').ended()
      await seen('taken close')
    },
  },
  {
    name: 'nobody listens for CONNECT',
    async client({ connect }) {
      await (await connect()).send(CONNECT).ended()
    },
  },
  {
    name: 'an upgrade that a callback takes, and nobody listens for',
    since: 24,
    options: { shouldUpgradeCallback: () => true } as Scenario['options'] & object,
    handler: (_req, res) => res.end('no upgrade'),
    async client({ connect }) {
      await (await connect()).send(UPGRADE).ended()
    },
  },
  {
    name: 'an upgrade that a callback declines',
    since: 24,
    options: { shouldUpgradeCallback: () => false } as Scenario['options'] & object,
    setup: taking('upgrade', echo),
    handler: (_req, res) => res.end('no upgrade'),
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(UPGRADE).got('no upgrade')
      await seen('res 1 close')
    },
  },
]
