/**
 * An HTTP/1.1 server: a handler gets a request and returns an answer; sockets, parsing and routing are
 * done natively, on threads of their own.
 *
 * @module fasthttp
 */

export { type HeaderInput, HttpError, type HttpErrorInit } from './errors.ts'
export type { Outcome } from './request/course.ts'
export {
  decodeRequest,
  frameExpectedTotal,
  frameHeadLength,
  type FrameLimits,
  frameRequestLength,
} from './request/frame.ts'
export type { HttpHeaders } from './request/headers.ts'
export type { Params } from './request/params.ts'
export { rawParams } from './request/friends.ts'
export type { HttpRequest } from './request/request.ts'
export type { RequestSlices, Slice } from './request/slices.ts'
export type { ForwardedHeader, TrustProxy } from './request/trust.ts'
export type { UpgradeHeaders, UpgradeRequest } from './request/upgrade.ts'
export { addHeaders } from './response/added.ts'
export type { Append, ResponseOut } from './response/append.ts'
export type { OnMissing } from './response/awaits-file.ts'
export { file, type FileInit } from './response/file.ts'
export type { ResponseInit } from './response/head.ts'
export type { MediaTypes } from './response/media.ts'
export {
  bytes,
  empty,
  html,
  type HttpResponse,
  type HttpResult,
  json,
  redirect,
  reply,
  text,
} from './response/response.ts'
export { sse, type ServerSentEvent, type SseSource } from './response/sse.ts'
export { stream, type StreamSource } from './response/stream.ts'
export type { ServeFilesOptions } from './router/folder.ts'
export type { RouteGroup } from './router/group.ts'
export type { Middleware, Next } from './router/middleware.ts'
export type { RouteHandler, RouteParams } from './router/route.ts'
export { cleanPath, type Match, Router } from './router/router.ts'
export type { PanicHandler, RouterOptions } from './router/routing.ts'
export type { RequestMessage } from './server/diagnostics.ts'
export type { Handler, OnError } from './server/dispatch.ts'
export type { Drained, DrainOptions } from './server/drain.ts'
export type { ListenOptions } from './server/listen.ts'
export type { AppendOptions, ServerOptions } from './server/options.ts'
export type { Readiness } from './server/probes.ts'
export type { ProxyProtocol } from './server/proxy-protocol.ts'
export { createServer, type Server } from './server/server.ts'
export type { ServerStats } from './server/stats.ts'
