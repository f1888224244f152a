import http, { type ServerOptions as NodeOptions } from 'node:http'
import type { NativeListenOptions, NativeOptions } from '../crossing/native.ts'
import { canShareThread, checkThreads, defaultThreads } from '../server/io-threads.ts'

/** Options of node's `http.createServer`, and those of ours that have no counterpart there. */
export interface NodeServerOptions extends NodeOptions {
  /**
   * I/O threads, up to 64. With 0, the default, there are none: JavaScript's own thread reads and writes, as in
   * node. Where that cannot be had (Windows) there is one thread for each core but one, 1 to 4.
   */
  ioThreads?: number
}

/** A server, of which the addon is told what it may do. */
interface Configured extends http.Server {
  readonly noDelay: boolean
  readonly requiresHost: boolean
}

/** As many as node has: who blocks JavaScript knows that it serves nobody meanwhile. */
function fewest(): number {
  return canShareThread() ? 0 : defaultThreads()
}

const threads = new WeakMap<object, number>()

/**
 * Notes how many I/O threads a server wants. Throws `TypeError` or `RangeError` for what is no number of
 * threads, and `ERR_UNSUPPORTED` for 0 where that cannot be had.
 */
export function setThreads(server: object, count: unknown): void {
  threads.set(server, checkThreads(count, fewest()))
}

/** Milliseconds between requests, at which the addon looks; 0 where somebody is to hear of their end. */
export function keepAliveOf(server: http.Server): number {
  if (server.listenerCount('timeout') > 0) return 0
  const { keepAliveTimeout, keepAliveTimeoutBuffer = 1000 } = server as http.Server & {
    keepAliveTimeoutBuffer?: number
  }
  return time(keepAliveTimeout) > 0 ? keepAliveTimeout + keepAliveTimeoutBuffer : 0
}

/** A time as node takes it: what is no number of milliseconds is none. */
export function time(ms: unknown): number {
  return typeof ms === 'number' && ms > 0 ? Math.min(ms, 0x7fffffff) : 0
}

/** Bytes of the body of an upgrade, which is there whole when its listener is called; node reads as much at once. */
const MOST_COLLECTED = 64 << 10

/** What node has no limit for has none here; what it has is taken from the server as it is now. */
export function optionsOf(server: Configured): NativeOptions {
  const { maxHeaderSize = http.maxHeaderSize } = server as unknown as {
    maxHeaderSize: number | undefined
  }
  return {
    ioThreads: threads.get(server) ?? fewest(),
    noDelay: server.noDelay,
    date: true,
    maxRequestLine: maxHeaderSize,
    maxHeaderSize,
    // Node leaves out what is too many, and refuses nothing.
    maxHeadersCount: 1 << 20,
    maxBodySize: Infinity,
    maxCollectedBody: MOST_COLLECTED,
    maxTrailerSize: maxHeaderSize,
    maxChunkExtensions: 16 << 10,
    maxPipelined: 1 << 16,
    maxUnsentBytes: 64 << 10,
    maxBufferedBytes: Number.MAX_SAFE_INTEGER,
    // Who is too many is turned away; see dropping.ts.
    maxConnections: 0,
    maxRequestsPerSocket: 0,
    streamBodies: true,
    maxQueueDelay: 0,
    headersTimeout: time(server.headersTimeout),
    bodyTimeout: 0,
    minBodyRate: 0,
    requestTimeout: time(server.requestTimeout),
    handlerTimeout: 0,
    writeTimeout: 0,
    keepAliveTimeout: keepAliveOf(server),
    keepAliveHeader: false,
    lingerTimeout: 2000,
    // Node reads a body to its end, whoever answers before that.
    lingerBytes: Number.MAX_SAFE_INTEGER,
    nodeAnswers: true,
    // Node's code looks whether it is there.
    hostRule: server.requiresHost ? 1 : 2,
  }
}

/** Where to listen, by what node's `listen` has understood: the first that can be had. */
export function addressesOf(
  address: string | null,
  port: number,
  backlog: number,
  flags: number,
): NativeListenOptions[] {
  const common = {
    scope: 0,
    backlog,
    ipv6Only: (flags & IPV6_ONLY) !== 0,
    reusePort: (flags & REUSE_PORT) !== 0,
    reuseAddress: true,
    onDemand: false,
  }
  if (port === -1) return [{ ...common, path: address as string }]
  const hosts = address ? [address] : ['::', '0.0.0.0']
  return hosts.map((host) => ({ ...common, host, port }))
}

/** libuv's flags of a bind. */
const [IPV6_ONLY, REUSE_PORT] = [1, 2]
