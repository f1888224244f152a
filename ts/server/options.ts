import { flag, integer, MOST } from '../crossing/checks.ts'
import type { NativeOptions } from '../crossing/native.ts'
import { checkNames, show } from '../errors.ts'
import type { HttpRequest } from '../request/request.ts'
import { checkTrust, type ForwardedHeader, type Trust, type TrustProxy } from '../request/trust.ts'
import type { Append } from '../response/append.ts'
import type { OnError } from './dispatch.ts'
import { checkThreads, defaultThreads } from './io-threads.ts'
import { checkProxyProtocol, type ProxyProtocol } from './proxy-protocol.ts'

/** Options of a server. Times are in milliseconds, sizes in bytes; 0 turns a time-out off. */
export interface ServerOptions {
  /**
   * I/O threads, 1 to 64. With 0 there are none: JavaScript's own thread reads and writes, between
   * handlers and not while one runs; throws `ERR_UNSUPPORTED` in Bun and Deno and on Windows.
   * Default: one fewer than the cores or the quota of the container, 1 to 4.
   */
  ioThreads?: number
  /** Send small responses at once (`TCP_NODELAY`). Default true. */
  noDelay?: boolean
  /** Send `Date` (RFC 9110 §6.6.1). Default true. */
  date?: boolean
  /** Anything of yours: `server.userData`. Default: undefined. */
  userData?: unknown
  /**
   * Refuse an HTTP/1.1 request without a `Host`, or with an empty one (RFC 9112 §3.2): 400. With false both are
   * served, and `req.host` is ''. One that is no host, and two of them, are 400 in any case. Default true.
   */
  requireHostHeader?: boolean
  /** Longest request target in bytes, at most `maxHeaderSize`; more is 414. Default 8192. */
  maxRequestLine?: number
  /** Longest head in bytes, request line included; more is 431. Default 16384. */
  maxHeaderSize?: number
  /** Most field lines; more is 431. Default 100. */
  maxHeadersCount?: number
  /**
   * Largest decoded body in bytes; more is 413. Default 1048576 (1 MiB). At most a little less than
   * 2 GiB for bodies that are collected, and with `bodyMode: 'stream'` anything up to `Infinity`.
   */
  maxBodySize?: number
  /** Longest trailer section in bytes; more is 431. Default 8192. */
  maxTrailerSize?: number
  /** Longest chunk-size line in bytes; more is 400. Default 4096. */
  maxChunkExtensions?: number
  /** Unanswered requests of one connection; further ones wait. Default 16. */
  maxPipelined?: number
  /** Unsent response bytes of one connection above which it is not read. Default 65536 (64 KiB). */
  maxUnsentBytes?: number
  /** Bytes of unfinished requests in all above which reading pauses. Default 268435456 (256 MiB). */
  maxBufferedBytes?: number
  /** Open connections; further clients wait in the backlog. Default: as descriptors allow. */
  maxConnections?: number
  /** Requests after which a connection closes; 0 for no limit. Default 0. */
  maxRequestsPerSocket?: number
  /** Time for a whole head in milliseconds, at most `requestTimeout`. Default 10000. */
  headersTimeout?: number
  /** Time between two reads of a body in milliseconds, at most `requestTimeout`. Default 10000. */
  bodyTimeout?: number
  /** Bytes per second that a body must reach after 10 s; 0 for any. Default 1024. */
  minBodyRate?: number
  /** Time for a whole request in milliseconds. Default 300000 (5 minutes). */
  requestTimeout?: number
  /**
   * Time for a handler in milliseconds, from when its request was handed up; 503 and a close then, with
   * `Retry-After` exactly if the handler had not begun: then it never runs. Default 0 (off).
   */
  handlerTimeout?: number
  /** Time without progress of a response, in milliseconds. Default 30000. */
  writeTimeout?: number
  /** Time between requests of a connection, in milliseconds. Default 65000. */
  keepAliveTimeout?: number
  /**
   * Tell clients with `Keep-Alive: timeout=N` how long a connection may wait, in seconds and a second
   * less than the truth, so that none is used when it ends. An answer that sets the field has only its
   * own; raw ones are sent as they are. Default true.
   */
  keepAliveHeader?: boolean
  /**
   * Time in milliseconds for which a connection is kept behind its last response, so that this arrives
   * although the client is still sending (RFC 9112 §9.6); 0 for none. Default 2000.
   */
  lingerTimeout?: number
  /**
   * Bytes that are read and dropped meanwhile, or of a body whose request is answered; what the client
   * sends beyond them is left unread until it closes or `lingerTimeout` is over. Default 262144 (256 KiB).
   */
  lingerBytes?: number
  /**
   * Time in milliseconds that a request may wait for JavaScript, at most `handlerTimeout`; 503 with
   * `Retry-After` then, and its handler never runs. Of requests that are pipelined on one connection only the
   * first is refused: those behind it have their turn behind its answer. Default 0 (off).
   */
  maxQueueDelay?: number
  /**
   * Whether a body is collected before its handler is called ('buffer', the default), or read by the
   * handler as it comes ('stream'): then `body`, `text()`, `json()` and `buffer` of a request that has
   * one throw `ERR_BODY_STREAMED`, and `stream()` and `for await` have it.
   */
  bodyMode?: 'buffer' | 'stream'
  /**
   * Says of each request with Upgrade whether it is one: then `upgrade` is emitted; else, and if nobody
   * listens, it is an ordinary request. Default: one that offers `websocket`; offers of `h2c`, which Java's
   * HttpClient and curl make of any request, are none. What this answers itself, by `takeover()` or `raw()`,
   * goes to nobody else.
   */
  shouldUpgradeCallback?: (req: HttpRequest) => boolean
  /**
   * Proxies that say with the PROXY protocol whose connections they bring: `remoteAddress`, `remotePort`,
   * `localAddress` and `localPort` are then what they say. Default: none, and a header is no request.
   */
  proxyProtocol?: ProxyProtocol
  /**
   * Proxies that are believed what they say of the hop before them, for `req.ip`, `ips`, `protocol` and
   * `host`: a list of addresses, `{ hops }` or a function. Default: none, and all of them are the peer's.
   */
  trustProxy?: TrustProxy
  /** Where they say it; no other field is looked at. Default 'x-forwarded-for'. */
  forwardedHeader?: ForwardedHeader
  /** Hears of failing handlers. Default: prints method, path and error to stderr. */
  onError?: OnError
}

