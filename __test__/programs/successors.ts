// Holds a listening socket as systemd does, on which it never accepts: for each line another heir takes it over,
// and when that listens the one before is told to end. Its arguments are those of an heir.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** The number of the socket, here and in the heirs. */
const SOCKET = 3
const heir = fileURLToPath(new URL('heir.js', import.meta.url))
let last: ChildProcess | undefined

for await (const line of createInterface({ input: process.stdin })) {
  const next =
    line === 'end'
      ? undefined
      : spawn(process.execPath, [heir, ...process.argv.slice(2)], {
          stdio: ['pipe', 'pipe', 'inherit', SOCKET],
        })
  if (next !== undefined) await once(next.stdout as Readable, 'data')
  if (last !== undefined) {
    ;(last.stdin as Writable).write('end\n')
    await once(last, 'exit')
  }
  last = next
  console.log('done')
  if (last === undefined) break
}
process.stdin.destroy()
