import test, { type ExecutionContext } from 'ava'
import { once } from 'node:events'
import { closeSync, linkSync, openSync } from 'node:fs'
import http from 'node:http'
import { createServer as createNetServer, type Server as NetServer } from 'node:net'
import { join } from 'node:path'
import { native } from '../../ts/crossing/native.ts'
import { adoptFrom } from '../../ts/node/adopting.ts'
import type { Client, Handle } from '../../ts/node/handle.ts'
import { createServer } from '../../ts/node/index.ts'
import { counted } from '../../ts/node/counted.ts'
import { within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { start } from '../support/program.ts'

// Servers that listen by what somebody else has opened: a cluster's primary, a parent, the caller.

/** What the workers of a cluster did. */
interface Clustered {
  readonly lines: readonly string[]
  /** Requests that ours have served, of each worker. */
  readonly served: readonly number[]
}

async function clustered(t: ExecutionContext, args: readonly string[]): Promise<Clustered> {
  const { code, stdout, stderr } = await start(t, 'clustered', { args }).ended(60_000)
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  return JSON.parse(stdout) as Clustered
}

for (const policy of ['rr', 'none'])
  for (const kind of ['port', 'path'])
    test(`a cluster's workers serve as node's do, ${policy}, by ${kind}`, async (t) => {
      const where = kind === 'port' ? '0' : join(folder(t), 's')
      const stock = await clustered(t, ['stock', policy, where, '0'])
      t.is(stock.lines.length, 7)
      t.true(stock.lines.includes('held late'))
      for (const threads of ['0', '2']) {
        const ours = await clustered(t, ['ours', policy, where, threads])
        t.deepEqual(ours.lines, stock.lines)
        t.is(
          ours.served.reduce((sum, count) => sum + count),
          13,
        )
      }
    })

for (const ioThreads of [0, 2])
  test(`a server is sent to a child, which goes on, ${ioThreads} I/O threads`, async (t) => {
    const program = start(t, 'sent', { args: [String(ioThreads)] })
    const { code, stdout, stderr } = await program.ended(60_000)
    t.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    t.deepEqual(JSON.parse(stdout), ['parent', 'child 0', 'exit 0'])
  })

/** A socket that listens, and how to ask there. */
async function opened(t: ExecutionContext, kind: string): Promise<[NetServer, object]> {
  const holder = createNetServer()
  const path = join(folder(t), 's')
  holder.listen(kind === 'path' ? { path } : { port: 0, host: '127.0.0.1' })
  await within('listening', once(holder, 'listening'))
  // It removes its path when it is closed.
  const socketPath = `${path}2`
  if (kind === 'path') linkSync(path, socketPath)
  const address = holder.address()
  return [holder, typeof address === 'object' ? { ...address, host: '127.0.0.1' } : { socketPath }]
}

async function ask(at: object): Promise<string> {
  const req = http.get({ ...at, agent: false })
  const [res] = (await within('response', once(req, 'response'))) as [AsyncIterable<Buffer>]
  let text = ''
  for await (const chunk of res) text += chunk.toString()
  return text
}

function fdOf(server: NetServer): number {
  const { ['_handle']: handle } = server as unknown as { _handle: { fd: number } }
  return handle.fd
}

const GIVEN = {
  handle: (server: http.Server, holder: NetServer) => server.listen(holder),
  fd: (server: http.Server, holder: NetServer) =>
    server.listen({ fd: native.duplicate(fdOf(holder)) }),
}

for (const [how, listen] of Object.entries(GIVEN))
  // Node takes no handle of a path.
  for (const kind of how === 'fd' ? ['port', 'path'] : ['port'])
    for (const ioThreads of [0, 2])
      test.serial(`listens by ${how}, ${kind}, ${ioThreads} I/O threads`, async (t) => {
        const told: unknown[] = []
        for (const make of [http.createServer, createServer] as (typeof createServer)[]) {
          const before = { ...counted }
          const [holder, at] = await opened(t, kind)
          const server = make({ ioThreads }, (_req, res) => res.end('ok'))
          listen(server, holder)
          await within('listening', once(server, 'listening'))
          // Nobody else accepts; a handle is closed for both.
          if (how === 'fd') await within('close', new Promise((done) => holder.close(done)))
          const address = JSON.stringify(server.address()).replace(/\d{4,}/, 'PORT')
          const answers = [await ask(at), await ask(at)]
          await within('close', new Promise((done) => server.close(done)))
          const failed = await t.throwsAsync(ask(at))
          told.push([address, answers, server.listening, (failed as { code?: string }).code])
          t.is(counted.fallbacks, before.fallbacks)
          t.is(counted.requests - before.requests, make === http.createServer ? 0 : 2)
        }
        t.deepEqual(told[1], told[0])
      })

/** What no server can listen with. */
const WRONG: Record<string, (t: ExecutionContext) => number> = {
  'a number that is not open': () => 99_999,
  'a file': (t) => {
    const fd = openSync(process.execPath, 'r')
    t.teardown(() => closeSync(fd))
    return fd
  },
}

for (const [what, open] of Object.entries(WRONG))
  test(`refuses to listen by ${what}, as node's`, async (t) => {
    const told: unknown[] = []
    for (const make of [http.createServer, createServer]) {
      const server = (make as typeof createServer)()
      server.listen({ fd: open(t) })
      const [error] = (await within('error', once(server, 'error'))) as [Error]
      told.push({ ...error, message: error.message, listening: server.listening })
    }
    t.deepEqual(told[1], told[0])
  })

test('whom the addon cannot have is served by node, and a failure told', (t) => {
  const told: unknown[] = []
  const closed: unknown[] = []
  const handle: Handle = {
    fd: 3,
    close: () => undefined,
    ref: () => undefined,
    unref: () => undefined,
    onconnection: (status, client) => void told.push([status, client]),
  }
  const client = (fd: number): Client => ({ fd, close: () => closed.push(fd) })
  const adopted: number[][] = []
  const engine = {
    count: () => 0,
    adopt(lane: number, fd: number): number {
      adopted.push([lane, fd])
      return fd === 5 ? 24 : 0
    },
  }
  adoptFrom(handle, createServer(), engine, 2)
  const [first, second, third] = [client(4), client(5), client(6)]
  for (const one of [first, second, third]) handle.onconnection?.(0, one)
  handle.onconnection?.(-24)
  t.deepEqual(adopted, [
    [0, 4],
    [1, 5],
    [1, 6],
  ])
  t.deepEqual(closed, [4, 6])
  t.deepEqual(told, [
    [0, second],
    [-24, undefined],
  ])
})
