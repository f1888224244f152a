import { AsyncResource } from 'node:async_hooks'
import type { Chunk } from '../crossing/chunk.ts'
import type { Lane } from '../crossing/lane.ts'
import { META, REQUEST } from '../crossing/layout.ts'
import { native } from '../crossing/native.ts'
import { CUT, NOTHING } from '../crossing/ring.ts'
import { MANUAL } from '../crossing/scope.ts'
import { openError } from '../errors.ts'
import type { Outcome } from '../request/course.ts'
import { endRequest, isTaken, lostBody } from '../request/ending.ts'
import { chunkOf, courseOf, knownCourse, placeOf, recordOf } from '../request/friends.ts'
import { HttpRequest } from '../request/request.ts'
import type { AwaitsFile } from '../response/awaits-file.ts'
import { EncodedResponse } from '../response/encoded.ts'
import { answerTo, isLeft, isNoResult, printFailure } from '../response/failure.ts'
import { fetchedResult, isFetched, isThrownResponse } from '../response/fetched.ts'
import { Outflow, type OutflowEvents } from '../response/outflow.ts'
import { isThenable, Pending } from '../response/pending.ts'
import type { HttpResult } from '../response/response.ts'
import { send } from '../response/send.ts'
import { openStream, StreamResponse } from '../response/stream.ts'
import type { Receiver } from './batch.ts'
import { requestStart, responseCreated, responseFinish } from './diagnostics.ts'
import { type UpgradeEvents, Upgrading } from './upgrading.ts'

/** The request whose answer was refused, unless it was given long ago. */
function refusedRequest(lane: Lane, words: Int32Array, at: number): HttpRequest | undefined {
  const isMeant = (req: object | undefined): boolean => {
    if (req === undefined) return false
    const { chunk, at: own } = recordOf(req as HttpRequest)
    return [REQUEST.index, REQUEST.generation, REQUEST.meta].every(
      (place) => chunk.words[own + place] === words[at + place],
    )
  }
  return lane.ring.recentRaw().find(isMeant) as HttpRequest | undefined
}

/** Answers a request, at once or later. */
export type Handler = (req: HttpRequest) => HttpResult | Promise<HttpResult>

/** Hears of what went wrong; `req` is undefined where there is no single request. */
export type OnError = (error: unknown, req: HttpRequest | undefined) => void

/** Who else hears of requests. */
export interface DispatchEvents extends UpgradeEvents {
  /** Whose requests these are. */
  readonly server: object
}

/** Gives requests to their handler and its results to the I/O thread. */
export class Dispatcher implements Receiver {
  readonly #handler: Handler
  readonly #onError: OnError
  readonly #events: DispatchEvents
  readonly #upgrading: Upgrading
  readonly #outflows: OutflowEvents = { failed: (error, req) => this.report(error, req) }

  constructor(handler: Handler, onError: OnError, events: DispatchEvents) {
    this.#handler = handler
    this.#onError = onError
    this.#events = events
    this.#upgrading = new Upgrading(this, events)
  }

  request(chunk: Chunk, at: number): void {
    this.handle(new HttpRequest(chunk, at))
  }

  extended(chunk: Chunk, at: number): void {
    this.#upgrading.begin(chunk, at)
  }

  /** Asks for the answer in place of a file, or reports why the client was not sent one. */
  fileFailed(lane: Lane, id: number, errno: number): void {
    const waiting = lane.ring.leases.kept(id) as AwaitsFile | undefined
    if (waiting !== undefined) {
      const { req, path, onMissing } = waiting
      waiting.isMissing = true
      waiting.scope.runInAsyncScope(() => this.handle(req, () => onMissing(openError(errno, path))))
      return
    }
    const shrunk = 'a file became shorter while it was sent; its connection was closed'
    this.report(errno === 0 ? new Error(shrunk) : openError(errno, undefined), undefined)
  }

  /** Reports why the bytes of a raw response were refused. */
  rawRefused(lane: Lane, words: Int32Array, at: number): void {
    const wrong = native.rawErrorMessage(words[at + 5] as number)
    const req = refusedRequest(lane, words, at)
    const hint = '; a Uint8Array that is returned is a whole response: for a body use bytes(...)'
    const error = new TypeError(req === undefined ? wrong : wrong + hint)
    this.report(error, (lane.settle(words, at, error) as HttpRequest | undefined) ?? req)
  }

