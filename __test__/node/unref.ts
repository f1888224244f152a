// Closes servers that do not keep the process alive, one while a request is unanswered.
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer } from '../../ts/node/index.ts'

let client: Socket
const busy = createServer((_req, res) => {
  busy.close(() => console.log('closed'))
  // What is left to keep it alive is the connection of a server that closes.
  client.unref()
  setTimeout(() => res.end('ok'), 10).unref()
})
const idle = createServer()
idle.listen(0, () => {
  idle.unref()
  idle.close(() => {
    console.log('closed')
    busy.listen(0, ask)
  })
})

function ask(): void {
  busy.unref()
  client = connect({ port: (busy.address() as AddressInfo).port })
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  client.resume()
}
