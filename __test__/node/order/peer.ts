import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { scaled } from '../../support/deadline.ts'

const DEADLINE = 5_000

/** A line of one letter is written as the letter and how often. */
function short(line: string): string {
  const letter = line[0] ?? ''
  const isOne = line.length > 99 && line === letter.repeat(line.length)
  return isOne ? `${letter}*${line.length}` : line
}

/** A client that sends bytes as they are, and keeps what it gets. */
export class Peer {
  readonly socket: Socket
  /** What came, as latin1. */
  text = ''
  /** How it ended: by the server, or not at all, or by ourselves. */
  ending: 'open' | 'ended' | 'left' = 'open'
  #wake: () => void = () => undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.text += text
      this.#wake()
    })
    // Whether a server that leaves is seen by FIN or by RST depends on what it had not read.
    const ended = (): void => {
      if (this.ending === 'open') this.ending = 'ended'
      this.#wake()
    }
    socket.on('end', ended)
    socket.on('error', ended)
    socket.on('close', ended)
  }

  /** Connects; half open, so that it is the server that is seen to end. */
  static async to(port: number): Promise<Peer> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    socket.setNoDelay(true)
    return new Peer(socket)
  }

  /** Sends bytes. */
  send(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }

  async #until(what: string, test: () => boolean): Promise<void> {
    const end = Date.now() + scaled(DEADLINE)
    while (!test()) {
      const left = end - Date.now()
      if (left <= 0) throw new Error(`no ${what} in ${JSON.stringify(this.text)}`)
      let late: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        late = setTimeout(resolve, left)
      })
      clearTimeout(late)
    }
  }

  /** Waits until this text has come, so many times. */
  got(text: string, times = 1): Promise<void> {
    return this.#until(text, () => this.text.split(text).length > times)
  }

  /** Waits until so many bytes have come. */
  gotBytes(count: number): Promise<void> {
    return this.#until(`${count} bytes`, () => this.text.length >= count)
  }

  /** Waits until the server has ended the connection. */
  async ended(): Promise<void> {
    await this.#until('end', () => this.ending !== 'open')
    this.socket.destroy()
  }

  /** Sends FIN; what the server still says is taken. */
  finish(): this {
    this.socket.end()
    return this
  }

  /** Leaves at once, with RST. */
  reset(): void {
    this.ending = 'left'
    this.socket.resetAndDestroy()
  }

  /** Leaves in order: nothing that the server says is waited for. */
  leave(): void {
    if (this.ending === 'open') this.ending = 'left'
    this.socket.destroy()
  }

  /** What it saw, as lines: what changes from run to run is written as a word. */
  lines(number: number): string[] {
    const text = this.text.replace(/^(Date: ).*?\r$/gm, '$1...\r').replace(/[^\x20-\x7e\r\n]/g, '?')
    const bytes = text.split('\r\n').map((line) => `client ${number} > ${short(line)}`)
    return [...(text === '' ? [] : bytes), `client ${number} ${this.ending}`]
  }
}
