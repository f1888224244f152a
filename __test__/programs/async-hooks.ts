// Says what happened to async resources of HTTP: how many were begun, entered, left and ended, and what they are.

import { createHook, executionAsyncResource } from 'node:async_hooks'
import { once } from 'node:events'
import type { createServer as CreateServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const { createServer } = (await import(process.argv[2] as string)) as {
  createServer: typeof CreateServer
}

const counts = { init: 0, before: 0, after: 0, destroy: 0, late: 0 }
const living = new Map<number, boolean>()
const count =
  (what: 'before' | 'after') =>
  (id: number): void => {
    const isAlive = living.get(id)
    if (isAlive === undefined) return
    counts[what]++
    if (!isAlive) counts.late++
  }
createHook({
  init(id, type) {
    if (!/HTTP/.test(type) || type.startsWith('HTTPCLIENT')) return
    living.set(id, true)
    counts.init++
  },
  before: count('before'),
  after: count('after'),
  destroy(id) {
    if (!living.has(id)) return
    living.set(id, false)
    counts.destroy++
  },
}).enable()

/** What the resources are in which requests are handled. */
const kinds = new Set<string>()
function look(socket: object): void {
  const resource = executionAsyncResource() as { type?: string; socket?: object }
  kinds.add(`${resource.constructor.name} ${resource.type} ${resource.socket === socket}`)
}

const server = createServer((req, res) => {
  look(req.socket)
  req.resume()
  if (req.url === '/later') setTimeout(() => res.end('later'), 1)
  else if (req.url === '/read') req.on('end', () => res.end('read'))
  else if (req.url !== '/never') res.end('now')
})
server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
server.listen(0, '127.0.0.1')
await once(server, 'listening')

/** Sends pieces, each when the answer to the last one has come. */
async function play(...pieces: readonly string[]): Promise<void> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  for (const piece of pieces) {
    socket.write(piece)
    if (!piece.startsWith('GET /never') && !piece.endsWith('100\r\n\r\nhi'))
      await once(socket, 'data')
  }
  socket.destroy()
  await once(socket, 'close')
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const post = (path: string, length = 2): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\nhi`
await play(get('/now'), get('/later'), post('/now'), post('/read'), get('/now') + get('/later'))
await play(get('/never'))
await play(post('/read', 100))
await play(get('/up', 'Connection: Upgrade\r\nUpgrade: x\r\n'))
server.close()
server.closeAllConnections()
await once(server, 'close')
// Ends are told in a turn of their own.
for (let i = 0; i < 200 && counts.destroy < counts.init; i++) await sleep(10)
console.log(JSON.stringify({ ...counts, kinds: [...kinds] }))
