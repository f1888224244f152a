import type { NativeServer } from '../crossing/native.ts'

// A process that exits within a handler runs nothing behind it, and its threads end where they are: what was
// answered before is written first.

const running = new Set<NativeServer>()

function writeOut(): void {
  for (const native of running) native.flush()
}

/** Has the answers of a server written when the process exits. */
export function writeAtExit(native: NativeServer): void {
  if (running.size === 0) process.on('exit', writeOut)
  running.add(native)
}

/** The server has ended, if it ever ran. */
export function forgetAtExit(native: NativeServer): void {
  if (running.delete(native) && running.size === 0) process.removeListener('exit', writeOut)
}
