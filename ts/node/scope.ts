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
