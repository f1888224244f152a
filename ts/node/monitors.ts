import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { Server, Socket } from 'node:net'

const accepted = channel('net.server.socket')
const listening = tracingChannel('net.server.listen')

/** Whether a monitor waits for connections. */
export function watchesConnections(): boolean {
  return accepted.hasSubscribers
}

/** Tells monitors of a connection, which node's `net` does behind its listeners. */
export function published(socket: Socket): void {
  if (accepted.hasSubscribers) accepted.publish({ socket })
}

/** Tells them that a server listens, or why it does not; that it was to is told by node. */
export function traced(server: Server, error?: unknown): void {
  if (error !== undefined) listening.error.publish({ server, error })
  else listening.asyncEnd.publish({ server })
}