  /** Calls the handler, or another one in its place, and sends what it gives. */
  handle(req: HttpRequest, instead?: (req: HttpRequest) => unknown): void {
    // A scope for each request: `enterWith` must not reach the next one.
    const scope = new AsyncResource('FASTHTTPREQUEST', MANUAL)
    // Each further argument costs.
    if (instead === undefined) scope.runInAsyncScope(this.#answer, this, req, scope)
    else scope.runInAsyncScope(this.#answer, this, req, scope, instead)
  }

  /** The same within the scope of the request, in which all that belongs to it happens. */
  #answer(req: HttpRequest, scope: AsyncResource, instead?: (req: HttpRequest) => unknown): void {
    const chunk = chunkOf(req)
    const at = placeOf(req)
    const watch = responseFinish.hasSubscribers ? this.#watch(req) : undefined
    try {
      const result = (instead ?? this.#handlerOf(chunk, at))(req)
      watch?.()
      if (isThenable(result)) {
        // Registered here, where the handler may have entered a context.
        this.#await(result, req, chunk, scope)
        return
      }
      if (this.#give(req, chunk, at, result, scope)) return
    } catch (error) {
      watch?.()
      if (this.#fail(error, req, scope)) return
    }
    scope.emitDestroy()
  }

  /**
   * Has the end of a request published in its context: where its handler is, and from when the returned
   * function is called where that is called, for the handler may have entered another one.
   */
  #watch(req: HttpRequest): () => void {
    let place: AsyncResource | undefined
    courseOf(req).whenEnded((outcome, response) => {
      if (place === undefined) this.#finished(req, outcome, response)
      else place.runInAsyncScope(() => this.#finished(req, outcome, response))
    })
    return () => (place = new AsyncResource('FASTHTTPEND'))
  }

  /** The handler of a request that has just come. */
  #handlerOf({ lane, words }: Chunk, at: number): Handler {
    const own = lane.handlers?.get(words[at + REQUEST.generation] as number) as Handler | undefined
    const handler = own ?? this.#handler
    if (!requestStart.hasSubscribers) return handler
    return (request) => {
      requestStart.publish({ request, server: this.#events.server })
      return handler(request)
    }
  }

  #await(result: PromiseLike<unknown>, req: HttpRequest, chunk: Chunk, scope: AsyncResource): void {
    const pending = new Pending(req, chunk)
    const fulfilled = (value: unknown): void => {
      // A native promise never gives another one; a thenable of somebody's own may.
      if (isThenable(value)) {
        Promise.resolve(value).then(fulfilled, rejected)
        return
      }
      if (!this.#settle(pending)) return
      try {
        // It may have moved since.
        const place = recordOf(req)
        if (this.#give(req, place.chunk, place.at, value, scope)) return
      } catch (error) {
        if (this.#fail(error, req, scope)) return
      }
      scope.emitDestroy()
    }
    const rejected = (error: unknown): void => {
      if (!this.#settle(pending)) return
      if (!this.#fail(error, req, scope)) scope.emitDestroy()
    }
    try {
      result.then(fulfilled, rejected)
    } catch (error) {
      rejected(error)
    }
  }

  /** Sends a result; says whether it has to be waited for still. */
  #give(
    req: HttpRequest,
    chunk: Chunk,
    at: number,
    result: unknown,
    scope: AsyncResource,
  ): boolean {
    // First what most handlers give: to ask for the others costs.
    if (typeof result === 'string' || EncodedResponse.isOne(result)) {
      this.#send(req, chunk, at, result)
      return false
    }
    if (isFetched(result)) return this.#fetched(req, result, scope)
    if (StreamResponse.isOne(result)) this.#stream(req, result)
    else this.#send(req, chunk, at, result)
    return false
  }

  /** Sends a Response of the Fetch API; says whether its body has to be waited for. */
  #fetched(req: HttpRequest, response: Response, scope: AsyncResource): boolean {
    if (isTaken(req)) return false
    const { chunk, at } = recordOf(req)
    const isHead = ((chunk.words[at + REQUEST.meta] as number) & META.head) !== 0
    const answer = fetchedResult(response, isHead, req)
    if (!isThenable(answer)) return this.#give(req, chunk, at, answer, scope)
    this.#await(answer, req, chunk, scope)
    return true
  }

  #stream(req: HttpRequest, response: StreamResponse): void {
    if (isTaken(req)) return
    const opened = openStream(response)
    this.#created(req, response)
    opened.scope.runInAsyncScope(Outflow.start, Outflow, req, opened, this.#outflows)
  }

  /** Marks a request as answered; says whether it was not yet. */
  #settle(pending: Pending): boolean {
    if (pending.done) {
      this.report(new Error('a handler answered twice; the second answer is dropped'), pending.req)
      return false
    }
    pending.finish()
    return true
  }

  /** Answers what was thrown; says whether the answer has to be waited for still. */
  #fail(error: unknown, req: HttpRequest, scope: AsyncResource): boolean {
    if (isTaken(req)) {
      if (isNoResult(error)) return false
      courseOf(req).giveUp(error)
      this.report(error, req)
      return false
    }
    if (isThrownResponse(error)) {
      try {
        return this.#fetched(req, error, scope)
      } catch (wrong) {
        error = wrong
      }
    }
    if (isLeft(error, lostBody(req))) {
      this.#abandon(req)
      endRequest(req, 'aborted')
      return false
    }
    const { answer, told } = answerTo(error)
    if (answer.status >= 500) this.report(told, req)
    const { chunk, at } = recordOf(req)
    try {
      this.#send(req, chunk, at, answer)
    } catch (second) {
      // Nothing is left to answer with: the client must not wait for it.
      this.#abandon(req)
      throw second
    }
    return false
  }

  /** Ends the connection of a request without an answer. */
  #abandon(req: HttpRequest): void {
    const { chunk, at } = recordOf(req)
    chunk.lane.ring.part(chunk.words, at, CUT, NOTHING)
  }

  #send(request: HttpRequest, chunk: Chunk, at: number, response: unknown): void {
    if (isTaken(request)) return
    this.#created(request, response)
    if (!send(chunk.lane.ring, chunk.words, at, response, request)) endRequest(request, 'sent')
  }

  #created(request: HttpRequest, response: unknown): void {
    knownCourse(request)?.note(response)
    if (!responseCreated.hasSubscribers) return
    responseCreated.publish({ request, response, server: this.#events.server })
  }

  /** Publishes the end of a request. */
  #finished(request: HttpRequest, outcome: Outcome, response: unknown): void {
    const { server } = this.#events
    const message = { request, server, outcome }
    responseFinish.publish(response === undefined ? message : { ...message, response })
  }

  /** Tells `onError`. */
  report(error: unknown, req: HttpRequest | undefined): void {
    try {
      this.#onError(error, req)
    } catch (second) {
      printFailure(second)
    }
  }
}
