import type { AddressInfo, DropArgument } from 'node:net'
import type { Chunk } from '../crossing/chunk.ts'
import { REQUEST } from '../crossing/layout.ts'
import { localOf, remoteOf } from '../request/record.ts'
import type { Client } from './handle.ts'
import { familyOf } from './shape.ts'

// Who is turned away, as `drop` says it: there are as many connections as may be.

/** From how many connections on a server lets nobody in; `undefined` for no such number. */
export function mostOf({ maxConnections }: { maxConnections?: unknown }): number | undefined {
  if (maxConnections === undefined || maxConnections === null) return undefined
  // Node compares, whatever it is.
  const most = Math.ceil(Number(maxConnections))
  return Number.isNaN(most) ? undefined : Math.min(Math.max(most, 0), 0xffffffff)
}

/** The ends of a connection that node has accepted; a Unix socket has none. */
export function endsOf(client: Client): DropArgument | undefined {
  if (client.getsockname === undefined || client.getpeername === undefined) return undefined
  const local: Partial<AddressInfo> = {}
  const remote: Partial<AddressInfo> = {}
  client.getsockname(local)
  client.getpeername(remote)
  return between(local, remote)
}

/** Those of one that the addon has turned away. */
export function endsIn(chunk: Chunk, at: number): DropArgument | undefined {
  const [local, remote] = [localOf(chunk, at), remoteOf(chunk, at)]
  if (remote === '') return undefined
  const ports = chunk.words[at + REQUEST.ports] as number
  return between(named(local, ports >>> 16), named(remote, ports & 0xffff))
}

function named(address: string, port: number): Partial<AddressInfo> {
  return { address, port, family: familyOf(address) as string }
}

function between(local: Partial<AddressInfo>, remote: Partial<AddressInfo>): DropArgument {
  return {
    localAddress: local.address,
    localPort: local.port,
    localFamily: local.family,
    remoteAddress: remote.address,
    remotePort: remote.port,
    remoteFamily: remote.family,
  } as DropArgument
}
