import { AsyncResource } from 'node:async_hooks'
import type { Socket } from 'node:net'
import { requestStart, responseCreated, responseFinish } from './diagnostics.ts'
import { answerTo, isNoResult, printFailure } from './failure.ts'
import { openError } from './errors.ts'
import type { AwaitsFile } from './file.ts'
import type { Chunk, Lane } from './lane.ts'
import { CONTROL, META, REQUEST, UP } from './layout.ts'
import { native, type NativeServer } from './native.ts'
import { Nursery } from './nursery.ts'
import { Outflow, type OutflowEvents } from './outflow.ts'
import { isThenable, Pending } from './pending.ts'
import { HttpRequest, isTaken, openIntake, recordOf, takeConnection } from './request.ts'
import { empty, type HttpResult, send } from './response.ts'
import { openStream, StreamResponse } from './stream.ts'
import { eventOf, giveSocket, UpgradeRequest } from './upgrade.ts'

/** Answers a request, at once or later. */
export type Handler = (req: HttpRequest) => HttpResult | Promise<HttpResult>

/** Hears of what went wrong; `req` is undefined where there is no single request. */
export type OnError = (error: unknown, req: HttpRequest | undefined) => void

/** What a batch brings besides requests. */
export interface BatchEvents {
  /** Whose requests these are. */
  readonly server: object
  /** An I/O thread has ended, or failed. */
  ended(lane: Lane, failed: boolean): void
  /** Whether somebody listens to this event. */
  hears(event: 'upgrade' | 'connect'): boolean
  /** A connection is to become something else. */
  upgrade(event: 'upgrade' | 'connect', req: UpgradeRequest, socket: Socket, head: Buffer): void
  /** Requests have waited for so many milliseconds; further ones are answered 503. */
  overload(delay: number): void
}

/** Requests handled before the event loop gets a turn. */
const BATCH = 256
/** Milliseconds of handlers before it does. */
const BATCH_MS = 1
/** Handlers between two looks at the clock, while they are fast. */
const LOOK_EVERY = 16
/** Up to so many answers of a batch are sent before JavaScript does anything else. */
const FEW = 4
/** Milliseconds per handler from which on each answer is sent as soon as it is there. */
const SLOW_MS = 0.05
const MANUAL = { requireManualDestroy: true }
/** What a CONNECT gets that nobody listens to any more; before that the thread says the same. */
const NO_TUNNEL = empty(501, { headers: { Connection: 'close' } })

/**
 * Drains what the I/O threads publish: reads records, calls the handler, sends its result.
 *
 * At most one call from native code is pending per server; who clears the `scheduled` word looks
 * once more before it goes idle (see native/bridge/handshake.rs).
 */
export class Batch {
  /** The word that says that a call is due or under way. */
  readonly scheduled: Int32Array = new Int32Array(1)
  /** Entered by the threadsafe function. */
  readonly drain: () => void
  readonly #lanes: readonly Lane[]
  readonly #handler: Handler
  /** The handler, with somebody listening to the start of a request. */
  readonly #announced: Handler
  readonly #onError: OnError
  readonly #events: BatchEvents
  readonly #live: Set<Lane>
  readonly #nursery = new Nursery()
  readonly #outflows: OutflowEvents = { failed: (error, req) => this.#report(error, req) }
  #native: NativeServer | undefined

