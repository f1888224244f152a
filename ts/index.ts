export { addHeaders } from './added.ts'
export type { Append, ResponseOut } from './append.ts'
export type { Handler, OnError } from './dispatch.ts'
export type { RequestMessage } from './diagnostics.ts'
export { HttpError, type HttpErrorInit } from './errors.ts'
export type { HeaderInput } from './errors.ts'
export { file, type FileInit, type OnMissing } from './file.ts'
export {
  decodeRequest,
  frameExpectedTotal,
  frameHeadLength,
  type FrameLimits,
  frameRequestLength,
} from './frame.ts'
export type { ServeFilesOptions } from './folder.ts'
export type { ResponseInit } from './head.ts'
export type { RouteGroup } from './group.ts'
export type { HttpHeaders } from './headers.ts'
export type { ListenOptions } from './listen.ts'
export type { MediaTypes } from './media.ts'
export type { Middleware, Next } from './middleware.ts'
export type { AppendOptions, ServerOptions } from './options.ts'
export type { Params } from './params.ts'
export { type HttpRequest, rawParams } from './request.ts'
export type { RequestSlices, Slice } from './slices.ts'
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
} from './response.ts'
export type { RouteHandler, RouteParams } from './route.ts'
export { cleanPath, type Match, Router } from './router.ts'
export type { PanicHandler, RouterOptions } from './routing.ts'
export type { ServerStats } from './stats.ts'
export { sse, type ServerSentEvent, type SseSource } from './sse.ts'
export { stream, type StreamSource } from './stream.ts'
export { createServer, type Server } from './server.ts'
export type { UpgradeHeaders, UpgradeRequest } from './upgrade.ts'
export type { Outcome } from './ending.ts'
