import type { Socket } from 'node:net'
import { show } from '../errors.ts'

/** Milliseconds without progress, after which a client that does not read is cut off. */
const WRITE_MS = 30_000
/** Milliseconds for which one that has everything may go on sending. */
const LINGER_MS = 2000

/** @internal Whether a callback writes by hand. */
export let isTaken: (client: Client) => boolean
/** @internal Ends what a callback has written by hand, when it is done; says whether it has. */
export let endClient: (client: Client) => boolean
/** @internal Whether a connection was to end that could not be taken. */
export let isGivenUp: (client: Client) => boolean
/** @internal Cuts it off, when it has failed; says whether there was anything. */
export let cutClient: (client: Client) => boolean

/** What a client can ask of the request that it belongs to. */
export interface Line {
  /** Takes the connection over. */
  take(): Socket
  /** Whether the request is answered. */
  isAnswered(): boolean
  /** Ends the connection behind the answer. */
  finish(): void
}

/**
 * The connection of a request, to write to by hand. The first use takes it over: from then on no
 * framing, limit or time-out is ours, and it ends when the callback is done, or is its owner's alone
 * after `takeover`. All but `close` throw `ERR_INVALID_STATE` behind an answer, and if the client is gone.
 */
export class Client {
  readonly #line: Line
  #socket: Socket | undefined = undefined
  #isGiven = false
  #isGivenUp = false

  /** @internal */
  constructor(line: Line) {
    this.#line = line
  }

  /**
   * Writes bytes, or a string as UTF-8. Resolves when the kernel has them, or the client is gone.
   * Throws `TypeError` for anything else.
   */
  write(data: string | Uint8Array): Promise<void> {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw new TypeError(`write takes a string or a Uint8Array, got ${show(data)}`)
    }
    const socket = this.#own()
    // Whoever has left is no error, as with an answer.
    return new Promise((resolve) => void socket.write(data, () => resolve()))
  }

  /**
   * Ends the connection: behind the answer if there is one, else behind what was written. Never
   * throws: one that cannot be taken over ends behind the answer 500, and one that is gone has ended.
   */
  close(): void {
    if (!this.#line.isAnswered()) {
      try {
        return finish(this.#own())
      } catch {
        this.#isGivenUp = true
      }
    }
    this.#line.finish()
  }

  /**
   * The connection as a socket of node, which from here on is the caller's: it outlives the callback,
   * and its errors are the caller's too. What the client has sent behind the request is its first
   * data. The same socket each time.
   */
  takeover(): Socket {
    const socket = this.#own()
    if (!this.#isGiven) socket.off('error', ignore)
    this.#isGiven = true
    return socket
  }

  /** Whether it was taken over and has ended, or is about to. */
  get isClosed(): boolean {
    const socket = this.#socket
    return socket !== undefined && (socket.destroyed || socket.writableEnded)
  }

  #own(): Socket {
    return (this.#socket ??= this.#line.take().on('error', ignore))
  }

  static {
    isTaken = (client) => client.#socket !== undefined
    isGivenUp = (client) => client.#isGivenUp
    endClient = (client) => {
      const socket = client.#socket
      if (socket !== undefined && !client.#isGiven) finish(socket)
      return socket !== undefined
    }
    cutClient = (client) => {
      const socket = client.#socket
      if (socket !== undefined && !client.#isGiven) socket.destroy()
      return socket !== undefined
    }
  }
}

/**
 * FIN behind what was written. What still comes is read and dropped for a while: closing with bytes
 * unread would be a reset, which overtakes the answer (RFC 9112 §9.6).
 */
function finish(socket: Socket): void {
  if (socket.destroyed || socket.writableEnded) return
  socket.setTimeout(WRITE_MS, () => socket.destroy())
  socket.once('finish', () => socket.setTimeout(LINGER_MS))
  socket.resume()
  socket.end()
}

function ignore(): void {}
