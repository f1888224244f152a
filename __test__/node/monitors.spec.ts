import test from 'ava'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer } from '../../ts/node/index.ts'
import { until, within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { start } from '../support/program.ts'

/** What is told of a client that says nothing, in its order. */
async function told(server: Server): Promise<unknown[]> {
  const events: unknown[] = []
  const port = (): number => (server.address() as AddressInfo).port
  const monitor = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    if (socket.localPort === port())
      events.push(['monitor', socket.remotePort === client.localPort])
  }
  subscribe('net.server.socket', monitor)
  server.listen(0, '127.0.0.1')
  if (!server.listening) await within('listening', once(server, 'listening'))
  server.on('connection', () => events.push('connection'))
  const client = connect(port(), '127.0.0.1')
  await until('a connection', () => events.length >= 2)
  client.destroy()
  unsubscribe('net.server.socket', monitor)
  await within('close', new Promise((resolve) => server.close(resolve)))
  return events
}

for (const ioThreads of [0, 1])
  test.serial(`a monitor hears of connections as in node, ${ioThreads} I/O threads`, async (t) => {
    const ours = await told(createServer({ ioThreads }))
    t.deepEqual(ours, await told(http.createServer()))
    t.deepEqual(ours, ['connection', ['monitor', true]])
  })

/** What tracers hear of a server that listens, and of another one at its port. */
async function traced(create: () => Server): Promise<unknown[]> {
  const events: unknown[] = []
  const heard = (name: string) => (message: unknown) => {
    const { server, error } = message as { server: Server; error?: NodeJS.ErrnoException }
    if (servers.includes(server)) events.push([name, servers.indexOf(server), error?.code])
  }
  const subscribers = ['asyncStart', 'asyncEnd', 'error'].map(
    (name) => [`tracing:net.server.listen:${name}`, heard(name)] as const,
  )
  for (const [name, hear] of subscribers) subscribe(name, hear)
  const servers = [create(), create()] as const
  const [first, second] = servers
  first.listen(0, '127.0.0.1')
  if (!first.listening) await within('listening', once(first, 'listening'))
  second.listen((first.address() as AddressInfo).port, '127.0.0.1')
  await within(
    'an error',
    once(second, 'error').catch(() => undefined),
  )
  for (const [name, hear] of subscribers) unsubscribe(name, hear)
  await within('close', new Promise((resolve) => first.close(resolve)))
  return events
}

for (const ioThreads of [0, 1])
  test.serial(`a tracer hears how listen ends, ${ioThreads} I/O threads`, async (t) => {
    const ours = await traced(() => createServer({ ioThreads }))
    t.deepEqual(ours, await traced(() => http.createServer()))
    t.is(ours.length, 4)
  })

test('nobody hears of a request while it is loaded', async (t) => {
  const traces = join(folder(t), 'traces')
  const before = ['--trace-event-categories=node.http', `--trace-event-file-pattern=${traces}`]
  const { code, stdout, stderr } = await start(t, 'observed', { before }).ended(60_000)
  t.deepEqual([code, stdout, stderr], [0, '[]\n', ''])
  t.notRegex(readFileSync(traces, 'utf8'), /http\.server/)
})
