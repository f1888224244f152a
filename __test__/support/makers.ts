import {
  bytes,
  empty,
  file,
  html,
  HttpError,
  json,
  redirect,
  sse,
  stream,
  text,
} from '../../ts/index.ts'

/** What takes the init of a response: an object of names, with field lines among them. */
export const MAKERS: Record<string, (init: never) => unknown> = {
  text: (init) => text('', init),
  html: (init) => html('', init),
  json: (init) => json(1, init),
  bytes: (init) => bytes(new Uint8Array(1), init),
  redirect: (init) => redirect('/', 302, init),
  empty: (init) => empty(204, init),
  file: (init) => file('/x', init),
  stream: (init) => stream([], init),
  sse: (init) => sse([], init),
  HttpError: (init) => new HttpError(400, '', init),
}
