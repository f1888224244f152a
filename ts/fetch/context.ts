import type { Socket } from 'node:net'
import type { HttpRequest } from '../index.ts'

/** What a fetch handler gets besides the request. */
export interface FetchContext {
  /** The client's address; '' for a Unix socket. */
  readonly remoteAddress: string
  /** The client's port; 0 for a Unix socket. */
  readonly remotePort: number
  /** The request below: fields as sent, `earlyHints`, `raw`, `params` of a route. */
  readonly request: HttpRequest
  /**
   * Takes the connection over, as `HttpRequest.takeover` does; what the handler returns is ignored. For
   * WebSockets. Throws what that throws: `ERR_INVALID_STATE` also for a request whose body is not read to its end.
   */
  upgrade(): Socket
  /**
   * Work that goes on behind the answer. What it fails with is told to `onError`. In a server of this module the
   * promises of `close` and `drain`, and the callback of `close`, come behind it, until their `timeout` has
   * passed; the event `close` says only that the connections are over.
   */
  waitUntil(work: PromiseLike<unknown>): void
}

/** Who looks after work that goes on behind the answer. */
export type Keep = (work: PromiseLike<unknown>, req: HttpRequest) => void

/** A context that makes nothing before it is asked. Its methods can be taken off it. */
export class LazyContext implements FetchContext {
  readonly request: HttpRequest
  readonly #keep: Keep

  constructor(request: HttpRequest, keep: Keep) {
    this.request = request
    this.#keep = keep
  }

  get remoteAddress(): string {
    return this.request.remoteAddress
  }

  get remotePort(): number {
    return this.request.remotePort
  }

  get upgrade(): () => Socket {
    return () => this.request.takeover()
  }

  get waitUntil(): (work: PromiseLike<unknown>) => void {
    return (work) => this.#keep(work, this.request)
  }
}
