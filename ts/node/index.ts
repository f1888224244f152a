/**
 * The API of `node:http` with another server: what a handler gets are node's own classes, what reads and writes
 * is the addon. What is here besides `Server` and `createServer` is node's own.
 *
 * @module fasthttp/node
 */

export {
  Agent,
  ClientRequest,
  get,
  globalAgent,
  IncomingMessage,
  maxHeaderSize,
  METHODS,
  OutgoingMessage,
  request,
  ServerResponse,
  setMaxIdleHTTPParsers,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http'
export type {
  AgentOptions,
  ClientRequestArgs,
  IncomingHttpHeaders,
  InformationEvent,
  OutgoingHttpHeader,
  OutgoingHttpHeaders,
  RequestListener,
  RequestOptions,
  ServerOptions,
} from 'node:http'
export { createServer, Server, type ServerConstructor, type NodeServerOptions } from './server.ts'
