/**
 * Handlers of the Fetch API, from `Request` to `Response`, as Hono, h3, tRPC and their like are.
 *
 * @module fasthttp/fetch
 */

export type { FetchContext } from './context.ts'
export { FastResponse } from './fast-response.ts'
export { type FetchHandler, type FetchHandlerOptions, toHandler } from './handler.ts'
export type { FetchRequest } from './request.ts'
export { createServer, type FetchServerOptions, serve, type ServeOptions } from './serve.ts'
