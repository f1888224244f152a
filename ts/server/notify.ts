import { MOST } from '../crossing/checks.ts'
import { native } from '../crossing/native.ts'
import { setInterval } from '../crossing/timers.ts'

// What systemd hears of this process (sd_notify(3)), from all its servers together. Without NOTIFY_SOCKET nobody
// is told.

/** A server that asked for it. */
export interface Notifying {
  /** Milliseconds since JavaScript last took a request up that waits. */
  delay(): number
}

/** Servers that are about to listen. */
let starting = 0
let isReady = false
let watchdog: NodeJS.Timeout | undefined
const running = new Set<Notifying>()

/** A server is about to listen; systemd is told when all of them do. */
export function notifyStarting(): void {
  starting++
}

/** It does, or has failed. */
export function notifyStarted(server: Notifying | undefined): void {
  starting--
  if (server !== undefined) running.add(server)
  if (starting > 0 || isReady || running.size === 0) return
  isReady = true
  tell('READY=1')
  watch()
}

/** It begins to end; systemd is told when all of them do. */
export function notifyLeaving(server: Notifying): void {
  if (running.delete(server) && running.size === 0) {
    isReady = false
    tell('STOPPING=1')
  }
}

function tell(state: string): void {
  const path = process.env['NOTIFY_SOCKET']
  if (path !== undefined && path !== '') native.notify(path, state)
}

/**
 * From JavaScript's own thread, so that it stops when that is stuck, and only while requests are taken up; until the
 * process ends.
 */
function watch(): void {
  const { WATCHDOG_USEC, WATCHDOG_PID = String(process.pid) } = process.env
  const period = Math.min(MOST, Number(WATCHDOG_USEC) / 2000)
  if (watchdog !== undefined || !(period >= 1) || WATCHDOG_PID !== String(process.pid)) return
  watchdog = setInterval(() => {
    if ([...running].every((server) => server.delay() < period)) tell('WATCHDOG=1')
  }, period).unref()
}
