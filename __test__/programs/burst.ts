// Sends one request on each connection at once; says when it has seen an answer, and how many were handled then.
import { parentPort, workerData } from 'node:worker_threads'
import { Client, get } from '../support/client.ts'

const { port, handled, seen, connections } = workerData as {
  port: number
  handled: Int32Array
  seen: Int32Array
  connections: number
}
const clients = await Promise.all(Array.from({ length: connections }, () => Client.connect(port)))
let atFirst = -1
for (const client of clients) {
  client.socket.once('data', () => {
    if (atFirst < 0) atFirst = Atomics.load(handled, 0)
    Atomics.store(seen, 0, 1)
  })
}
for (const client of clients) client.send(get('/'))
await Promise.all(clients.map((client) => client.reply()))
for (const client of clients) client.socket.destroy()
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(atFirst)
