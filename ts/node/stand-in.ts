import type { Socket } from 'node:net'

/** What is done with a connection by whoever has its socket. */
const METHODS = [
  'cork',
  'destroy',
  'destroySoon',
  'end',
  'pause',
  'ref',
  'resetAndDestroy',
  'resume',
  'setKeepAlive',
  'setNoDelay',
  'setTimeout',
  'uncork',
  'unref',
  'write',
] as const
/** What is told of it, besides its end. */
const EVENTS = ['data', 'end', 'error', 'timeout'] as const

/** The names of what a connection has before anybody knows of it. */
let own: ReadonlySet<string | symbol> | undefined

/** Notes what a socket has by itself: what it has besides belongs to those who were told of it. */
export function noteOwn(socket: object): void {
  own ??= new Set(Reflect.ownKeys(socket))
}

/**
 * Has the socket that was handed out for a connection stand for the one that an upgrade gives: whoever has kept it
 * goes on to reach the client, and hears what he has asked to hear. What was put onto it is on the other one as well.
 */
export function standFor(earlier: Socket, real: Socket): void {
  for (const event of EVENTS)
    if (earlier.listenerCount(event) > 0)
      real.on(event, (...told: unknown[]) => void earlier.emit(event, ...told))
  for (const name of Reflect.ownKeys(earlier)) {
    if (own?.has(name) === true || name in real) continue
    Object.defineProperty(real, name, Reflect.getOwnPropertyDescriptor(earlier, name)!)
  }
  for (const name of METHODS) {
    const value = (...given: unknown[]): unknown => {
      const result = (real[name] as (...all: unknown[]) => unknown)(...given)
      return result === real ? earlier : result
    }
    Object.defineProperty(earlier, name, { value, writable: true, configurable: true })
  }
}
