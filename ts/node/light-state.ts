/** What node's code and stream utilities ask of a socket's stream state. */
export interface Streaming {
  readonly destroyed: boolean
  readonly closed: boolean
  /** Whether its end was told. */
  readonly closeEmitted: boolean
  readonly errored: Error | null
  readonly readable: boolean
  readonly writableCorked: number
  readonly writableEnded: boolean
  readonly writableFinished: boolean
  readonly writableLength: number
  readonly writableHighWaterMark: number
  readonly writableNeedDrain: boolean
  /** Node's code is at the end of an answer. */
  corkedByNode(): void
}

/** The state of both streams of a socket that is none by itself: it says what the socket says. */
export class LightState {
  readonly #socket: Streaming
  readonly objectMode = false
  readonly autoDestroy = true
  readonly emitClose = true
  readonly flowing = null
  readonly encoding = null
  readonly decoder = null
  readonly constructed = true
  readonly reading = false
  readonly dataEmitted = false
  readonly buffer: readonly never[] = []
  readonly sync = false

  constructor(socket: Streaming) {
    this.#socket = socket
  }

  /** What is written is handed over at once. */
  getBuffer(): readonly never[] {
    return this.buffer
  }

  get corked(): number {
    return this.#socket.writableCorked
  }

  /** Only `OutgoingMessage.end` sets it, to 1, right before it uncorks for the last time. */
  set corked(_count: number) {
    this.#socket.corkedByNode()
  }

  get destroyed(): boolean {
    return this.#socket.destroyed
  }

  get closed(): boolean {
    return this.#socket.closed
  }

  get closeEmitted(): boolean {
    return this.#socket.closeEmitted
  }

  get errored(): Error | null {
    return this.#socket.errored
  }

  get errorEmitted(): boolean {
    return this.#socket.errored !== null && this.#socket.closeEmitted
  }

  get ended(): boolean {
    return this.#socket.writableEnded || !this.#socket.readable
  }

  get endEmitted(): boolean {
    return !this.#socket.readable
  }

  get ending(): boolean {
    return this.#socket.writableEnded
  }

  get finished(): boolean {
    return this.#socket.writableFinished
  }

  get length(): number {
    return this.#socket.writableLength
  }

  get highWaterMark(): number {
    return this.#socket.writableHighWaterMark
  }

  get needDrain(): boolean {
    return this.#socket.writableNeedDrain
  }
}
