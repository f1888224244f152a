import { EventEmitter } from 'node:events'
import { type AddressInfo, Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { REQUEST } from '../crossing/layout.ts'
import { localOf, remoteOf } from '../request/record.ts'

/**
 * What a stream of this Node has its listeners in: with a place for each common event, so that to listen and to
 * stop does not make a dictionary of it. Whoever waits for the end of an answer does both, in each request.
 */
const { _events: PLACES } = new Duplex() as unknown as { _events: object }

/** Gives what is built on it node's `net.Socket` for a prototype, without what its constructor costs. */
const Base = function (this: EventEmitter & { _events: object }): void {
  if (Object.keys(PLACES).length > 0) this._events = { ...PLACES }
  EventEmitter.call(this)
} as unknown as abstract new () => EventEmitter
Base.prototype = Socket.prototype

/** What of a socket is the same all its life: where it leads. */
export abstract class SocketShape extends Base {
  destroyed = false
  readable = true
  writable = true
  /** As that of every connection of a server: node's code ends it. */
  allowHalfOpen = true
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined

  constructor(words: Int32Array, at: number) {
    super()
    const ports = words[at + REQUEST.ports] as number
    const remoteAddress = remoteOf({ words }, at)
    // The ends of a Unix socket have no names.
    const isNamed = remoteAddress !== ''
    this.remoteAddress = isNamed ? remoteAddress : undefined
    this.remotePort = isNamed ? ports & 0xffff : undefined
    this.localAddress = isNamed ? localOf({ words }, at) : undefined
    this.localPort = isNamed ? ports >>> 16 : undefined
  }

  address(): AddressInfo | object {
    if (this.localAddress === undefined) return {}
    return {
      address: this.localAddress,
      family: familyOf(this.localAddress),
      port: this.localPort as number,
    }
  }

  get remoteFamily(): string | undefined {
    return familyOf(this.remoteAddress)
  }

  get localFamily(): string | undefined {
    return familyOf(this.localAddress)
  }

  get connecting(): boolean {
    return false
  }

  get pending(): boolean {
    return this.destroyed
  }

  get readyState(): string {
    if (this.readable && this.writable) return 'open'
    if (this.readable) return 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }
}

/** The family of an address, by node's name. */
export function familyOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  return address.includes(':') ? 'IPv6' : 'IPv4'
}

// Those of streams look at the state to read what nobody reads here.
const { on, once, off, addListener, removeListener, removeAllListeners, prependListener } =
  EventEmitter.prototype
Object.assign(SocketShape.prototype, {
  on,
  once,
  off,
  addListener,
  removeListener,
  removeAllListeners,
  prependListener,
})
