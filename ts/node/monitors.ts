import { channel } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

const accepted = channel('net.server.socket')

/** Whether a monitor waits for connections. */
export function watchesConnections(): boolean {
  return accepted.hasSubscribers
}

/** Tells monitors of a connection, which node's `net` does behind its listeners. */
export function published(socket: Socket): void {
  if (accepted.hasSubscribers) accepted.publish({ socket })
}
