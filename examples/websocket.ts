// WebSockets by `ws`, unchanged: what a client says is echoed, and the others hear it too.
import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type UpgradeRequest } from 'fasthttp'
import { WebSocketServer } from 'ws'

const sockets = new WebSocketServer({ noServer: true, maxPayload: 1 << 20 })
sockets.on('connection', (socket) => {
  socket.on('error', console.error)
  socket.on('message', (data, binary) => {
    for (const other of sockets.clients) {
      if (other.readyState === other.OPEN) other.send(data, { binary })
    }
  })
})

const server = createServer(() => `${sockets.clients.size} are here\n`)
server.on('upgrade', (req: UpgradeRequest, socket: Socket, head: Buffer) => {
  if (req.path !== '/chat') {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    return
  }
  sockets.handleUpgrade(req as unknown as IncomingMessage, socket, head, (opened) => {
    sockets.emit('connection', opened, req)
  })
})

await server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
const { port } = server.address() as AddressInfo
console.log(`http://127.0.0.1:${port}/ (and ws://127.0.0.1:${port}/chat)`)
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    // Connections that were taken over are ours to close.
    for (const socket of sockets.clients) socket.close(1001)
    void server.close()
  })
}
