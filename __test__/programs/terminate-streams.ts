// Ends workers in the middle of streams, uploads and taken sockets; says how many of their
// clients saw the end, and how many descriptors are left behind.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { within } from '../support/deadline.ts'

const rounds = Number(process.argv[2])
const file = new URL('./streams-worker.js', import.meta.url)
const open = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0)
const PIECE = Buffer.alloc(32 << 10)
let ends = 0

function client(port: number, head: string, isUpload: boolean): Socket {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  socket.on('close', () => ends++)
  socket.resume()
  const send = (): void => {
    if (!isUpload) return
    while (!socket.destroyed && socket.write(PIECE));
  }
  socket.on('drain', send)
  socket.write(head)
  send()
  return socket
}

async function round(number: number): Promise<void> {
  const worker = new Worker(file)
  const [port] = (await within('listen', once(worker, 'message'))) as [number]
  const host = 'HTTP/1.1\r\nHost: a\r\n'
  const sockets = [0, 1].flatMap(() => [
    client(port, `GET /take ${host}\r\nhello`, true),
    client(port, `GET /stream ${host}\r\n`, false),
    client(port, `POST /up ${host}Content-Length: 1000000000\r\n\r\n`, true),
  ])
  await Promise.all(sockets.map((socket) => within('connect', once(socket, 'connect'))))
  for (let i = 0; i < (number * 7) % 60; i++) await new Promise((resolve) => setImmediate(resolve))
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  await within('terminate', worker.terminate())
  await within('ends', Promise.all(closed))
}

await round(0)
const before = open()
for (let number = 1; number < rounds; number++) {
  await round(number)
  console.log(`round ${number}`)
}
console.log(`${ends} ends, ${Math.max(0, open() - before - 2)} left open`)
