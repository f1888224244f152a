import test from 'ava'
import type { EventEmitter } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import type { Writable } from 'node:stream'
import * as fasthttp from '../../ts/index.mts'
import type {
  Handler,
  HeaderInput,
  HttpHeaders,
  HttpRequest,
  HttpResponse,
  HttpResult,
  ListenOptions,
  Server,
  ServerOptions,
  Slice,
} from '../../ts/index.mts'

// The public types: this file compiles if they are what users rely on.

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Extends<A, B> = [A] extends [B] ? true : false

/** Compiles only if every member is true. */
function hold<_Checks extends readonly true[]>(): void {}

type Body = string | Uint8Array | null
type Init = { status?: number; statusText?: string; headers?: HeaderInput }

hold<
  [
    Same<HttpResult, Uint8Array | string | HttpResponse | Response>,
    Same<Handler, (req: HttpRequest) => HttpResult | Promise<HttpResult>>,
    Same<keyof Slice, 'start' | 'len'>,
    Same<Slice['start'] | Slice['len'], number>,
    Same<
      HeaderInput,
      | Record<string, string | readonly string[]>
      | Iterable<readonly [string, string]>
      | readonly (readonly [string, string])[]
    >,
  ]
>()

type Members =
  | 'method'
  | 'url'
  | 'path'
  | 'query'
  | 'searchParams'
  | 'httpVersion'
  | 'headers'
  | 'header'
  | 'body'
  | 'text'
  | 'json'
  | 'buffer'
  | 'slices'
  | 'params'
  | 'pattern'
  | 'remoteAddress'
  | 'remotePort'
  | 'localAddress'
  | 'localPort'
  | 'ip'
  | 'ips'
  | 'protocol'
  | 'host'
  | 'signal'
  | 'takeover'
  | 'raw'
  | 'stream'
  | 'earlyHints'
  | typeof Symbol.asyncIterator

hold<
  [
    Same<keyof HttpRequest, Members>,
    Same<HttpRequest['method' | 'url' | 'path' | 'query'], string>,
    Same<HttpRequest['searchParams'], URLSearchParams>,
    Same<HttpRequest['httpVersion'], '1.0' | '1.1'>,
    Same<HttpRequest['headers'], HttpHeaders>,
    Same<HttpRequest['header'], (name: string) => string | undefined>,
    // The platform's types take no other bytes as a body, in `new Response` and the like.
    Same<HttpRequest['body' | 'buffer'], Uint8Array<ArrayBuffer>>,
    Same<HttpRequest['text'], () => string>,
    Same<HttpRequest['json'], <T = unknown>() => T>,
    Same<keyof HttpRequest['slices'], 'method' | 'path' | 'version' | 'headerFields' | 'body'>,
    Same<HttpRequest['slices']['method'], Slice>,
    Same<HttpRequest['params'], Readonly<Record<string, string>>>,
    Same<HttpRequest['pattern'], string | undefined>,
    Same<HttpRequest['remoteAddress' | 'localAddress'], string>,
    Same<HttpRequest['remotePort' | 'localPort'], number>,
    Same<HttpRequest['ip' | 'host'], string>,
    Same<HttpRequest['ips'], readonly string[]>,
    Same<HttpRequest['protocol'], 'http' | 'https'>,
    Same<HttpRequest['signal'], AbortSignal>,
    Same<HttpRequest['takeover'], () => Socket>,
    Same<HttpRequest['raw'], () => Writable>,
    Extends<HttpHeaders, Iterable<[name: string, value: string]>>,
    Same<HttpHeaders['get'], (name: string) => string | undefined>,
    Same<HttpHeaders['getAll'], (name: string) => string[]>,
    Same<HttpHeaders['has'], (name: string) => boolean>,
    Same<HttpHeaders['size'], number>,
  ]
>()

hold<
  [
    Same<keyof HttpResponse, 'status' | 'headers' | 'body'>,
    Same<HttpResponse['headers'], HeaderInput | undefined>,
    Extends<
      typeof fasthttp.reply,
      (status: number, body?: Body, headers?: HeaderInput) => HttpResponse
    >,
    Extends<typeof fasthttp.text, (body: string, init?: Init) => HttpResponse>,
    Extends<typeof fasthttp.html, (body: string, init?: Init) => HttpResponse>,
    Extends<typeof fasthttp.json, (value: unknown, init?: Init) => HttpResponse>,
    Extends<
      typeof fasthttp.bytes,
      (body: Uint8Array, init?: Init & { transfer?: boolean }) => HttpResponse
    >,
    Extends<
      typeof fasthttp.redirect,
      (location: string, status?: 301 | 302 | 303 | 307 | 308, init?: Init) => HttpResponse
    >,
    Extends<typeof fasthttp.empty, (status?: number, init?: Init) => HttpResponse>,
    Extends<
      typeof fasthttp.HttpError,
      new (status: number, message?: string, init?: fasthttp.HttpErrorInit) => fasthttp.HttpError
    >,
    Extends<fasthttp.HttpError, Error>,
    Same<fasthttp.HttpError['status'], number>,
  ]
