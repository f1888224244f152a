import type { AsyncResource } from 'node:async_hooks'
import http from 'node:http'
import type { Socket } from 'node:net'
import type { Chunk } from '../crossing/chunk.ts'
import type { Lane } from '../crossing/lane.ts'
import { META, PARTING, REQUEST } from '../crossing/layout.ts'
import type { NativeServer } from '../crossing/native.ts'
import { nextTick, setImmediate } from '../crossing/timers.ts'
import { guarded, uncaught } from '../crossing/uncaught.ts'
import { pooledBodyOf } from '../request/record.ts'
import { isGone, takeOver, type TakenSocket } from '../request/takeover.ts'
import { eventOf } from '../request/upgrade.ts'
import { LATER, type Receiver } from '../server/batch.ts'
import type { Engine } from '../server/engine.ts'
import { readStats } from '../server/stats.ts'
import { Body, complete } from './body.ts'
import { Classes } from './born.ts'
import { counted } from './counted.ts'
import { isLeftAlone } from './empty.ts'
import { Exchange } from './exchange.ts'
import { Holding } from './holding.ts'
import { adopt, handOut, type OpenMessage } from './internals.ts'
import { fill, keepsAlive } from './message.ts'
import { published } from './monitors.ts'
import { Partings } from './partings.ts'
import { parseError, TRUNCATED, unknownMethod } from './refusal.ts'
import { apart, HTTPServerAsyncResource } from './scope.ts'
import type { Server } from './server.ts'
import { CUT, HttpSocket } from './socket.ts'
import { Sockets } from './sockets.ts'
import { noteOwn } from './stand-in.ts'

/** Words before the bytes of a refused request, and before those of a piece of a body. */
const [REFUSED_WORDS, PIECE_WORDS] = [8, 6]
/** Since Node 26 a connection is idle also before its first request. */
const NEW_ARE_IDLE = Number(process.versions.node.split('.')[0]) >= 26
const METHODS = new Set(http.METHODS)

function hasBody({ words }: Chunk, at: number): boolean {
  return ((words[at + REQUEST.meta] as number) & (META.body | META.whole)) !== 0
}

/** Whether a body comes in pieces; one that came together with its head lies in the record. */
function comesLater({ words }: Chunk, at: number): boolean {
  return ((words[at + REQUEST.meta] as number) & (META.body | META.whole)) === META.body
}

function pushWhole(req: OpenMessage, chunk: Chunk, at: number): void {
  const body = pooledBodyOf(chunk, at)
  // Nothing is left to be asked for, by which node's code knows that somebody reads.
  if (req.readableFlowing === true || req.listenerCount('readable') > 0) req._consuming = true
  if (body.length > 0) guarded(() => void req.push(body))
}

/** Gives the requests that the I/O threads bring to a server of node's shape. */
export class Serving implements Receiver {
  readonly keepsTogether = true
  readonly copies = true
  /** Whether all of this keeps the process alive. */
  readonly holding: Holding
  /** Whether JavaScript hears of everybody who is accepted. */
  tellsAll = false
  readonly #server: Server
  readonly #lanes: number
  readonly #classes: Classes
  readonly #sockets = new Sockets()
  readonly #partings: Partings
  readonly #engineOf: () => Engine
  #hasEnded = false

  /** `lanes` is the number of its I/O threads, which `engineOf` gives when it has been made. */
  constructor(server: Server, lanes: number, engineOf: () => Engine) {
    this.#server = server
    this.#lanes = lanes
    this.#engineOf = engineOf
    this.#classes = new Classes(server)
    this.holding = new Holding(() => engineOf().native)
    this.#partings = new Partings(() => readStats(engineOf().native).connections.open)
  }

  request(chunk: Chunk, at: number, isLate = false): void | typeof LATER {
    const socket = this.#socketOf(chunk, at)
    // It was on its way when somebody ended its connection, which node's parser would read no more.
    if (socket.destroyed) return
    if (isLate && socket.isFinishing) return LATER
    const scope = new HTTPServerAsyncResource(socket)
    try {
      scope.runInAsyncScope(this.#serve, this, socket, chunk, at, scope)
    } catch (error) {
      uncaught(error)
    }
  }

  #serve(socket: HttpSocket, chunk: Chunk, at: number, scope: AsyncResource): void {
    this.#classes.look()
    const { words, lane } = chunk
    socket.bytesRead +=
      (words[at + REQUEST.headLen] as number) + (words[at + REQUEST.bodyLen] as number)
    const req = this.#message(socket as unknown as Socket, chunk, at)
    const exchange = new Exchange(socket, req, chunk, at, scope)
    socket.expect(exchange)
    const isLater = comesLater(chunk, at)
    if (isLater) {
      const body = new Body(req, exchange, socket)
      socket.body = body
      lane.addIntake(socket.index, body)
    }
    if (!METHODS.has(req.method as string)) {
      // Node's parser knows its own methods only.
      const raw = words[at + REQUEST.raw] as number
      const end = raw + (words[at + REQUEST.headLen] as number)
      try {
        socket.refuseRequest(unknownMethod(Buffer.from(chunk.bytes.subarray(raw, end))))
      } finally {
        if (!exchange.done) exchange.wait()
      }
      return
    }
    counted.requests++
    try {
      socket.onIncoming!(req, keepsAlive(chunk, at))
    } finally {
      if (isLater) socket.resume()
      else if (exchange.isFinishing && isLeftAlone(req)) req.complete = true
      else {
        if (hasBody(chunk, at)) {
          pushWhole(req, chunk, at)
          // Node's parser tells the two by two calls, behind each of which what is due happens.
          nextTick(() => complete(req))
        } else complete(req)
      }
      if (!exchange.done) {
        exchange.wait()
        socket.ownWritten()
      }
    }
  }

