import { AsyncResource } from 'node:async_hooks'
import type { Socket } from 'node:net'
import type { Chunk } from '../crossing/chunk.ts'
import { META, REQUEST } from '../crossing/layout.ts'
import { MANUAL } from '../crossing/scope.ts'
import { moveRecord } from '../request/friends.ts'
import { openIntake } from '../request/intake.ts'
import { HttpRequest } from '../request/request.ts'
import { isGone, takeConnection, type TakenSocket } from '../request/takeover.ts'
import { eventOf, giveSocket, offersWebSocket, UpgradeRequest } from '../request/upgrade.ts'
import { empty, text } from '../response/response.ts'
import { send } from '../response/send.ts'

/** Who hears of connections that become something else. */
export interface UpgradeEvents {
  /** Whether CONNECT is a request like any other. */
  readonly tunnels: boolean
  /** Whether somebody listens to this event. */
  hears(event: 'upgrade' | 'connect'): boolean
  /** Which requests with Upgrade are one; by default those for a WebSocket that somebody listens to. */
  readonly shouldUpgrade: ((req: HttpRequest) => unknown) | undefined
  /** A connection is to become something else. */
  upgrade(event: 'upgrade' | 'connect', req: UpgradeRequest, socket: Socket, head: Buffer): void
}

/** Who answers what becomes nothing else. */
export interface Answering {
  /** Calls the handler. */
  handle(req: HttpRequest): void
  /** Tells `onError`. */
  report(error: unknown, req: HttpRequest): void
}

/** What a CONNECT gets that nobody listens to any more; before that the thread says the same. */
const NO_TUNNEL = empty(501, { headers: { Connection: 'close' } })
/** What an upgrade gets whose connection cannot be given to anybody. */
const NOT_TAKEN = text('Service Unavailable', {
  status: 503,
  headers: { Connection: 'close', 'Retry-After': '1' },
})

/** Gives connections that become something else to whoever listens to that. */
export class Upgrading {
  readonly #dispatcher: Answering
  readonly #events: UpgradeEvents

  constructor(dispatcher: Answering, events: UpgradeEvents) {
    this.#dispatcher = dispatcher
    this.#events = events
  }

  /** A request that may become something else, if somebody listens to that. */
  begin(chunk: Chunk, at: number): void {
    const event = eventOf(chunk.words, at)
    const flags = (chunk.words[at + REQUEST.meta] as number) & (META.body | META.whole)
    // One whose body is to come had been taken up before somebody listened.
    if (event !== undefined && flags !== META.body && this.#isWanted(event, chunk, at))
      this.#upgrade(event, chunk, at)
    else if (event === 'connect' && !this.#events.tunnels) {
      send(chunk.lane.ring, chunk.words, at, NO_TUNNEL, new HttpRequest(chunk, at))
    } else {
      const req = new HttpRequest(chunk, at)
      if (flags === META.body) openIntake(req)
      this.#dispatcher.handle(req)
    }
  }

  #isWanted(event: 'upgrade' | 'connect', chunk: Chunk, at: number): boolean {
    const { shouldUpgrade } = this.#events
    if (event === 'connect') return this.#events.hears(event)
    if (shouldUpgrade === undefined) return this.#events.hears(event) && offersWebSocket(chunk, at)
    const req = new UpgradeRequest(chunk, at)
    try {
      // Asked in any case, for it may be what listens first.
      return Boolean(shouldUpgrade(req)) && this.#events.hears(event)
    } catch (error) {
      // Whatever it would have said: the handler answers.
      this.#dispatcher.report(error, req)
      return false
    }
  }

  #upgrade(event: 'upgrade' | 'connect', chunk: Chunk, at: number): void {
    const req = new UpgradeRequest(chunk, at)
    let taken: TakenSocket
    try {
      taken = takeConnection(req, true)
    } catch (error) {
      // A client that is gone already is nobody's fault.
      if (!isGone(error)) this.#dispatcher.report(error, req)
      send(chunk.lane.ring, chunk.words, at, NOT_TAKEN, req)
      return
    }
    const { socket, head } = taken
    giveSocket(req, socket)
    // Kept as long as the connection, it must not keep a whole chunk.
    moveRecord(req)
    const scope = new AsyncResource('FASTHTTPREQUEST', MANUAL)
    scope.runInAsyncScope(() => {
      try {
        this.#events.upgrade(event, req, socket, head)
      } catch (error) {
        socket.destroy()
        this.#dispatcher.report(error, req)
      }
    })
    scope.emitDestroy()
  }
}
