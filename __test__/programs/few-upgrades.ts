// A server of which connections are taken while it may open no descriptor more. "leave n of m" opens
// files until n descriptors are left, as soon as m connections are open: the descriptor of one that has
// ended is given back only a while after its client has seen the end.
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { createServer, type UpgradeRequest } from '../../ts/index.ts'
import type { Socket } from 'node:net'

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code)
const open: number[] = []

function leave(count: number): void {
  for (;;) {
    try {
      open.push(openSync('/dev/null', 'r'))
    } catch {
      break
    }
  }
  for (let i = 0; i < count; i++) closeSync(open.pop() as number)
}

const server = createServer(
  (req) => {
    if (req.path !== '/take') return req.path
    try {
      req.takeover().end('taken')
      return ''
    } catch (error) {
      console.log(`takeover ${codeOf(error)}`)
      return codeOf(error)
    }
  },
  { ioThreads: 1, onError: (error) => console.log(`onError ${codeOf(error)}`) },
)
server.on('upgrade', (_req: UpgradeRequest, socket: Socket) => socket.end('taken'))
await server.listen(0, '127.0.0.1')
console.log((server.address() as { port: number }).port)
for await (const line of createInterface({ input: process.stdin })) {
  const [, left, connections] = line.split(/ (?:of )?/).map(Number)
  while (server.stats().connections.open !== connections) await setImmediate()
  leave(left as number)
  console.log(line.replace('leave', 'left'))
}
for (const descriptor of open) closeSync(descriptor)
await server.close({ timeout: 0 })
