// A program for node:http that knows nothing of another server: says by what its servers were made, and what one
// of them answers to a request without Host.

import { once } from 'node:events'
import http from 'node:http'
import { type AddressInfo, connect } from 'node:net'

const seen = ({ keepAliveTimeout, headersTimeout }: http.Server): number[] => [
  keepAliveTimeout,
  headersTimeout,
]
const server = http.createServer((_, res) => res.end('ok'))
const own = http.createServer({ keepAliveTimeout: 9000 }, () => undefined)
const made = new http.Server()
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
socket.end('GET / HTTP/1.1\r\nConnection: close\r\n\r\n')
let text = ''
for await (const chunk of socket) text += String(chunk)
const [answer] = text.split('\r\n')
console.log(JSON.stringify({ none: seen(server), own: seen(own), made: seen(made), answer }))
server.close()
