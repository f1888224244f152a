export type { Client } from './client.ts'
export * from './code.ts'
export type { Domain } from './domain.ts'
export type { HeadersInput } from './fields.ts'
export {
  headerLimit,
  HttpHeaders,
  httpNewLine,
  newHttpHeaders,
  type ParsedHeader,
  parseHeader,
} from './headers.ts'
export { HttpMethod } from './method.ts'
export type { AsyncHttpServerOptions } from './options.ts'
export { type Callback, Request, respond, sendHeaders } from './request.ts'
export {
  AsyncHttpServer,
  newAsyncHttpServer,
  nimMaxDescriptorsFallback,
  type ServeOptions,
} from './server.ts'
export { combine, decodeQuery, parseTarget, parseUri, Uri } from './uri.ts'
export { HttpHeaderValues } from './values.ts'
export { HttpVer10, HttpVer11, type HttpVersion, isVersion, type Protocol } from './version.ts'
