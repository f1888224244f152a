import cluster from 'node:cluster'
import { native, type NativeServer } from '../crossing/native.ts'
import { endsOf, mostOf } from './dropping.ts'
import type { Handle } from './handle.ts'
import { own } from './internals.ts'
import type { Server } from './server.ts'

// A socket that is somebody else's, of a cluster's primary or the caller's, or that not everybody may have, is listened
// with by node's code. Whom it lets in the addon serves.

/** Whether that can be: connections have numbers by which the addon finds them. */
export function canAdopt(): boolean {
  return !native.lacking().includes('inherited')
}

/**
 * Whether node has to be asked for leave to listen, which the addon would do without (`--permission`, since Node 25).
 * It alone knows whether it refuses or only tells of it (`--permission-audit`).
 */
export function needsLeave(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } }
  if (permission === undefined || permission.has('net')) return false
  return process.allowedNodeEnvironmentFlags.has('--allow-net')
}

/** Has the addon serve whoever is let in here, its `lanes` threads by turns. */
export function adoptFrom(
  handle: Handle,
  server: Server,
  engine: Pick<NativeServer, 'adopt' | 'count'>,
  lanes: number,
): void {
  const { onconnection } = handle
  const count = (): number => engine.count()
  let next = 0
  const front = {}
  own(front, server)
  handle.onconnection = (status, client) => {
    if (client !== undefined && count() >= (mostOf(server) ?? Infinity)) {
      server.emit('drop', endsOf(client))
      client.close()
      return
    }
    if (server.keepAlive) client?.setKeepAlive?.(true, server.keepAliveInitialDelay)
    // Node tells of a failure, and serves itself whom there is no descriptor for, or who has left by now.
    if (client === undefined || engine.adopt(next, client.fd) !== 0)
      return onconnection?.call(front as Handle, status, client)
    next = (next + 1) % lanes
    client.close()
  }
  // A primary that deals its clients out has a worker look whether it has room, before it takes one, and close what it has.
  if (cluster.isWorker && typeof handle.fd !== 'number')
    own(
      handle,
      Object.create(server, {
        close: { value: (done: () => void) => server.close(done) },
        _connections: { get: count },
      }) as object,
    )
}
