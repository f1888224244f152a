import { AsyncResource } from 'node:async_hooks'
import type { Socket } from 'node:net'
import type { Chunk } from '../crossing/chunk.ts'
import { META, REQUEST } from '../crossing/layout.ts'
import { MANUAL } from '../crossing/scope.ts'
import { isTaken } from '../request/ending.ts'
import { courseOf, moveRecord, recordOf } from '../request/friends.ts'
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
    const { shouldUpgrade, tunnels } = this.#events
    // One whose body is to come had been taken up before somebody listened.
    const mayBecome = event !== undefined && flags !== META.body
    if (mayBecome && event === 'upgrade' && shouldUpgrade !== undefined)
      this.#ask(shouldUpgrade, new UpgradeRequest(chunk, at))
    else if (mayBecome && this.#isHeard(event, chunk, at))
      this.#upgrade(event, new UpgradeRequest(chunk, at))
    else if (event === 'connect' && !tunnels) {
      send(chunk.lane.ring, chunk.words, at, NO_TUNNEL, new HttpRequest(chunk, at))
    } else {
      const req = new HttpRequest(chunk, at)
      if (flags === META.body) openIntake(req)
      this.#dispatcher.handle(req)
    }
  }

  #isHeard(event: 'upgrade' | 'connect', chunk: Chunk, at: number): boolean {
    return this.#events.hears(event) && (event === 'connect' || offersWebSocket(chunk, at))
  }

  /** Whoever gets it behind the callback gets the same object, which knows what was done with it there. */
  #ask(shouldUpgrade: (req: HttpRequest) => unknown, req: UpgradeRequest): void {
    let isOne = false
    try {
      isOne = Boolean(shouldUpgrade(req))
    } catch (error) {
      this.#dispatcher.report(error, req)
      // An answer that was begun by hand; else the handler gives one, whatever this would have said.
      if (isTaken(req)) courseOf(req).giveUp(error)
    }
    if (isTaken(req)) return
    // Behind the callback, which may be what listens first.
    if (isOne && this.#events.hears('upgrade')) this.#upgrade('upgrade', req)
    else this.#dispatcher.handle(req)
  }

  #upgrade(event: 'upgrade' | 'connect', req: UpgradeRequest): void {
    let taken: TakenSocket
    try {
      taken = takeConnection(req, true)
    } catch (error) {
      // A client that is gone already is nobody's fault.
      if (!isGone(error)) this.#dispatcher.report(error, req)
      const { chunk, at } = recordOf(req)
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
