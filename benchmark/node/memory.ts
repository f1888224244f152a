// What a connection and a request that wait cost in memory, behind node:http and behind fasthttp/node: growth of
// a server of its own for each, after a warm-up and collections. Memory of the kernel is not in it.
//
//   npm run bench:node:memory                      10,000 connections, 5,000 requests
//   npm run bench:node:memory -- --connections 2000 --requests 1000

import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { connect, receive } from '../support/exchange.ts'

const DOORS = ['node:http', 'fasthttp/node'] as const
/** Below the smallest usual backlog, so that no attempt to connect is dropped and made again. */
const AT_A_TIME = 100
const program = fileURLToPath(new URL('memory-server.js', import.meta.url))
const asking = (path: string): Buffer =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    requests: { type: 'string', default: '5000' },
  },
})
const limit = Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout) || Infinity
const atMost = (wanted: string): number => Math.min(Number(wanted), limit - 200)

/** Opens connections, each with a request; those whose request is answered have read it. */
async function open(port: number, count: number, path: string): Promise<Socket[]> {
  const sockets: Socket[] = []
  let started = 0
  const some = async (): Promise<void> => {
    while (started++ < count) {
      const socket = await connect(port)
      sockets.push(socket)
      socket.write(asking(path))
      if (path === '/') await receive(socket)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, some))
  return sockets
}

type Bytes = readonly [resident: number, heap: number]

async function held(child: ChildProcess): Promise<Bytes> {
  child.send('measure')
  const [bytes] = (await once(child, 'message')) as [Bytes]
  return bytes
}

/** Bytes that each of so many connections with a request for `path` adds. */
async function growth(door: string, count: number, path: string): Promise<Bytes> {
  const child = fork(program, [door], { execArgv: ['--expose-gc'] })
  try {
    const [port] = (await once(child, 'message')) as [number]
    // What grows with traffic has grown by then.
    for (const socket of await open(port, 500, '/')) socket.destroy()
    const before = await held(child)
    const sockets = await open(port, count, path)
    const after = await held(child)
    for (const socket of sockets) socket.destroy()
    return [(after[0] - before[0]) / count, (after[1] - before[1]) / count]
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

console.log(
  `Node ${process.version}, ${process.arch}, ${availableParallelism()} processors; bytes for each`,
)
for (const [what, wanted, path] of [
  ['idle connections that had an answer', values.connections, '/'],
  ['connections with an unanswered request', values.requests, '/kept'],
] as const) {
  const count = atMost(wanted)
  const rows = []
  for (const door of DOORS) rows.push([door, await growth(door, count, path)] as const)
  console.log(`\n${count} ${what}`)
  for (const [door, [resident, heap]] of rows)
    console.log(
      `  ${door.padEnd(16)}resident ${resident.toFixed(0).padStart(7)}   heap ${heap.toFixed(0).padStart(7)}`,
    )
  const [stock, ours] = rows.map(([, bytes]) => bytes) as [Bytes, Bytes]
  const ratio = (i: 0 | 1): string => (ours[i] / stock[i]).toFixed(2).padStart(7)
  console.log(`  ${'ours / stock'.padEnd(16)}resident ${ratio(0)}   heap ${ratio(1)}`)
}
