// Written by `npm run entries`.
import './crossing/required.ts'

export type * from './index.ts'
export {
  HttpError,
  Router,
  addHeaders,
  bytes,
  cleanPath,
  createServer,
  decodeRequest,
  empty,
  file,
  frameExpectedTotal,
  frameHeadLength,
  frameRequestLength,
  html,
  json,
  rawParams,
  redirect,
  reply,
  sse,
  stream,
  text,
} from './index.ts'
