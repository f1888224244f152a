// Says when nothing keeps the process alive any more. Its client never does, nor do its timers.
import http from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer } from '../../ts/node/index.ts'

const [whose = '', how = '', later = ''] = process.argv.slice(2)
const say = (line: string): void => console.log(line)
let asked = 0

const listener: http.RequestListener = (req, res) => {
  if (asked++ === 0) act(req.socket)
  // Whoever waits for the answer has only the connection to be kept alive by.
  if (how === 'unanswered') setTimeout(() => res.end('ok'), 100).unref()
  else res.end('ok')
}
const server =
  whose === 'stock'
    ? http.createServer(listener)
    : createServer({ ioThreads: Number(whose) }, listener)
server.keepAliveTimeout = 600_000
server.on('close', () => say('closed'))
server.on('upgrade', (_, socket) => {
  act(socket as Socket)
  socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
})
server.listen(0, '127.0.0.1', () => {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.unref()
  client.on('connect', () => {
    const goOn = (): void => void setTimeout(() => again(client), Number(later)).unref()
    if (how === 'silent')
      void counted(1)
        .then(() => server.unref())
        .then(goOn)
    else {
      client.once('data', goOn)
      ask(client)
    }
  })
  client.on('data', () => say('data'))
  client.on('close', () => say('client closed'))
})
process.once('beforeExit', () => say('nothing left'))

function act(socket: Socket): void {
  server.unref()
  if (how.startsWith('loose')) socket.unref()
  if (how === 'loose, and not') socket.ref()
  if (how === 'loose, and closing') server.close()
  if (how === 'kept again') server.ref()
  if (how === 'destroyed') socket.destroy()
}

function ask(client: Socket): void {
  const more = how === 'upgraded' ? 'Connection: upgrade\r\nUpgrade: any\r\n' : ''
  client.write(`GET / HTTP/1.1\r\nHost: a\r\n${more}\r\n`)
}

/** Some time later: once more, and then the client leaves. */
function again(client: Socket): void {
  say('later')
  if (client.destroyed) return
  if (how === 'unanswered') return void client.destroy()
  client.once('data', () => {
    client.destroy()
    if (how === 'kept again') server.close()
  })
  ask(client)
}

/** Waits until the server has so many connections. */
async function counted(count: number): Promise<void> {
  for (;;) {
    const open = await new Promise<number>((resolve) =>
      server.getConnections((_, found) => resolve(found)),
    )
    if (open === count) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
