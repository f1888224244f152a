import test from 'ava'
import { once } from 'node:events'
import http, { type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createServer } from '../../ts/node/index.ts'
import { until, within } from '../support/deadline.ts'

const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'
const KEY = Symbol('key')
type Kept = Socket & { id?: number; [KEY]?: number }

/** What is done behind an upgrade to the socket that `connection` has told of, or by the client. */
const DEEDS: Record<string, (kept: Socket, client: Socket) => unknown> = {
  'destroy()': (kept) => kept.destroy() === kept,
  'destroy(error)': (kept) => kept.destroy(new Error('mine')) === kept,
  'end(text)': (kept) => kept.end('bye') === kept,
  'destroySoon()': (kept) => kept.destroySoon(),
  'resetAndDestroy()': (kept) => kept.resetAndDestroy() === kept,
  'write(text), and the client ends': (kept, client) => [kept.write('hi'), void client.end()],
  'setTimeout(1)': (kept) => kept.setTimeout(1, () => kept.destroy()) === kept,
  'the client resets': (_kept, client) => void client.resetAndDestroy(),
  'the client ends': (_kept, client) => void client.end(),
}

/** What is told and seen of the connection, in its order. */
async function told(
  server: Server,
  deed: (kept: Socket, client: Socket) => unknown,
): Promise<unknown[]> {
  const seen: unknown[] = []
  let kept: Kept | undefined
  server.on('connection', (socket: Kept) => {
    kept = socket
    socket.id = 7
    socket[KEY] = 8
    for (const event of ['end', 'error', 'timeout'])
      socket.on(event, (error?: NodeJS.ErrnoException) =>
        seen.push([event, error?.code ?? error?.message]),
      )
    socket.on('close', (failed) => seen.push(['close', failed, socket.destroyed]))
  })
  server.on('upgrade', (req, socket: Kept) => {
    seen.push(['upgrade', socket.id, socket[KEY], req.socket === socket, kept?.destroyed])
    socket.on('end', () => socket.end())
    socket.resume()
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  if (!server.listening) await within('listening', once(server, 'listening'))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let received = ''
  client.on('error', () => undefined)
  client.on('data', (bytes: Buffer) => (received += bytes.toString()))
  client.write(UPGRADE)
  await until('101', () => received.includes('\r\n\r\n'))
  seen.push(deed(kept as Socket, client))
  await until('the end of both', () => client.closed && kept?.closed === true)
  seen.push(received.split('\r\n\r\n')[1])
  await within('close', new Promise((resolve) => server.close(resolve)))
  return seen
}

/** What listeners that come and go with the upgrade hear, and what is seen of a socket that was kept. */
const ODDITIES: Record<
  string,
  (kept: Kept, upgraded: Socket, client: Socket, note: (...seen: unknown[]) => void) => unknown
> = {
  'a listener of error that was there is taken off': (kept, upgraded, client, note) => {
    upgraded.on('error', (error: NodeJS.ErrnoException) => note('upgraded', error.code))
    kept.off('error', kept.listeners('error')[0] as () => void)
    client.resetAndDestroy()
  },
  'a listener of error comes behind it': (kept, _upgraded, client, note) => {
    kept.removeAllListeners('error')
    kept.on('error', (error: NodeJS.ErrnoException) => note('kept', error.code))
    client.resetAndDestroy()
  },
  'what is seen of it': (kept, upgraded, _client, note) => {
    note(upgraded.timeout, kept.timeout, kept.destroyed, kept.writable)
    kept.destroy()
    note(kept.destroyed, kept.writable, kept.readyState)
  },
  'a large text is written to it': (kept, _upgraded, _client, note) => {
    kept.once('drain', () => {
      note('drain')
      kept.end()
    })
    note(kept.write('x'.repeat(8 << 20)))
  },
}

/** The same of an upgrade behind a request, where somebody has listened to data before and does again later. */
async function odd(server: Server, deed: (typeof ODDITIES)[string]): Promise<unknown[]> {
  const seen: unknown[] = []
  let kept: Kept | undefined
  let upgraded: Socket | undefined
  let data = ''
  server.on('connection', (socket: Kept) => {
    kept = socket
    Object.defineProperty(socket, 'ref', { value: socket.ref })
    socket.on('data', () => undefined)
    socket.on('error', (error: NodeJS.ErrnoException) => seen.push(['kept', error.code]))
  })
  server.on('request', (_req, res) => res.end('ok'))
  server.on('upgrade', (_req, socket: Kept) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    setImmediate(() => {
      upgraded = socket
      socket.on('data', (bytes: Buffer) => (data += bytes.toString()))
    })
  })
  server.listen(0, '127.0.0.1')
  if (!server.listening) await within('listening', once(server, 'listening'))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let received = ''
  client.on('error', () => undefined)
  client.on('data', (bytes: Buffer) => (received += bytes.toString('latin1')))
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await until('an answer', () => received.endsWith('ok'))
  client.write(UPGRADE)
  await until('101', () => received.includes(' 101 '))
  client.write('data')
  await until('data', () => data === 'data')
  deed(kept as unknown as Kept, upgraded as unknown as Socket, client, (...more) => seen.push(more))
  await until('the end of both', () => client.closed && kept?.closed === true)
  await within('close', new Promise((resolve) => server.close(resolve)))
  return seen
}

for (const [what, deed] of Object.entries(ODDITIES))
  for (const ioThreads of [0, 1])
    test(`${what}, ${ioThreads} I/O threads`, async (t) => {
      const ours = await odd(createServer({ ioThreads }), deed)
      t.deepEqual(ours, await odd(http.createServer(), deed))
      t.true(ours.length > 0)
    })

for (const [what, deed] of Object.entries(DEEDS))
  for (const ioThreads of [0, 1])
    test(`a socket that was kept stands for the upgraded one: ${what}, ${ioThreads} I/O threads`, async (t) => {
      const ours = await told(createServer({ ioThreads }), deed)
      t.deepEqual(ours, await told(http.createServer(), deed))
      t.deepEqual(ours[0], ['upgrade', 7, 8, true, false])
    })
