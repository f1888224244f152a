/**
 * The API of Nim's `std/asynchttpserver` and `std/httpcore`: names, shapes and defaults. What goes over
 * the wire is `fasthttp`'s.
 *
 * | | Nim does | we do |
 * | --- | --- | --- |
 * | Q1 | a short request line takes what it lacks from the last request | 400, close |
 * | Q2 | a bare CR ends a line and eats a byte; so does a bare LF | 400, close (RFC 9112 §2.2) |
 * | Q3 | of lines with one name the last one wins, Content-Length and Cookie included | all are kept, in order; two Content-Lengths are 400 |
 * | Q4 | values are split at commas | never: `getAll` has one value for each line, without the white space around it |
 * | Q5 | Content-Length beside Transfer-Encoding wins | 400, close (RFC 9112 §6.3) |
 * | Q6 | one bad request is answered 400 several times | one reply, then close |
 * | Q7 | `headers` is one object for a connection, and changes under whoever keeps it | one for each request |
 * | Q8 | a callback that does not answer leaves its client waiting | 500, and `onError` hears of it |
 * | Q9 | `serve` dies when descriptors run out | clients wait in the kernel's queue, the server goes on |
 * | callback fails | the event loop ends | 500 (or the status of an `HttpError`), `onError`, the connection goes on |
 * | second answer | is written | throws `ERR_INVALID_STATE`, nothing is written |
 * | statuses | 400, 408, 411, 413, 417 | also 414, 431, 500, 501 (unknown method), 503, 505 |
 * | Host | not looked at | missing, double or malformed: 400 (RFC 9112 §3.2) |
 * | version | anything after `HTTP/` | `HTTP/1.0` and `HTTP/1.x` |
 * | Content-Length | a prefix that is a number | digits alone, or 400 |
 * | chunked | POST only, any size, trailers left unread | every method, within `maxBody`, trailers read and dropped |
 * | POST without a length | 411 | an empty body (RFC 9112 §6.3) |
 * | Expect | POST only; 100 before the size is known; 417 and then another answer | every method; 413 or 417 alone |
 * | Connection | the first value counts | the whole list, from the client and from the callback |
 * | `Connection: upgrade` | closes behind the callback | an ordinary request, unless `client` takes the connection |
 * | CONNECT | the target is taken for a scheme | a host and a port; accepted through `client` alone, 501 in the place of a 2xx |
 * | `//host/path` as target | a host | a path, which `toString` never turns into a host |
 * | HEAD, 204, 304 | have a body | have none |
 * | `respond` with CR or LF | injects field lines | throws `TypeError` |
 * | `respond` with a false Content-Length | believed | throws `TypeError` |
 * | fields of an answer | hash order, no Date | the order given; `Date`, and `Connection` where needed |
 * | `sendHeaders`, `client` | the connection is served on behind what was written by hand | it ends with the callback: the server cannot know where the answer ends |
 * | `readTimeout` | one timer for waiting and reading | the same time for waiting, and again for reading; half a request line is told 408 |
 * | descriptors | those of the event loop count | those of the process |
 * | `close` | pending accepts fail, connections are served for ever | the same for accepts; connections end behind their answers, and `serve` resolves |
 * | limits | 10,000 names of 8 KiB | 10,000 lines, 128 KiB in all |
 * | `body` | bytes | text (UTF-8); `bodyBytes` has the bytes |
 *
 * @module fasthttp/asynchttpserver
 */

export type { Client } from './client.ts'
export * from './code.ts'
export type { Domain } from './domain.ts'
export type { HeadersInput } from './fields.ts'
export {
  headerLimit,
  type HeaderPairs,
  HttpHeaders,
  httpNewLine,
  newHttpHeaders,
  type ParsedHeader,
  parseHeader,
} from './headers.ts'
export {
  HttpConnect,
  HttpDelete,
  HttpGet,
  HttpHead,
  HttpMethod,
  HttpOptions,
  HttpPatch,
  HttpPost,
  HttpPut,
  HttpTrace,
} from './method.ts'
export { type AsyncHttpServerOptions, nimMaxDescriptorsFallback } from './options.ts'
export { type Callback, Request, respond, sendHeaders } from './request.ts'
export { AsyncHttpServer, newAsyncHttpServer, type ServeOptions } from './server.ts'
export { combine, decodeQuery, parseTarget, parseUri, Uri } from './uri.ts'
export { decodeUrl, encodeQuery, encodeUrl, getDataUri, isAbsolute } from './url.ts'
export { HttpHeaderValues } from './values.ts'
export { HttpVer10, HttpVer11, type HttpVersion, isVersion, type Protocol } from './version.ts'