  extended(chunk: Chunk, at: number, isLate: boolean): void | typeof LATER {
    const event = eventOf(chunk.words, at)
    const earlier = this.#socketOf(chunk, at)
    if (earlier.destroyed) return
    if (isLate && earlier.isFinishing) return LATER
    const isWanted = event !== undefined && this.#isWanted(event, chunk, at)
    if (event === undefined || isWanted === false) return this.request(chunk, at)
    if (isWanted === undefined || this.#server.listenerCount(event) === 0) {
      // Node drops what nobody listens to, and nothing can be said of what its callback failed at.
      return this.cut(earlier, CUT.atOnce)
    }
    const taken = this.#take(earlier, chunk, at)
    if (taken === undefined) return
    const { socket, head } = taken
    counted.requests++
    // Its end is no longer the I/O thread's to tell.
    this.#forget(earlier)
    // Some of the answers before is unsent: who destroys the socket does not wait for that, and neither does the server.
    if (socket.connecting) socket.once('close', () => this.cut(earlier, CUT.atOnce))
    // Whoever gets it hears of its errors, or they are uncaught, as in node.
    socket.removeAllListeners('error')
    const made = handOut(this.#server, socket)
    const { timeout, isKeepAlive } = earlier
    earlier.given(made)
    // Its clock goes on, but for the time between two requests.
    if (timeout !== undefined) made.setTimeout(isKeepAlive ? this.#server.timeout : timeout)
    const scope = new HTTPServerAsyncResource(made)
    scope.runInAsyncScope(() => {
      const req = this.#message(made, chunk, at)
      req.upgrade = true
      req.complete = true
      guarded(() => void this.#server.emit(event, req, made, head))
      if (hasBody(chunk, at)) pushWhole(req, chunk, at)
      complete(req)
    })
    scope.emitDestroy()
  }

  /** Takes a connection from its thread; `undefined` if it is gone by then, which is told behind this. */
  #take(earlier: HttpSocket, chunk: Chunk, at: number): TakenSocket | undefined {
    try {
      return takeOver({ chunk, at }, true)
    } catch (error) {
      if (!isGone(error)) earlier.destroy(error as Error)
      return undefined
    }
  }

  /**
   * Since Node 24 a callback says which upgrades are one; before, whoever listens gets all of them.
   * `undefined` if it threw.
   */
  #isWanted(event: 'upgrade' | 'connect', chunk: Chunk, at: number): boolean | undefined {
    if (event === 'connect') return true
    // It came before somebody listened.
    if (comesLater(chunk, at)) return false
    const { shouldUpgradeCallback } = this.#server
    if (shouldUpgradeCallback === undefined) return this.#server.listenerCount(event) > 0
    const req = this.#message(this.#socketOf(chunk, at) as unknown as Socket, chunk, at)
    req.upgrade = true
    try {
      return Boolean(shouldUpgradeCallback.call(this.#server, req))
    } catch (error) {
      uncaught(error)
      return undefined
    }
  }

  /** Ends the connections that are between two requests now; one that has asked meanwhile is answered. */
  closeIdle(native: NativeServer): void {
    for (let lane = 0; lane < this.#lanes; lane++) {
      native.closeIdle(lane, this.#sockets.idle(lane), NEW_ARE_IDLE)
    }
  }

  /**
   * A client was accepted. Where everybody is told of, nobody is told of behind `close`: node has not accepted
   * them, and resets them. Whoever ends those he was told of would wait for them for ever.
   */
  connected(chunk: Chunk, at: number): void {
    if (this.tellsAll && this.#engineOf().isClosing) this.#turnAway(chunk, at)
    else this.#socketOf(chunk, at)
  }

  #turnAway({ lane, words }: Chunk, at: number): void {
    if (this.#known(lane, words[at + REQUEST.generation] as number) !== undefined) return
    this.#added(lane, words, at).resetAndDestroy()
  }

  /** A request is refused, and somebody else than the addon is to answer that. */
  refused(chunk: Chunk, at: number): void {
    const { bytes, lane, words } = chunk
    const socket = this.#known(lane, words[at + 3] as number)
    if (socket === undefined) return
    const start = (at + REFUSED_WORDS) * 4
    const error = parseError(words[at + 4] as number, words[at + 5] as number, {
      bytesParsed: words[at + 6] as number,
      rawPacket: Buffer.from(bytes.subarray(start, start + (words[at + 7] as number))),
    })
    const refuse = (): void => {
      if (!socket.defers(refuse)) apart(() => guarded(() => socket.refuse(error)))
    }
    // Whoever reads has what came before by then: for node that is another turn of the loop.
    if (error.code === TRUNCATED) setImmediate(refuse)
    else refuse()
  }

  /** Field lines have come behind a body. */
  trailers(chunk: Chunk, at: number): void {
    const { bytes, lane, words } = chunk
    const body = this.#known(lane, words[at + 3] as number)?.body
    const start = (at + PIECE_WORDS) * 4
    const text = bytes.latin1Slice(start, start + (words[at + 5] as number))
    body?.trailers(
      text
        .split('\r\n')
        .filter((line) => line !== '')
        .flatMap((line) => {
          const colon = line.indexOf(':')
          return [line.slice(0, colon), line.slice(colon + 1).trim()]
        }),
    )
  }

  #message(socket: Socket, chunk: Chunk, at: number): OpenMessage {
    const req = new this.#classes.request(socket) as OpenMessage
    fill(req, chunk, at, this.#server)
    return req
  }

  #known(lane: Lane, generation: number): HttpSocket | undefined {
    return this.#sockets.get(lane.id, generation)
  }

  /** A connection is gone; one of `PARTING` says how, or 0. */
  left(lane: Lane, generation: number, how: number, isLate: boolean): void | typeof LATER {
    const socket = this.#known(lane, generation)
    if (socket === undefined) return
    // Node's code ends it, by what it is told of the last answer in a tick.
    if (isLate && socket.isFinishing) return LATER
    if (socket.defers(() => void this.left(lane, generation, how, false))) return
    this.#forget(socket)
    if (how === PARTING.failed) socket.failed()
    else socket.lost(false, how === PARTING.clients)
    this.#partings.left(socket)
  }

  #forget(socket: HttpSocket): void {
    if (this.#sockets.delete(socket)) this.holding.closed(socket)
  }

  /** What was said of a connection: whether it keeps the process alive. */
  hold(socket: HttpSocket, keep: boolean): void {
    if (this.#known(socket.lane, socket.generation) === socket) this.holding.setSocket(socket, keep)
  }

  /** Ends a connection, one of `CUT` says how. */
  cut({ lane, index, generation }: HttpSocket, how: 0 | 1 | 2): void {
    if (!this.#hasEnded) this.#engineOf().native.cut(lane.id, index, generation, how)
  }

  /** Bytes that the client of a connection has not taken. */
  unsent({ lane, index, generation }: HttpSocket): number {
    return this.#hasEnded ? 0 : this.#engineOf().native.unsent(lane.id, index, generation)
  }

  /** Whether small packets of a connection are sent at once. */
  setNoDelay({ lane, index, generation }: HttpSocket, isOn: boolean): void {
    if (!this.#hasEnded) this.#engineOf().native.setNoDelay(lane.id, index, generation, isOn)
  }

  /** Whether its client is asked for a sign of life, first after so many seconds of silence. */
  setKeepAlive({ lane, index, generation }: HttpSocket, isOn: boolean, seconds: number): void {
    if (!this.#hasEnded)
      this.#engineOf().native.setKeepAlive(lane.id, index, generation, isOn, seconds)
  }

  /** Has `tell` called when the end of a connection is to be told, which has an order if the server closes. */
  part(socket: HttpSocket, tell: () => void): void {
    if (this.#hasEnded || !this.#engineOf().isClosing) tell()
    else this.#partings.part(socket, this.#known(socket.lane, socket.generation) === socket, tell)
  }

  /** Ends every connection that somebody was told of, whatever is under way. */
  closeAll(): void {
    for (const socket of this.#sockets.all()) socket.destroy()
  }

  /** The server has ended: nothing is left of its connections. */
  ended(): void {
    this.#hasEnded = true
    this.holding.end()
    for (const socket of this.#sockets.all()) socket.lost(false)
    this.#sockets.clear()
    this.#partings.ended()
  }

  // The addon judges answers by node's rules: what it still refuses ends its connection.
  rawRefused(lane: Lane, words: Int32Array, at: number): void {
    lane.settle(words, at, new Error('the answer is no HTTP response'))
  }

  fileFailed(): void {
    // No answer of this door is a file.
  }

  #socketOf({ lane, words }: Chunk, at: number): HttpSocket {
    const known = this.#known(lane, words[at + REQUEST.generation] as number)
    if (known !== undefined) return known
    const socket = this.#added(lane, words, at)
    const real = socket as unknown as Socket
    socket.onIncoming = adopt(this.#server, real)
    socket.adopted()
    noteOwn(socket)
    apart(() => {
      guarded(() => void this.#server.emit('connection', real))
      published(real)
    })
    return socket
  }

  #added(lane: Lane, words: Int32Array, at: number): HttpSocket {
    const socket = new HttpSocket(this.#server, this, lane, words, at)
    this.#sockets.add(socket)
    this.holding.opened()
    return socket
  }
}
