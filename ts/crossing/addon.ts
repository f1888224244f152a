/** The native half of a server; see native/bridge/server.rs. */
export interface NativeServer {
  listen(options: NativeListenOptions): NativeListenResult
  open(): NativeListenResult
  wake(lane: number, inAHurry: boolean): void
  flush(): void
  taken(index: number, generation: number): number
  lend(lane: number, chunk: Uint8Array): void
  answer(lane: number, words: Int32Array, head: Uint8Array, body: Uint8Array, lent: number): void
  post(
    lane: number,
    large: readonly Uint8Array[],
    lent: number,
    isLast: boolean,
    asks: boolean,
  ): number
  takeLarge(lane: number, id: number): Uint8Array
  dropLarge(lane: number, id: number): void
  takeOver(lane: number, index: number, generation: number, meta: number): NativeTaken
  finish(lane: number, index: number, generation: number, meta: number): void
  setTimes(keepAliveTimeout: number, headersTimeout: number, requestTimeout: number): void
  setMaxRequests(most: number): void
  setMostConnections(most?: number): void
  cut(lane: number, index: number, generation: number, how: number): void
  claim(fd: number, head: Uint8Array): void
  abandon(fd: number): void
  accept(ticket: number): void
  setTunnels(serves: boolean): void
  introduce(): void
  setRefusals(tells: boolean): void
  setContinues(serves: boolean): void
  setExpectations(serves: boolean): void
  setUpgrades(serves: boolean, webSocketsOnly: boolean): void
  acceptNoMore(): void
  count(): number
  adopt(lane: number, fd: number): number
  unsent(lane: number, index: number, generation: number): number
  setNoDelay(lane: number, index: number, generation: number, isOn: boolean): void
  setKeepAlive(
    lane: number,
    index: number,
    generation: number,
    isOn: boolean,
    seconds: number,
  ): void
  close(timeout?: number): void
  shareListener(): void
  addProbe(path: string, isReady: boolean, limit: number): void
  setReady(isReady: boolean): void
  drain(lameDuck: number, grace: number, timeout?: number): void
  closeConnections(all: boolean): void
  closeIdle(lane: number, ids: Uint32Array, andNew: boolean): void
  join(): void
  setRef(keep: boolean): void
  failure(): string | null
  stats(): number[]
}

/** A connection that was taken over. */
export interface NativeTaken {
  /** Belongs to the caller. */
  fd: number
  /** Bytes that were read behind the request. */
  length: number
  isFree: boolean
}

/** The routes of a router; see native/bridge/router.rs. */
export interface NativeRouter {
  finder(text: Uint8Array, words: Int32Array): () => void
  add(method: string, pattern: string): NativeAdded
  addFixed(
    method: string,
    pattern: string,
    words: Int32Array,
    head: Uint8Array,
    body: Uint8Array,
  ): NativeAdded
  remove(method: string, pattern: string): number | null
  setHandlers(notFound: boolean, notAllowed: boolean): void
  find(method: string, path: string): number
  decide(method: string, path: string): number
  target(): string
  allow(method: string, path: string): string
  path(): string
  spans(): number[]
}

/** What became of a route. */
export interface NativeAdded {
  id?: number
  names: string[]
  problem?: string
  conflict?: string
}

/** Options of a router with every default filled in. */
export interface NativeRouterOptions {
  redirectTrailingSlash: boolean
  redirectFixedPath: boolean
  handleMethodNotAllowed: boolean
  handleOptions: boolean
  headFromGet: boolean
  redirectCode: number
  staticFirst: boolean
}

/** Where to listen. */
export interface NativeListenOptions {
  host?: string
  /** The same with its zone, for messages. */
  shown?: string
  scope: number
  port?: number
  path?: string
  fd?: number
  /** The socket has to listen already. */
  isListening?: boolean
  backlog: number
  ipv6Only: boolean
  reusePort: boolean
  reuseAddress: boolean
  onDemand: boolean
}

/** An address, or the call that failed. */
export interface NativeListenResult {
  address?: string
  port?: number
  path?: string
  fd?: number
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
  maxCollectedBody: number
  maxTrailerSize: number
  maxChunkExtensions: number
  maxPipelined: number
  maxUnsentBytes: number
  maxBufferedBytes: number
  maxConnections: number
  maxRequestsPerSocket: number
  streamBodies: boolean
  /** Responses that handlers write themselves are judged as node sends them. */
  nodeAnswers: boolean
  /**
   * What Host may be: 0 valid, and there in HTTP/1.1; 1 valid or missing; 2 of any value or missing;
   * 3 valid, empty or missing.
   */
  hostRule: number
  maxQueueDelay: number
  headersTimeout: number
  bodyTimeout: number
  minBodyRate: number
  requestTimeout: number
  handlerTimeout: number
  writeTimeout: number
  keepAliveTimeout: number
  keepAliveHeader: boolean
  lingerTimeout: number
  lingerBytes: number
  proxyProtocol?: NativeProxyOptions | undefined
}

/** Which proxies say whose connections they bring. */
export interface NativeProxyOptions {
  /** Five words for each block of addresses; see ts/request/networks.ts. */
  from: readonly number[]
  fromUnix: boolean
  required: boolean
  timeout: number
}

/** The addon: what native/bridge exports. */
export interface Native {
  NativeServer: new (
    options: NativeOptions,
    lanes: { words: Int32Array; claims: Int32Array; ring: Uint8Array; parcel: Uint8Array }[],
    scheduled: Int32Array,
    drain: () => void,
    router: NativeRouter | undefined,
  ) => NativeServer
  NativeRouter: new (options: NativeRouterOptions) => NativeRouter
  cleanPath(path: string): string
  layout(): Record<string, number>
  statNames(): string[]
  notify(path: string, state: string): boolean
  lacking(): string[]
  hasLibuv(): boolean
  descriptors(): { open: number; limit: number }
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
  duplicate(fd: number): number
}
