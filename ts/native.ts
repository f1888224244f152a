import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** The native half of a server; see native/bridge/server.rs. */
export interface NativeServer {
  listen(options: NativeListenOptions): NativeListenResult
  wake(lane: number, inAHurry: boolean): void
  lend(lane: number, chunk: Uint8Array): void
  answer(lane: number, words: Int32Array, head: Uint8Array, body: Uint8Array, lent: number): void
  takeLarge(lane: number, id: number): Uint8Array
  takeOver(lane: number, index: number, generation: number, meta: number): NativeTaken
  setTunnels(serves: boolean): void
  close(timeout?: number): void
  closeConnections(all: boolean): void
  join(): void
  setRef(keep: boolean): void
  failure(): string | null
  stats(): number[]
}

/** A connection that was taken over. */
export interface NativeTaken {
  /** Belongs to the caller. */
  fd: number
  bytes: Uint8Array
  isFree: boolean
}

/** Where to listen. */
export interface NativeListenOptions {
  host?: string
  port?: number
  path?: string
  backlog: number
  ipv6Only: boolean
  reusePort: boolean
}

/** An address, or the call that failed. */
export interface NativeListenResult {
  address?: string
  port?: number
  syscall?: string
  errno?: number
}

/** Options with every default filled in. */
export interface NativeOptions {
  ioThreads: number
  noDelay: boolean
  date: boolean
  maxRequestLine: number
  maxHeaderSize: number
  maxHeadersCount: number
  maxBodySize: number
  maxTrailerSize: number
  maxChunkExtensions: number
  maxPipelined: number
  maxUnsentBytes: number
  maxBufferedBytes: number
  maxConnections: number
  maxRequestsPerSocket: number
  maxQueueDelay: number
  headersTimeout: number
  bodyTimeout: number
  minBodyRate: number
  requestTimeout: number
  handlerTimeout: number
  writeTimeout: number
  keepAliveTimeout: number
  lingerTimeout: number
}

interface Native {
  NativeServer: new (
    options: NativeOptions,
    lanes: { words: Int32Array; ring: Uint8Array }[],
    scheduled: Int32Array,
    drain: () => void,
  ) => NativeServer
  layout(): Record<string, number>
  statNames(): string[]
  methodNames(): string[]
  contentTypes(): string[]
  faults(): { status: number; name: string }[]
  frameHeadLength(bytes: Uint8Array, maxHeader: number, maxBody: number): number
  frameExpectedTotal(bytes: Uint8Array, maxHeader: number, maxBody: number): number
  frameRequestLength(bytes: Uint8Array, maxHeader: number, maxBody: number): number
  decodeRequest(
    bytes: Uint8Array,
    maxHeader: number,
    maxBody: number,
  ): { record?: Uint8Array; fault: number }
  rawErrorMessage(reason: number): string
}

const require = createRequire(import.meta.url)

function load(): Native {
  const { platform, arch } = process
  const libc = platform !== 'linux' ? '' : isMusl() ? '-musl' : '-gnu'
  const file = `fasthttp.${platform}-${arch}${libc}.node`
  // The compiled file is dist/ts/native.js, two folders below the package.
  const path = fileURLToPath(new URL(`../../npm/local/${file}`, import.meta.url))
  try {
    return require(path) as Native
  } catch (cause) {
    throw new Error(`fasthttp has no binary for ${platform}-${arch}${libc}: tried ${path}`, {
      cause,
    })
  }
}

function isMusl(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return report.header?.glibcVersionRuntime === undefined
}

/** The addon. */
export const native: Native = load()
