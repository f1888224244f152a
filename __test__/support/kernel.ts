import { readFileSync } from 'node:fs'
import type { Client } from './client.ts'

/** Connections over IPv4 by this port at our end, as Linux tells them: `local remote state tx:rx ...`. */
function unsentBy(table: string, port: number): boolean {
  const own = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/))
  const row = rows.find(([, local = '']) => local.endsWith(own))
  return row !== undefined && !row[4]?.startsWith('00000000:')
}

/**
 * Waits, without giving JavaScript back, until the other side's kernel has what these have sent. Only Linux says
 * so; elsewhere it has it at once.
 */
export function waitUntilItHasCome(clients: readonly Client[]): void {
  if (process.platform !== 'linux') return
  for (;;) {
    const table = readFileSync('/proc/net/tcp', 'latin1')
    if (!clients.some(({ port }) => unsentBy(table, port))) return
  }
}
