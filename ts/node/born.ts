import { IncomingMessage, type Server, ServerResponse } from 'node:http'
import { requestClassOf, responseClassOf, setResponseClass } from './internals.ts'

/** An application that gives each request and response a prototype of its own, as Express does. */
interface Application {
  readonly handle: unknown
  readonly request: object
  readonly response: object
}

/** The classes of a server's requests and responses. */
export class Classes {
  readonly #server: Server
  readonly #response: typeof ServerResponse
  #listener: unknown = undefined
  #prototypes: readonly [object, object] | undefined = undefined
  /** By which the next request is made. */
  request: typeof IncomingMessage

  constructor(server: Server) {
    this.#server = server
    this.request = requestClassOf(server)
    this.#response = responseClassOf(server)
  }

  /**
   * Looks who gets the next request. Express changes the prototype of each request and response, which
   * on Node 20 costs more than all the rest: V8 gives each of them classes of its own. Those that are
   * made with these prototypes stay as they are.
   */
  look(): void {
    const { request: listener } = (this.#server as unknown as { _events: Record<string, unknown> })
      ._events
    const app = listener as Application | undefined
    if (listener === this.#listener) {
      const known = this.#prototypes
      if (known === undefined || (app?.request === known[0] && app.response === known[1])) return
    }
    this.#listener = listener
    this.#prototypes = undefined
    this.request = requestClassOf(this.#server)
    if (this.#response !== ServerResponse || this.request !== IncomingMessage) return
    setResponseClass(this.#server, this.#response)
    if (!isApplication(listener)) return
    this.#prototypes = [listener.request, listener.response]
    this.request = born(IncomingMessage, listener.request)
    setResponseClass(this.#server, born(ServerResponse, listener.response))
  }
}

function isApplication(listener: unknown): listener is Application {
  if (typeof listener !== 'function') return false
  const { handle, request, response } = listener as Partial<Application>
  return (
    typeof handle === 'function' &&
    request instanceof IncomingMessage &&
    response instanceof ServerResponse
  )
}

/**
 * A constructor of node's whose objects have this prototype. It inherits from node's: V8 sizes objects
 * by the parents of their constructor.
 */
function born<C extends abstract new (...args: never[]) => object>(made: C, prototype: object): C {
  function Born(this: object, ...args: never[]): void {
    ;(made as unknown as (...all: never[]) => void).apply(this, args)
  }
  Object.setPrototypeOf(Born, made)
  Born.prototype = prototype
  return Born as unknown as C
}
