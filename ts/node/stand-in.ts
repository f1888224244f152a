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
/** What is told of it. */
const EVENTS: ReadonlySet<unknown> = new Set([
  'close',
  'data',
  'drain',
  'end',
  'error',
  'finish',
  'timeout',
])
/** What is seen of it. */
const STATE = [
  '_readableState',
  '_writableState',
  'bytesRead',
  'bytesWritten',
  'closed',
  'destroyed',
  'errored',
  'readable',
  'readyState',
  'timeout',
  'writable',
  'writableEnded',
  'writableFinished',
  'writableLength',
  'writableNeedDrain',
] as const

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
  tellBoth(earlier, real)
  for (const name of Reflect.ownKeys(earlier)) {
    if (own?.has(name) === true || name in real) continue
    Reflect.defineProperty(real, name, Reflect.getOwnPropertyDescriptor(earlier, name)!)
  }
  // What somebody has fixed stays as he has it.
  for (const name of METHODS) {
    const value = (...given: unknown[]): unknown => {
      const result = (real[name] as (...all: unknown[]) => unknown)(...given)
      return result === real ? earlier : result
    }
    Reflect.defineProperty(earlier, name, { value, writable: true, configurable: true })
  }
  for (const name of STATE) {
    const get = (): unknown => (real as unknown as Record<string, unknown>)[name]
    Reflect.defineProperty(earlier, name, { get, set: ignored, configurable: true })
  }
}

/** As if both had the same listeners: nobody counts others than his own, and to listen to data has only one flow. */
function tellBoth(earlier: Socket, real: Socket): void {
  const { emit } = real
  const value = (event: string, ...told: unknown[]): boolean => {
    const isHeard = EVENTS.has(event) && earlier.listenerCount(event) > 0
    if (isHeard) earlier.emit(event, ...told)
    // Without a listener of its own this one would end the process.
    if (isHeard && event === 'error' && real.listenerCount('error') === 0) return true
    return Reflect.apply(emit, real, [event, ...told]) || isHeard
  }
  Reflect.defineProperty(real, 'emit', { value, writable: true, configurable: true })
}

function ignored(): void {
  // It is what it is of the other socket.
}
