import { AsyncResource } from 'node:async_hooks'
import { MANUAL } from '../crossing/scope.ts'

/** In which all that belongs to a request happens. It has the name and the fields of node's. */
export class HTTPServerAsyncResource extends AsyncResource {
  readonly type = 'HTTPINCOMINGMESSAGE'
  /** The connection that the request has come on. */
  readonly socket: object

  constructor(socket: object) {
    super('HTTPINCOMINGMESSAGE', MANUAL)
    this.socket = socket
  }
}

/**
 * Has what is told of a connection happen in a scope of its own: what comes together is of several clients, and
 * what a listener has entered is not for those who come behind.
 */
export function apart(task: () => void): void {
  const scope = new AsyncResource('FASTHTTPCONNECTION', MANUAL)
  scope.runInAsyncScope(task)
  scope.emitDestroy()
}
