import { Stream } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'

/** What is to be sent. */
export interface Prepared {
  readonly status?: unknown
  readonly statusText?: unknown
  readonly headers?: unknown
  readonly body?: unknown
}

/** A `Response` of another project: it has what is to be sent once, and whoever asks for more fails. */
class Light {
  #prepared: Prepared | undefined

  constructor(prepared: Prepared) {
    this.#prepared = { status: 200, statusText: '', headers: [], ...prepared }
  }

  get [Symbol.toStringTag](): string {
    return 'Response'
  }

  get status(): number {
    throw new Error('the platform was asked')
  }

  _toNodeResponse(): Prepared {
    const prepared = this.#prepared ?? { status: 200, statusText: '', headers: [] }
    this.#prepared = undefined
    return prepared
  }
}

/** One that says so, for who takes it. */
export function light(prepared: Prepared): Response {
  return new Light(prepared) as unknown as Response
}

/** A text as bytes. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A stream of these pieces, with a turn of the event loop before each. */
export function slowly(...pieces: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await turn()
      const piece = pieces.shift()
      if (piece === undefined) controller.close()
      else controller.enqueue(bytes(piece))
    },
  })
}

/** A stream of one chunk that is there. */
export function atHand(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes(text))
      controller.close()
    },
  })
}

/** Something that writes itself, as React does, and is told to stop. */
export class Page {
  isAborted = false
  isPiped = false
  readonly #pieces: string[] | undefined

  /** Without pieces it never writes. */
  constructor(...pieces: string[]) {
    this.#pieces = pieces.length > 0 ? pieces : undefined
  }

  pipe(to: NodeJS.WritableStream): void {
    this.isPiped = true
    if (this.#pieces === undefined) return
    for (const piece of this.#pieces) to.write(piece)
    to.end()
  }

  abort(): void {
    this.isAborted = true
    throw new Error('it says so loudly')
  }
}

/** A stream of the kind before `Readable`, as old libraries have them. */
export class OldStream extends Stream {
  isDestroyed = false

  destroy(): void {
    this.isDestroyed = true
  }
}
