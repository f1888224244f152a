import { STATUS_CODES } from 'node:http'
import { BODY, type Incoming } from '../crossing/incoming.ts'
import { REQUEST } from '../crossing/layout.ts'
import { AHEAD, PORTION, portionsUpTo, pullOf } from '../crossing/pull.ts'
import { coded, HttpError } from '../errors.ts'
import { chunkOf, courseOf, placeOf } from './friends.ts'
import type { HttpRequest } from './request.ts'
import { sendStep } from './step.ts'

/** The body of a request as it comes: pulled by whoever reads it, by nobody else. */
export class Intake implements Incoming, AsyncIterableIterator<Buffer> {
  readonly generation: number
  readonly sequence: number
  readonly #pull: (portions: number) => void
  readonly #left: () => Error
  readonly #chunks: Buffer[] = []
  /** The last piece, which smaller ones are added to: each alone costs more than it holds. */
  #open: { bytes: Buffer; length: number } | undefined = undefined
  #held = 0
  #asked = 0
  /** Bytes ahead of the reader: more once he has waited for what comes, for what waits for him outlives collections. */
  #window = PORTION
  #hasCome = false
  #end: Error | true | undefined = undefined
  #lost: Error | undefined = undefined
  /** Breaks the web stream. */
  #break: ((error: Error) => void) | undefined = undefined
  #waiting: {
    resolve: (result: IteratorResult<Buffer>) => void
    reject: (error: Error) => void
  }[] = []

  /** `pull` asks for more; `left` is the error for a client that has left. */
  constructor(
    generation: number,
    sequence: number,
    pull: (portions: number) => void,
    left: () => Error,
  ) {
    this.generation = generation
    this.sequence = sequence
    this.#pull = pull
    this.#left = left
  }

  /** A body that is there already. */
  static whole(bytes: Buffer): Intake {
    const intake = new Intake(
      0,
      0,
      () => undefined,
      () => failure(BODY.answered),
    )
    if (bytes.byteLength > 0) intake.#chunks.push(bytes)
    intake.#held = bytes.byteLength
    intake.#end = true
    return intake
  }

  /** What readers hear if the client has left. */
  get lost(): Error | undefined {
    return this.#lost
  }

  push(bytes: Buffer): void {
    if (this.#end !== undefined) return
    this.#asked -= bytes.byteLength
    this.#hasCome = true
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) {
      waiting.resolve({ value: bytes, done: false })
      if (this.#waiting.length > 0) this.#ask()
      return
    }
    this.#keep(bytes)
    this.#held += bytes.byteLength
  }

  #keep(bytes: Buffer): void {
    const open = this.#open
    const length = (open?.length ?? 0) + bytes.byteLength
    if (open === undefined || length > PORTION) {
      if (open !== undefined) this.#chunks.push(open.bytes.subarray(0, open.length))
      this.#open = { bytes, length: bytes.byteLength }
      return
    }
    if (length > open.bytes.byteLength) {
      const larger = Buffer.allocUnsafeSlow(Math.min(PORTION, 2 * length))
      open.bytes.copy(larger, 0, 0, open.length)
      open.bytes = larger
    }
    bytes.copy(open.bytes, open.length)
    open.length = length
  }

  /** Takes the first piece that is here. */
  #take(): Buffer | undefined {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined || this.#open === undefined) return chunk
    const { bytes, length } = this.#open
    this.#open = undefined
    return bytes.subarray(0, length)
  }

  /** No more will come; what is here can still be read, unless it is a part of something broken. */
  end(code: number): void {
    if (this.#end !== undefined) return
    if (code === BODY.lost) this.#lost = this.#left()
    this.fail(code === BODY.complete ? true : (this.#lost ?? failure(code)))
    if (this.#lost !== undefined) this.#break?.(this.#lost)
  }

  /** The same with the error that readers get. */
  fail(end: Error | true): void {
    if (this.#end !== undefined) return
    this.#end = end
    for (const waiting of this.#waiting.splice(0)) this.#settle(waiting.resolve, waiting.reject)
  }

  /** The next piece. Rejects when the client left, broke a rule, or got its answer before. */
  next(): Promise<IteratorResult<Buffer>> {
    const chunk = this.#take()
    if (chunk !== undefined) {
      this.#held -= chunk.byteLength
      this.#ask()
      return Promise.resolve({ value: chunk, done: false })
    }
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return this.#settle(resolve, reject)
      this.#waiting.push({ resolve, reject })
      if (this.#hasCome) this.#window = Math.min(2 * this.#window, AHEAD)
      this.#ask()
    })
  }

  /** Nobody wants the rest: it is dropped when the answer is given. */
  return(): Promise<IteratorResult<Buffer>> {
    this.#drop()
    this.end(BODY.answered)
    this.#end = true
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /**
   * The same as a web stream, which asks for a chunk only when one is read. When the client leaves it fails at
   * once, as the Fetch API has the body of an aborted request fail: what has arrived is no longer read.
   */
  web(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#break = (error) => {
            this.#drop()
            controller.error(error)
          }
          if (this.#lost !== undefined) this.#break(this.#lost)
        },
        pull: async (controller) => {
          const { value, done } = await this.next()
          if (done === true) controller.close()
          else controller.enqueue(value)
        },
        cancel: async () => void (await this.return()),
      },
      { highWaterMark: 0 },
    )
  }

  #drop(): void {
    this.#chunks.length = 0
    this.#open = undefined
    this.#held = 0
  }

  #ask(): void {
    const ahead = this.#asked + this.#held
    // Not for each piece: to ask costs as much as to read.
    if (this.#end !== undefined || ahead > (this.#window - PORTION) / 2) return
    const portions = portionsUpTo(this.#window, ahead)
    this.#asked += portions * PORTION
    this.#pull(portions)
  }

  #settle(resolve: (result: IteratorResult<Buffer>) => void, reject: (error: Error) => void): void {
    if (this.#end instanceof Error) reject(this.#end)
    else resolve({ value: undefined, done: true })
  }
}

function failure(code: number): Error {
  if (code === BODY.answered) {
    return coded('ERR_INVALID_STATE', new Error('the answer was given before the body was read'))
  }
  return new HttpError(code, STATUS_CODES[code])
}

/** @internal Makes ready for a body that comes in pieces. */
export function openIntake(request: HttpRequest): void {
  const { lane, words } = chunkOf(request)
  const at = placeOf(request)
  const generation = words[at + REQUEST.generation] as number
  const sequence = (words[at + REQUEST.meta] as number) & 0x3fffff
  const course = courseOf(request)
  const pull = (portions: number): void => sendStep(request, pullOf(portions))
  const intake = new Intake(generation, sequence, pull, () => course.left)
  course.intake = intake
  lane.addIntake(words[at + REQUEST.index] as number, intake)
}
