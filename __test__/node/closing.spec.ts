import test from 'ava'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type http from 'node:http'
import { nextTick } from 'node:process'
import { Client, get } from '../support/client.ts'
import { gate, within } from '../support/deadline.ts'
import { DOORS } from '../support/doors.ts'

// Who comes in the moment in which a server begins, or ends.

async function listening(server: http.Server): Promise<number> {
  await within('listening', once(server.listen(0, '127.0.0.1'), 'listening'))
  return (server.address() as AddressInfo).port
}

/** Clients who have connected as soon as ticks have run, and what becomes of each of them. */
function clientsOf(port: number, count: number, says: string): Promise<void>[] {
  return Array.from({ length: count }, async () => {
    const socket = connect(port, '127.0.0.1')
    // Those who are reset may be so while they connect.
    socket.on('error', () => undefined).resume()
    socket.write(says)
    await within('end', new Promise<void>((resolve) => socket.once('close', () => resolve())))
  })
}

for (const { name, make } of DOORS)
  test(`who was not told of when the server closes is turned away: ${name}`, async (t) => {
    let asked = 0
    const server = make(() => void asked++)
    const told: Socket[] = []
    const closed = new Promise<void>((resolve) =>
      server.on('connection', (socket: Socket) => {
        told.push(socket)
        if (told.length > 1) return
        server.close(() => resolve())
        for (const one of told) one.destroy()
      }),
    )
    const clients = clientsOf(await listening(server), 8, get('/'))
    // No request is ever answered.
    await within('close', closed)
    await Promise.all(clients)
    t.deepEqual([told.length, asked], [1, 0])
  })

// A thread lets in whoever comes, at once.
for (const { name, make } of DOORS.filter(({ writesHere }) => writesHere))
  test(`who waits to be let in does not keep a server open: ${name}`, async (t) => {
    const server = make((_, res) => void res.end())
    server.headersTimeout = 0
    server.requestTimeout = 0
    const clients = clientsOf(await listening(server), 8, '')
    await new Promise<void>((resolve) => nextTick(resolve))
    await within('close', new Promise((resolve) => server.close(resolve)))
    await Promise.all(clients)
    t.pass()
  })

/** Writes until so much is unsent that it stays so for some turns: the client does not read. */
function fill(res: http.ServerResponse, turns = 0): void {
  if (res.destroyed) return
  const isFull = (res.socket?.writableLength ?? 0) > 0
  if (isFull && turns === 20) return void res.end()
  if (!isFull) res.write(Buffer.alloc(16 << 10))
  setImmediate(fill, res, isFull ? turns + 1 : 0)
}

for (const { name, make } of DOORS)
  test(`an upgraded socket that is destroyed ends although its client has not read: ${name}`, async (t) => {
    const server = make((_, res) => fill(res))
    const told: Socket[] = []
    server.on('connection', (socket: Socket) => told.push(socket))
    const upgraded = once(server, 'upgrade')
    const client = connect(await listening(server), '127.0.0.1')
    client.on('error', () => undefined)
    client.write(get('/'))
    client.write(get('/', 'Connection: Upgrade\r\nUpgrade: x\r\n'))
    await within('upgrade', upgraded)
    const closed = new Promise((resolve) => server.close(resolve))
    for (const one of told) one.destroy()
    await within('close', closed)
    client.resume()
    await within('end', once(client, 'close'))
    t.pass()
  })

for (const { name, make, writesHere } of DOORS)
  test(`who listens for connections before node's loop turns hears of all: ${name}`, async (t) => {
    const server = make((_, res) => void res.end())
    // Without a name to look up it listens when this returns.
    server.listen(0)
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    t.teardown(() => {
      client.destroy()
      server.close()
    })
    const count = (): Promise<number> =>
      new Promise((resolve) => server.getConnections((_, open) => resolve(open)))
    await count()
    // Ticks only: node itself lets nobody in meanwhile.
    if (!writesHere) while ((await count()) === 0);
    await within('connection', once(server, 'connection'))
    t.pass()
  })

/** What the kernel has room for, if it is let. */
const LARGE = Buffer.alloc(1 << 20, 'x')
// Elsewhere the kernel says how much it takes.
const onLinux = process.platform === 'linux' ? test : test.skip

for (const { name, make } of DOORS)
  for (const connection of ['keep-alive', 'close'])
    onLinux(
      `who does not read a large answer, ${connection}, gets it all the same: ${name}`,
      async (t) => {
        const answered = gate()
        const server = make((_, res) => {
          res.setHeader('Connection', connection)
          res.end(LARGE)
          answered.open()
        })
        const client = await Client.connect(await listening(server))
        client.socket.pause()
        client.send(get('/'))
        await within('the answer', answered.promise)
        await within('close', new Promise((resolve) => server.close(resolve)))
        client.socket.resume()
        t.true((await client.reply()).body.equals(LARGE))
        client.socket.destroy()
      },
    )
