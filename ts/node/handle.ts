import { chmodSync, closeSync, statSync } from 'node:fs'
import { type AddressInfo, Socket } from 'node:net'
import { native, type NativeServer } from '../crossing/native.ts'
import type { Engine } from '../server/engine.ts'
import type { Holding } from './holding.ts'
import { own } from './internals.ts'
import type { Server } from './server.ts'

/** What node's code has for a socket that it listens with. */
export interface Handle {
  readonly fd?: number
  close(done?: () => void): void
  ref(): void
  unref(): void
  /** Whether each client is asked for a sign of life, first after so many seconds of silence. */
  setKeepAlive?(isOn: boolean, seconds: number): void
  /** Node's own: a client was accepted, or that has failed with this status. */
  onconnection?: (status: number, client?: Client) => void
}

/** A connection that node has accepted. */
export interface Client {
  readonly fd: number
  close(): void
  setKeepAlive?(isOn: boolean, seconds: number): void
  getsockname?(out: Partial<AddressInfo>): number
  getpeername?(out: Partial<AddressInfo>): number
}

/** What serves those who are let in. */
interface Served {
  readonly holding: Holding
  closeIdle(native: NativeServer): void
}

/**
 * Has whoever closes the socket that a server listens with close the server, and what holds the process. `over` is
 * called if nobody is connected then.
 */
export function tie(handle: Handle, engine: Engine, served: Served, over: () => void): Handle {
  const { holding } = served
  const [close, ref, unref] = [handle.close, handle.ref, handle.unref]
  return Object.assign(handle, {
    close(done?: () => void): void {
      holding.close()
      // Node closes the descriptor at once: the address may be listened at again.
      engine.native.acceptNoMore()
      // Node's code has ended those that are idle, but a thread may have let somebody in since, for another thread.
      served.closeIdle(engine.native)
      engine.close()
      if (engine.native.count() === 0) over()
      close.call(handle, done)
    },
    ref(): void {
      holding.setServer(true)
      ref.call(handle)
    },
    unref(): void {
      holding.setServer(false)
      unref.call(handle)
    },
  })
}

/**
 * Node's handle for the socket that an engine listens with, by a descriptor of its own: of another one node's
 * addon would take memory for what it is not, when it is sent to a child. What nobody has to be sent on a platform
 * without descriptors, or when none is left, is `Nameless`.
 */
export function handleOf(engine: Engine, server: Server): Handle {
  const fd = engine.fd < 0 ? -1 : native.duplicate(engine.fd)
  if (fd < 0) return new Nameless(engine)
  const handle = nodesHandle(fd)
  own(handle, server)
  // Whoever is accepted has it of the socket that listens.
  if (server.keepAlive) handle.setKeepAlive?.(true, server.keepAliveInitialDelay)
  const { address } = engine
  // The kernel knows it by the name that it was bound by, which is not the one that it has now.
  if (typeof address === 'string')
    Object.assign(handle, { fchmod: (mode: number) => permit(address, mode) })
  return handle
}

/** It has the descriptor, which is closed if there can be none. */
function nodesHandle(fd: number): Handle {
  try {
    const made = new Socket({ fd, manualStart: true } as object) as unknown as { _handle: Handle }
    return made._handle
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

const [major, minor] = process.versions.uv.split('.').map(Number) as [number, number]
/** Whether libuv adds to the rights of a Unix socket, in place of setting them: before 1.51. */
const addsRights = major === 1 && minor < 51

/** Lets all users read (1) or write (2) a Unix socket; returns the number of the error, or 0. */
function permit(path: string, mode: number): number {
  const asked = ((mode & 1) === 0 ? 0 : 0o444) | ((mode & 2) === 0 ? 0 : 0o222)
  try {
    chmodSync(path, addsRights ? (statSync(path).mode & 0o777) | asked : asked)
    return 0
  } catch (error) {
    return (error as NodeJS.ErrnoException).errno ?? -1
  }
}

/** What node's code asks of a handle. */
class Nameless implements Handle {
  readonly #engine: Engine
  /** Fills in where the server listens; a Unix socket has none, by which node knows it. */
  readonly getsockname: ((out: Partial<AddressInfo>) => number) | undefined

  constructor(engine: Engine) {
    this.#engine = engine
    const { address } = engine
    if (typeof address !== 'string')
      this.getsockname = (out) => {
        Object.assign(out, address)
        return 0
      }
  }

  fchmod(mode: number): number {
    return permit(this.#engine.address as string, mode)
  }

  close(): void {
    // It is the engine's.
  }

  ref(): void {
    // What holds the process is the engine.
  }

  unref(): void {
    // As above.
  }
}
