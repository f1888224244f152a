import { type Chunk, keep, type Kept, letGo, type Unanswered } from '../crossing/chunk.ts'
import type { Lane } from '../crossing/lane.ts'
import { REQUEST } from '../crossing/layout.ts'
import { abortRequest } from '../request/ending.ts'
import { chunkOf, moveRecord, recordOf } from '../request/friends.ts'
import type { HttpRequest } from '../request/request.ts'
import type { HttpResult } from './response.ts'

/** A request whose handler has returned a promise. */
export class Pending implements Kept {
  readonly req: HttpRequest
  readonly generation: number
  readonly #lane: Lane
  readonly #slot: number
  next: Unanswered | undefined = undefined
  place = -1
  done = false

  constructor(req: HttpRequest, chunk: Chunk) {
    const { words } = chunk
    const { at } = recordOf(req)
    this.req = req
    this.generation = words[at + REQUEST.generation] as number
    this.#slot = words[at + REQUEST.index] as number
    this.#lane = chunk.lane
    keep(chunk, this)
    this.#lane.add(this.#slot, this)
  }

  finish(): void {
    this.done = true
    this.#lane.remove(this.#slot, this)
    letGo(chunkOf(this.req), this)
  }

  move(): void {
    moveRecord(this.req)
  }

  /**
   * The client is gone, or sends no more: nobody but the promise holds it from here on, which may never be
   * settled now.
   */
  abort(): void {
    const chunk = chunkOf(this.req)
    this.#lane.remove(this.#slot, this)
    // A chunk of its own, which a large request has, need not be left.
    if (this.#lane.shares(chunk)) {
      this.move()
      letGo(chunk, this)
    }
    abortRequest(this.req)
  }
}

/** Whether a handler's result comes later. */
export function isThenable(value: unknown): value is PromiseLike<HttpResult> {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof Promise || typeof (value as { then?: unknown }).then === 'function'
}
