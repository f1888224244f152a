import { AsyncResource } from 'node:async_hooks'
import type { Unanswered } from '../crossing/chunk.ts'
import type { Lane } from '../crossing/lane.ts'
import { REQUEST } from '../crossing/layout.ts'
import type { Lease } from '../crossing/leases.ts'
import type { SystemError } from '../errors.ts'
import { abortRequest, endRequest } from '../request/ending.ts'
import { moveRecord, recordOf } from '../request/friends.ts'
import type { HttpRequest } from '../request/request.ts'
import type { HttpResult } from './response.ts'

/** Makes the answer in place of a file that cannot be opened; `error` is node's of `fs.open`. */
export type OnMissing = (error: SystemError) => HttpResult | Promise<HttpResult>

/** Calls what answers a request and adds something to its answer. */
export type Add = (
  answer: () => HttpResult | Promise<HttpResult>,
) => HttpResult | Promise<HttpResult>

/** Somebody who wants to hear that a file could not be opened, and until then that the client left. */
export class AwaitsFile implements Lease, Unanswered {
  readonly req: HttpRequest
  readonly path: string
  readonly onMissing: OnMissing
  readonly generation: number
  next: Unanswered | undefined = undefined
  /** Another answer is made. */
  isMissing = false
  /** In which the file was sent. */
  readonly scope: AsyncResource = new AsyncResource('FASTHTTPFILE')
  readonly #slot: number
  readonly #lane: Lane

  constructor(req: HttpRequest, path: string, onMissing: OnMissing) {
    const { chunk, at } = recordOf(req)
    this.req = req
    this.path = path
    this.onMissing = onMissing
    this.generation = chunk.words[at + REQUEST.generation] as number
    this.#slot = chunk.words[at + REQUEST.index] as number
    this.#lane = chunk.lane
    this.#lane.add(this.#slot, this)
  }

  move(): void {
    moveRecord(this.req)
  }

  abort(): void {
    abortRequest(this.req)
  }

  /** The file was opened, or was not. */
  finish(): void {
    this.#lane.remove(this.#slot, this)
    if (!this.isMissing) endRequest(this.req, 'sent')
  }
}
