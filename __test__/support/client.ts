import { once } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { within } from './deadline.ts'
import { type Reply, readReply, type Source } from './reply.ts'

/** A port of 127.0.0.1, the path of a Unix socket, or what node:net takes. */
export type Target = number | string | NetConnectOpts

/** A client that sends bytes as they are and reads strictly. */
export class Client implements Source {
  readonly socket: Socket
  #chunks: Buffer[] = []
  #size = 0
  #isEnded = false
  #failure: Error | undefined
  #wake: () => void = () => undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#size += chunk.length
      this.#wake()
    })
    socket.on('end', () => {
      this.#isEnded = true
      this.#wake()
    })
    socket.on('error', (error) => {
      this.#failure = error
      this.#wake()
    })
    socket.on('close', () => this.#wake())
  }

  static async connect(target: Target): Promise<Client> {
    const options: NetConnectOpts =
      typeof target === 'number'
        ? { port: target, host: '127.0.0.1' }
        : typeof target === 'string'
          ? { path: target }
          : target
    const socket = connect({ ...options, allowHalfOpen: true })
    await within('connect', once(socket, 'connect'))
    return new Client(socket)
  }

  /** The client's port, by which a handler knows it. */
  get port(): number {
    return this.socket.localPort ?? 0
  }

  /** Neither FIN nor RST was seen, and no byte is left unread. */
  get isQuiet(): boolean {
    return this.#size === 0 && this.isOpen
  }

  /** Neither FIN nor RST was seen. */
  get isOpen(): boolean {
    return !this.#isEnded && this.#failure === undefined && !this.socket.destroyed
  }

  /** Bytes received and not read. */
  get unread(): number {
    return this.#size
  }

  /** Sends bytes; a string is latin1. */
  send(bytes: string | Uint8Array): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    return this
  }

  /** Sends one byte a write, with a turn of the event loop between. */
  sendBytewise(bytes: Uint8Array): Promise<void> {
    return this.sendPieces(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)))
  }

  /** Sends one piece a write, with a turn of the event loop between. */
  async sendPieces(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      if (this.socket.destroyed) return
      this.socket.write(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Sends FIN. */
  finish(): this {
    this.socket.end()
    return this
  }

  /** Sends RST. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Reads one response to a request of this method. */
  reply(method = 'GET'): Promise<Reply> {
    return within('reply', readReply(this, method))
  }

  /** Sends a GET and reads its response. */
  get(path: string, headers = ''): Promise<Reply> {
    return this.send(get(path, headers)).reply()
  }

  /** Waits for the server's FIN; there must be no byte before it. */
  async closed(): Promise<void> {
    const rest = await within('close', this.rest())
    if (rest.length > 0) {
      throw new Error(
        `more bytes before the close: ${JSON.stringify(rest.toString('latin1', 0, 300))}`,
      )
    }
    this.socket.destroy()
  }

  /** Waits for the connection's end, clean or not; says which. */
  async gone(): Promise<'FIN' | 'RST'> {
    try {
      await within('end', this.rest())
      return 'FIN'
    } catch {
      return 'RST'
    } finally {
      this.socket.destroy()
    }
  }

  async rest(): Promise<Buffer> {
    while (!this.#isEnded) await this.#more()
    return this.#take(this.#size)
  }

  async exactly(length: number): Promise<Buffer> {
    while (this.#size < length) await this.#more()
    return this.#take(length)
  }

  async through(mark: string): Promise<Buffer> {
    for (;;) {
      if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
      const at = this.#chunks[0]?.indexOf(mark, 0, 'latin1') ?? -1
      if (at >= 0) return this.#take(at + mark.length)
      await this.#more()
    }
  }

  #take(length: number): Buffer {
    const all =
      this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    this.#size -= length
    this.#chunks = this.#size === 0 ? [] : [all.subarray(length)]
    return all.subarray(0, length)
  }

  async #more(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#isEnded || this.socket.destroyed) {
      const rest = this.#take(this.#size).toString('latin1', 0, 200)
      throw new Error(`the connection ended within a response: ${JSON.stringify(rest)}`)
    }
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

/** A GET request. */
export function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: a.test\r\n${headers}\r\n`
}

/** A request with a body. */
export function post(path: string, body: string | Uint8Array, headers = ''): Buffer {
  const bytes = Buffer.from(body as string)
  const head = `POST ${path} HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}