/** Options of a server without a handler. */
export interface AppendOptions extends ServerOptions {
  /** Answers each request by appending to a raw response. */
  append: Append
}

/** A head, its field lines and its parameters take up to so many times its bytes in a record. */
const HEAD_TIMES = 8
/** More would not fit into a record together with what is said of it. */
const MAX_HEAD = 1 << 26

/** Least, greatest and default value of each number. */
const NUMBERS = {
  maxRequestLine: [1, MAX_HEAD, 8192],
  maxHeaderSize: [64, MAX_HEAD, 16 << 10],
  maxHeadersCount: [1, 1 << 20, 100],
  maxTrailerSize: [0, MOST, 8192],
  maxChunkExtensions: [32, MOST, 4096],
  maxPipelined: [1, 1 << 16, 16],
  maxUnsentBytes: [1, Number.MAX_SAFE_INTEGER, 64 << 10],
  maxBufferedBytes: [1, Number.MAX_SAFE_INTEGER, 256 << 20],
  maxConnections: [1, MOST, 0],
  maxRequestsPerSocket: [0, MOST, 0],
  headersTimeout: [0, MOST, 10_000],
  bodyTimeout: [0, MOST, 10_000],
  minBodyRate: [0, MOST, 1024],
  requestTimeout: [0, MOST, 300_000],
  handlerTimeout: [0, MOST, 0],
  writeTimeout: [0, MOST, 30_000],
  keepAliveTimeout: [0, MOST, 65_000],
  lingerTimeout: [0, MOST, 2000],
  lingerBytes: [0, Number.MAX_SAFE_INTEGER, 256 << 10],
  maxQueueDelay: [0, MOST, 0],
} as const satisfies Record<string, readonly [number, number, number]>

