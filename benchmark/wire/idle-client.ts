// The client of the idle case, a process of its own: opens connections, has one answer on each, and keeps
// them. Says how many it holds when all are there and whenever it is asked.

import { connect, receive } from '../support/exchange.ts'

const [port, count] = process.argv.slice(2).map(Number) as [number, number]
const request = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
// Below the smallest usual backlog, so that no connection attempt is dropped and sent again.
const AT_A_TIME = 100
let held = 0
let started = 0

process.on('message', () => process.send!(held))
await Promise.all(Array.from({ length: AT_A_TIME }, openSome))
process.send!(held)

async function openSome(): Promise<void> {
  while (started < count) {
    started++
    const socket = await connect(port)
    held++
    socket.once('close', () => held--)
    socket.write(request)
    await receive(socket)
  }
}
