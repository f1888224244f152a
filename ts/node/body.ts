import type { IncomingMessage } from 'node:http'
import { BODY, type Incoming } from '../crossing/incoming.ts'
import { AHEAD, PORTION, portionsUpTo, pullOf } from '../crossing/pull.ts'
import { guarded } from '../crossing/uncaught.ts'
import type { Exchange } from './exchange.ts'
import type { OpenMessage } from './internals.ts'
import type { HttpSocket } from './socket.ts'

/** The body of a request on its way into the request's stream, no faster than that is read. */
export class Body implements Incoming {
  readonly generation: number
  readonly sequence: number
  /** Whose body it is. */
  readonly req: IncomingMessage
  readonly #exchange: Exchange
  readonly #socket: HttpSocket
  #asked = 0
  /** Nothing more of it comes. */
  isEnded = false

  constructor(req: IncomingMessage, exchange: Exchange, socket: HttpSocket) {
    this.generation = exchange.generation
    this.sequence = exchange.meta & 0x3fffff
    this.req = req
    this.#exchange = exchange
    this.#socket = socket
    exchange.read()
  }

  /** Its reader has room. */
  want(): void {
    if (this.isEnded || this.#asked > AHEAD / 2) return
    const { chunk, at } = this.#exchange
    const portions = portionsUpTo(AHEAD, this.#asked)
    this.#asked += portions * PORTION
    chunk.lane.ring.text(chunk.words, at, pullOf(portions), '')
  }

  push(bytes: Buffer): void {
    this.#asked -= bytes.byteLength
    this.#socket.read(bytes.byteLength)
    this.#exchange.scope.runInAsyncScope(this.#pushed, this, bytes)
  }

  #pushed(bytes: Buffer): void {
    guarded(() => {
      if (this.req.push(bytes)) this.want()
      else this.#socket.pause()
    })
    this.#socket.handOver()
  }

  end(code: number): void {
    if (this.isEnded) return
    if (code === BODY.lost && this.#socket.defers(() => this.end(code))) return
    this.#over()
    if (code === BODY.complete) this.#exchange.scope.runInAsyncScope(complete, undefined, this.req)
    else if (code === BODY.lost) this.#socket.bodyLost()
    // Node says nothing to the reader of a body whose connection ends with the answer.
    else if (code !== BODY.answered) this.#socket.refused(code)
    this.#exchange.endRead()
  }

  fail(error: Error): void {
    if (this.isEnded) return
    this.#over()
    this.#socket.destroy(error)
    this.#exchange.endRead()
  }

  #over(): void {
    this.isEnded = true
    // An idle connection would keep the request.
    if (this.#socket.body === this) this.#socket.body = undefined
  }

  /** Field lines behind the last chunk, as they were sent: names and values by turns. */
  trailers(lines: string[]): void {
    const req = this.req as OpenMessage
    // Node tells trailers from header fields by that.
    req.complete = true
    req._addHeaderLines(lines, lines.length)
  }
}

/** All of a request is there. */
export function complete(req: IncomingMessage): void {
  req.complete = true
  guarded(() => void req.push(null))
}
