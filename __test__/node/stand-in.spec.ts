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

for (const [what, deed] of Object.entries(DEEDS))
  for (const ioThreads of [0, 1])
    test(`a socket that was kept stands for the upgraded one: ${what}, ${ioThreads} I/O threads`, async (t) => {
      const ours = await told(createServer({ ioThreads }), deed)
      t.deepEqual(ours, await told(http.createServer(), deed))
      t.deepEqual(ours[0], ['upgrade', 7, 8, true, false])
    })