/** The names of all options. */
export const OPTION_NAMES: readonly string[] = Object.keys(NUMBERS).concat(
  'ioThreads noDelay date keepAliveHeader requireHostHeader userData maxBodySize bodyMode onError append shouldUpgradeCallback proxyProtocol trustProxy forwardedHeader'.split(
    ' ',
  ),
)

/** One that is never reached because of another one contradicts it; 0 is no limit for times. */
const ORDERED = [
  ['maxRequestLine', 'maxHeaderSize'],
  ['headersTimeout', 'requestTimeout'],
  ['bodyTimeout', 'requestTimeout'],
  ['maxQueueDelay', 'handlerTimeout'],
] as const

/** Options with every default filled in. */
export interface CheckedOptions extends NativeOptions {
  readonly onError: OnError
  readonly shouldUpgradeCallback: ((req: HttpRequest) => unknown) | undefined
  readonly trust: Trust | undefined
}

/**
 * Checks every option; throws `TypeError` or `RangeError` naming option and value, or the two
 * options that contradict each other.
 */
export function checkOptions(options: ServerOptions): CheckedOptions {
  checkNames('option of createServer', options, OPTION_NAMES)
  const numbers = {} as Record<keyof typeof NUMBERS, number>
  for (const name of Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]) {
    const [least, greatest, fallback] = NUMBERS[name]
    numbers[name] = integer(name, options[name], least, greatest, fallback)
  }
  for (const [lesser, greater] of ORDERED) {
    const limit = numbers[greater]
    if (numbers[lesser] <= limit || limit === 0) continue
    if (options[lesser] !== undefined) {
      throw new RangeError(
        `${lesser} must be at most ${greater}, which is ${limit}, got ${numbers[lesser]}`,
      )
    }
    // A default gives way.
    numbers[lesser] = limit
  }
  const streamBodies = isStream(options.bodyMode)
  const maxCollectedBody = mostCollected(numbers.maxHeaderSize)
  const { onError = printError } = options
  if (typeof onError !== 'function')
    throw new TypeError(`onError must be a function, got ${show(onError)}`)
  const { shouldUpgradeCallback } = options
  if (shouldUpgradeCallback !== undefined && typeof shouldUpgradeCallback !== 'function') {
    throw new TypeError(
      `shouldUpgradeCallback must be a function, got ${show(shouldUpgradeCallback)}`,
    )
  }
  return {
    ...numbers,
    ioThreads: checkThreads(options.ioThreads, defaultThreads()),
    noDelay: flag('noDelay', options.noDelay, true),
    date: flag('date', options.date, true),
    keepAliveHeader: flag('keepAliveHeader', options.keepAliveHeader, true),
    streamBodies,
    nodeAnswers: false,
    hostRule: flag('requireHostHeader', options.requireHostHeader, true) ? 0 : 3,
    maxBodySize: bodySize(options.maxBodySize, streamBodies, maxCollectedBody),
    maxCollectedBody,
    onError,
    shouldUpgradeCallback,
    proxyProtocol: checkProxyProtocol(options.proxyProtocol),
    trust: checkTrust(options.trustProxy, options.forwardedHeader),
  }
}

/** The largest body that fits into one record with a head of this size. */
function mostCollected(headSize: number): number {
  return MOST - HEAD_TIMES * headSize - 4096
}

function bodySize(size: unknown, isStreamed: boolean, most: number): number {
  if (isStreamed && size === Infinity) return Infinity
  if (isStreamed) return integer('maxBodySize', size, 0, Number.MAX_SAFE_INTEGER, 1 << 20)
  try {
    return integer('maxBodySize', size, 0, most, 1 << 20)
  } catch (error) {
    if (error instanceof RangeError && typeof size === 'number' && size > most)
      error.message += "; larger ones need bodyMode: 'stream'"
    throw error
  }
}

function isStream(mode: unknown): boolean {
  if (mode !== undefined && mode !== 'buffer' && mode !== 'stream') {
    throw new TypeError(`bodyMode must be 'buffer' or 'stream', got ${show(mode)}`)
  }
  return mode === 'stream'
}

function printError(error: unknown, req: HttpRequest | undefined): void {
  if (req === undefined) console.error(error)
  else console.error(`${req.method} ${req.path}`, error)
}
