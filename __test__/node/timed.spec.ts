import test from 'ava'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { Client, get } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'

// What clocks there are of a connection: node's, by which it is ended, and the kernel's.

const HUGE: Record<string, (server: http.Server, res: http.ServerResponse) => void> = {
  'server.timeout': (server) => void (server.timeout = 2 ** 32),
  'server.setTimeout': (server) => void server.setTimeout(2 ** 31 + 5),
  'res.setTimeout': (_server, res) => void res.setTimeout(Number.MAX_SAFE_INTEGER),
  'socket.setTimeout': (_server, res) => void res.socket?.setTimeout(2 ** 31),
}

for (const [what, set] of Object.entries(HUGE))
  for (const ioThreads of [0, 1])
    test(`${what} for longer than a timer goes ends nothing, ${ioThreads} I/O threads`, async (t) => {
      let timeouts = 0
      const server = createServer({ ioThreads }, (_req, res) => {
        if (!what.startsWith('server')) set(server, res)
        res.socket?.on('timeout', () => timeouts++)
        // One that overflows goes off within a millisecond.
        setTimeout(() => res.end('late'), 50)
      })
      if (what.startsWith('server')) set(server, undefined as unknown as http.ServerResponse)
      server.listen(0, '127.0.0.1')
      if (!server.listening) await within('listening', once(server, 'listening'))
      const client = await Client.connect((server.address() as AddressInfo).port)
      t.is((await client.get('/')).text, 'late')
      t.is(timeouts, 0)
      server.closeAllConnections()
      await within('close', new Promise((resolve) => server.close(resolve)))
      client.socket.destroy()
    })

test('an upgraded socket keeps the time of its server', async (t) => {
  const told: unknown[] = []
  for (const make of [http.createServer, createServer]) {
    const server = (make as typeof createServer)()
    server.timeout = 60_000
    const timeout = new Promise((resolve) =>
      server.on('upgrade', (_req, socket) => {
        resolve((socket as Socket).timeout)
        socket.destroy()
      }),
    )
    server.listen(0, '127.0.0.1')
    if (!server.listening) await within('listening', once(server, 'listening'))
    const client = await Client.connect((server.address() as AddressInfo).port)
    client.send(get('/', 'Connection: Upgrade\r\nUpgrade: x\r\n'))
    told.push(await within('upgrade', timeout))
    client.socket.destroy()
    await within('close', new Promise((resolve) => server.close(resolve)))
  }
  t.deepEqual(told, [60_000, 60_000])
})

/** Whether the kernel looks after the server's end of a connection that says nothing; see proc_net_tcp. */
function isLookedAfter(client: Client, port: number): boolean {
  const hex = (number: number): string => number.toString(16).toUpperCase().padStart(4, '0')
  const ends = `:${hex(port)} 0100007F:${hex(client.port)}`
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .find((one) => one.includes(ends))
  return / 02:/.test(line?.split(ends)[1] ?? '')
}

const LOOKS: [what: string, options: http.ServerOptions, path: string, isOn: boolean][] = [
  ['nothing is said', {}, '/', false],
  ['the server says so', { keepAlive: true }, '/', true],
  ['the server says when', { keepAlive: true, keepAliveInitialDelay: 5000 }, '/', true],
  ['the handler says so', {}, '/on', true],
  ['the handler says when', {}, '/on?5000', true],
  ['the handler takes it back', { keepAlive: true }, '/off', false],
]

if (process.platform === 'linux')
  for (const [what, options, path, isOn] of LOOKS)
    for (const ioThreads of [0, 1])
      test(`TCP keep-alive where ${what}, ${ioThreads} I/O threads`, async (t) => {
        const server = createServer({ ...options, ioThreads }, (req, res) => {
          const delay = Number(req.url?.split('?')[1] ?? 0)
          if (req.url !== '/') req.socket.setKeepAlive(req.url?.startsWith('/on'), delay)
          res.end()
        })
        server.listen(0, '127.0.0.1')
        if (!server.listening) await within('listening', once(server, 'listening'))
        const { port } = server.address() as AddressInfo
        const client = await Client.connect(port)
        t.is((await client.get(path)).status, 200)
        await until('the clock', () => isLookedAfter(client, port) === isOn)
        t.pass()
        client.socket.destroy()
        await within('close', new Promise((resolve) => server.close(resolve)))
      })