  constructor(lanes: readonly Lane[], handler: Handler, onError: OnError, events: BatchEvents) {
    this.#lanes = lanes
    this.#live = new Set(lanes)
    this.#handler = handler
    this.#announced = (request) => {
      requestStart.publish({ request, server: events.server })
      return handler(request)
    }
    this.#onError = onError
    this.#events = events
    this.drain = () => {
      try {
        this.#drain()
      } catch (error) {
        // A fault of ours; whoever waits behind it must not wait for ever.
        setImmediate(this.drain)
        throw error
      }
    }
  }

  /** Connects the addon. */
  attach(server: NativeServer): void {
    this.#native = server
    for (const lane of this.#lanes) lane.attach(server)
  }

  #drain(): void {
    do {
      let left = BATCH
      for (const lane of this.#lanes) {
        lane.pulse()
        left = this.#drainLane(lane, left)
        if (left <= 0) {
          // The word stays set: the rest comes after the event loop had its turn.
          setImmediate(this.drain)
          return
        }
      }
      for (const lane of this.#live) this.#lookForEnd(lane)
      Atomics.store(this.scheduled, 0, 0)
    } while (this.#hasMore() && Atomics.exchange(this.scheduled, 0, 1) === 0)
  }

  #hasMore(): boolean {
    for (const lane of this.#live) {
      if (Atomics.load(lane.words, CONTROL.published) !== lane.read) return true
      if (Atomics.load(lane.words, CONTROL.ended) !== 0) return true
    }
    return false
  }

  #lookForEnd(lane: Lane): void {
    const state = Atomics.load(lane.words, CONTROL.ended)
    // What it published last is read first.
    if (state === 0 || Atomics.load(lane.words, CONTROL.published) !== lane.read) return
    this.#live.delete(lane)
    lane.end()
    this.#events.ended(lane, state === 2)
  }

  /** Handles what a thread published, at most `left` requests; returns how many may follow. */
  #drainLane(lane: Lane, left: number): number {
    let published = Atomics.load(lane.words, CONTROL.published)
    if (lane.read === published) return left
    const begun = performance.now()
    let [handled, nextLook] = [0, 1]
    lane.ring.begin()
    while (lane.read !== published) {
      const { chunk, at } = lane
      lane.at = at + ((chunk.words[at + REQUEST.size] as number) >> 2)
      lane.read = (lane.read + 1) | 0
      lane.words[CONTROL.read] = lane.read
      const kind = (chunk.words[at] as number) & 0xff
      if (kind === UP.request) {
        this.#handle(new HttpRequest(chunk, at), chunk, at)
        handled++
      } else if (kind === UP.extended) {
        this.#handleExtended(chunk, at)
        handled++
      } else if (kind === UP.large) {
        this.#handleLarge(lane, chunk.words[at + 2] as number)
        handled++
      } else {
        this.#note(lane, kind, chunk, at)
      }
      // Reading the clock after each answer would cost as much as a small answer.
      if (handled >= nextLook) {
        const elapsed = performance.now() - begun
        const isSlow = elapsed > SLOW_MS * handled
        lane.ring.hurry(isSlow)
        nextLook = handled + (isSlow ? 1 : LOOK_EVERY)
        if (elapsed >= BATCH_MS || handled >= left) break
      }
      if (lane.read === published) published = Atomics.load(lane.words, CONTROL.published)
    }
    // Few clients wait for the time of each hop, many for that of all of them.
    if (handled <= FEW) lane.ring.hurry(true)
    lane.ring.end()
    return lane.read === published ? left - handled : 0
  }

  #note(lane: Lane, kind: number, chunk: Chunk, at: number): void {
    const { words } = chunk
    switch (kind) {
      case UP.end:
        lane.nextChunk(at)
        return
      case UP.body:
        this.#nursery.add(lane.body(chunk, at))
        break
      case UP.drained:
        lane.drained(words, at)
        break
      case UP.abort:
        lane.abort(words[at + 2] as number, words[at + 3] as number)
        break
      case UP.rawRefused:
        this.#report(new TypeError(native.rawErrorMessage(words[at + 5] as number)), undefined)
        break
      case UP.taken:
        lane.free(words[at + 3] as number, words[at + 4] !== 0)
        break
      case UP.overload:
        this.#events.overload(words[at + 2] as number)
        break
      case UP.fileFailed:
        this.#fileFailed(lane, words[at + 2] as number, words[at + 3] as number)
        break
      case UP.released:
        lane.ring.release(words[at + 2] as number)
        break
    }
    lane.noted += words[at + REQUEST.size] as number
  }

  /** Asks for the answer in place of a file, or reports why the client was not sent one. */
  #fileFailed(lane: Lane, id: number, errno: number): void {
    const waiting = lane.ring.kept(id) as AwaitsFile | undefined
    if (waiting !== undefined) {
      const { req, path, onMissing } = waiting
      const { chunk, at } = recordOf(req)
      this.#handle(req, chunk, at, () => onMissing(openError(errno, path)))
      return
    }
    const shrunk = 'a file became shorter while it was sent; its connection was closed'
    this.#report(errno === 0 ? new Error(shrunk) : openError(errno, undefined), undefined)
  }

  #handleLarge(lane: Lane, id: number): void {
    if (this.#native === undefined) return
    const chunk = lane.wrap(this.#native.takeLarge(lane.id, id))
    const at = (chunk.words[chunk.words.length - 1] as number) >> 2
    if (((chunk.words[at] as number) & 0xff) === UP.extended) this.#handleExtended(chunk, at)
    else this.#handle(new HttpRequest(chunk, at), chunk, at)
  }

  /** A request that may become something else, if somebody listens to that. */
  #handleExtended(chunk: Chunk, at: number): void {
    const event = eventOf(chunk.words, at)
    if (event !== undefined && this.#events.hears(event)) this.#upgrade(event, chunk, at)
    else if (event === 'connect') this.#send(new HttpRequest(chunk, at), chunk, at, NO_TUNNEL)
    else {
      const req = new HttpRequest(chunk, at)
      const flags = (chunk.words[at + REQUEST.meta] as number) & (META.body | META.whole)
      if (flags === META.body) openIntake(req)
      this.#handle(req, chunk, at)
    }
  }

  #upgrade(event: 'upgrade' | 'connect', chunk: Chunk, at: number): void {
    const req = new UpgradeRequest(chunk, at)
    let socket: Socket | undefined
    try {
      const taken = takeConnection(req, true)
      socket = taken.socket
      giveSocket(req, socket)
      new AsyncResource('FASTHTTPREQUEST', MANUAL).runInAsyncScope(() =>
        this.#events.upgrade(event, req, taken.socket, taken.head),
      )
    } catch (error) {
      // A client that is gone already is nobody's fault.
      if (socket === undefined) return
      socket.destroy()
      this.#report(error, req)
    }
  }

  #handle(
    req: HttpRequest,
    chunk: Chunk,
    at: number,
    handler: (req: HttpRequest) => unknown = this.#handler,
  ): void {
    let result: HttpResult | Promise<HttpResult>
    // A scope for each request: `enterWith` must not reach the next one.
    const scope = new AsyncResource('FASTHTTPREQUEST', MANUAL)
    try {
      const isStart = handler === this.#handler && requestStart.hasSubscribers
      const call = isStart ? this.#announced : handler
      result = scope.runInAsyncScope(call, undefined, req) as typeof result
      if (typeof result !== 'object' || result === null || !isThenable(result)) {
        if (StreamResponse.isOne(result)) this.#stream(req, result, scope)
        else this.#send(req, chunk, at, result)
        return
      }
    } catch (error) {
      this.#fail(error, req)
      return
    }
    this.#await(result, req, chunk, scope)
  }

  #await(
    result: PromiseLike<HttpResult>,
    req: HttpRequest,
    chunk: Chunk,
    scope: AsyncResource,
  ): void {
    const pending = new Pending(req, chunk)
    const fulfilled = (value: unknown): void => {
      // A native promise never gives another one; a thenable of somebody's own may.
      if (typeof value === 'object' && value !== null && isThenable(value)) {
        Promise.resolve(value).then(fulfilled, rejected)
        return
      }
      if (!this.#settle(pending)) return
      try {
        if (StreamResponse.isOne(value)) return this.#stream(req, value, scope)
        // It may have moved since.
        const place = recordOf(req)
        this.#send(req, place.chunk, place.at, value)
      } catch (error) {
        this.#fail(error, req)
      }
    }
    const rejected = (error: unknown): void => {
      if (this.#settle(pending)) this.#fail(error, req)
    }
    try {
      // Its `then` may do the work: that is the handler's as well, and belongs to its scope.
      if (result instanceof Promise) result.then(fulfilled, rejected)
      else scope.runInAsyncScope(() => result.then(fulfilled, rejected))
    } catch (error) {
      rejected(error)
    }
  }

  #stream(req: HttpRequest, response: StreamResponse, scope: AsyncResource): void {
    if (isTaken(req)) return
    const opened = openStream(response)
    scope.runInAsyncScope(() => Outflow.start(req, opened, this.#outflows))
  }

  /** Marks a request as answered; says whether it was not yet. */
  #settle(pending: Pending): boolean {
    if (pending.done) {
      this.#report(new Error('a handler answered twice; the second answer is dropped'), pending.req)
      return false
    }
    pending.finish()
    return true
  }

  #fail(error: unknown, req: HttpRequest): void {
    if (isTaken(req)) return isNoResult(error) ? undefined : this.#report(error, req)
    const answer = answerTo(error)
    if (answer.status >= 500) this.#report(error, req)
    const { chunk, at } = recordOf(req)
    this.#send(req, chunk, at, answer)
  }

  #send(request: HttpRequest, chunk: Chunk, at: number, response: unknown): void {
    const { server } = this.#events
    if (responseCreated.hasSubscribers) responseCreated.publish({ request, response, server })
    send(chunk.lane.ring, chunk.words, at, response, request)
    if (responseFinish.hasSubscribers) responseFinish.publish({ request, response, server })
  }

  #report(error: unknown, req: HttpRequest | undefined): void {
    try {
      this.#onError(error, req)
    } catch (second) {
      printFailure(second)
    }
  }
}