>()

type Numbers =
  | 'ioThreads'
  | 'maxRequestLine'
  | 'maxHeaderSize'
  | 'maxHeadersCount'
  | 'maxBodySize'
  | 'maxTrailerSize'
  | 'maxChunkExtensions'
  | 'maxPipelined'
  | 'maxUnsentBytes'
  | 'maxBufferedBytes'
  | 'maxConnections'
  | 'maxRequestsPerSocket'
  | 'headersTimeout'
  | 'bodyTimeout'
  | 'minBodyRate'
  | 'requestTimeout'
  | 'handlerTimeout'
  | 'writeTimeout'
  | 'keepAliveTimeout'
  | 'lingerTimeout'
  | 'maxQueueDelay'

hold<
  [
    Extends<Record<Numbers, number>, ServerOptions>,
    Extends<{ noDelay: boolean; date: boolean; userData: unknown }, ServerOptions>,
    Extends<Numbers | 'noDelay' | 'date' | 'userData' | 'onError', keyof ServerOptions>,
    Extends<{}, ServerOptions>,
    Same<
      NonNullable<ServerOptions['onError']>,
      (error: unknown, req: HttpRequest | undefined) => void
    >,
    Same<
      keyof ListenOptions,
      | 'port'
      | 'host'
      | 'path'
      | 'fd'
      | 'systemd'
      | 'notify'
      | 'backlog'
      | 'ipv6Only'
      | 'reusePort'
      | 'signal'
    >,
    Extends<{}, ListenOptions>,
    Extends<Server, EventEmitter & AsyncDisposable>,
    Same<
      Server['close'],
      (options?: { timeout?: number } | ((error?: Error) => void)) => Promise<void>
    >,
    Same<Server['address'], () => AddressInfo | string | null>,
    Same<Server['closeIdleConnections'], () => void>,
    Same<Server['closeAllConnections'], () => void>,
    Same<Server['listening'], boolean>,
    Same<Server['fd'], () => number>,
    Extends<Server['ready'], (path: string) => { isReady: boolean }>,
    Extends<Server['alive'], (path: string) => Server>,
    Same<Server['signal'], AbortSignal>,
    Extends<Promise<{ readonly cut: number }>, ReturnType<Server['drain']>>,
  ]
>()

/** Calls that must compile; they are not made. */
export function calls(server: Server, handler: Handler, options: ServerOptions): void {
  const made: Server[] = [
    fasthttp.createServer(handler),
    fasthttp.createServer(handler, options),
    fasthttp.createServer(options, handler),
    server.ref(),
    server.unref(),
  ]
  const listening: Promise<Server>[] = [
    server.listen(),
    server.listen(0, 'host', 5, () => undefined),
    server.listen(0, undefined, undefined, () => undefined),
    server.listen({ port: 0 }, () => undefined),
    server.listen('/path', () => undefined),
  ]
  void [made, listening]
  // @ts-expect-error A handler must answer.
  fasthttp.createServer(() => undefined)
  // @ts-expect-error A number is no answer.
  fasthttp.createServer(() => 7)
  // @ts-expect-error No such option.
  fasthttp.createServer(handler, { maxHeaders: 7 })
  // @ts-expect-error A request is read-only.
  fasthttp.createServer((req) => (req.method = 'GET'))
}

test('the package exports what is public, and nothing else', (t) => {
  t.deepEqual(Object.keys(fasthttp).toSorted(), [
    'HttpError',
    'Router',
    'addHeaders',
    'bytes',
    'cleanPath',
    'createServer',
    'decodeRequest',
    'empty',
    'file',
    'frameExpectedTotal',
    'frameHeadLength',
    'frameRequestLength',
    'html',
    'json',
    'rawParams',
    'redirect',
    'reply',
    'sse',
    'stream',
    'text',
  ])
})
