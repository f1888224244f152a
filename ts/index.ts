export type { Append, ResponseOut } from './append.ts'
export type { Handler, OnError } from './batch.ts'
export type { RequestMessage } from './diagnostics.ts'
export { HttpError } from './errors.ts'
export type { HeaderInput } from './fields.ts'
export { file, type FileInit, type OnMissing } from './file.ts'
export {
  decodeRequest,
  frameExpectedTotal,
  frameHeadLength,
  type FrameLimits,
  frameRequestLength,
} from './frame.ts'
export type { ResponseInit } from './head.ts'
export type { HttpHeaders } from './headers.ts'
export type { ListenOptions } from './listen.ts'
export type { AppendOptions, ServerOptions } from './options.ts'
export type { HttpRequest, RequestSlices, Slice } from './request.ts'
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
export type { ServerStats } from './stats.ts'
export { createServer, type Server } from './server.ts'
export type { UpgradeHeaders, UpgradeRequest } from './upgrade.ts'
