import cluster from 'node:cluster'
import { lookup } from 'node:dns/promises'
import { type AddressInfo, isIP } from 'node:net'
import { requireAbility } from '../crossing/abilities.ts'
import { bare, flag, integer, MOST } from '../crossing/checks.ts'
import { native, type NativeListenOptions, type NativeServer } from '../crossing/native.ts'
import { checkNames, coded, listenError, show } from '../errors.ts'
import { scopeOf, withZone } from '../request/address.ts'
import { systemdSocket } from './systemd.ts'

/**
 * Where to listen: `path`, or `port` and `host`.
 *
 * @example
 * ```ts
 * import { createServer } from 'fasthttp'
 *
 * const closing = new AbortController()
 * const server = createServer(() => 'Hello, World!')
 * await server.listen({ path: '/run/app.sock', signal: closing.signal })
 * ```
 */
export interface ListenOptions {
  /** 0 lets the kernel choose: `address()` says what. Default 0. */
  port?: number
  /** An address or a name. Default: all addresses, IPv6 and IPv4. */
  host?: string
  /** The path of a Unix socket, in place of `port` and `host`. Default: none. */
  path?: string
  /**
   * A listening socket of this process, by the number of its descriptor: one that a parent has passed on, such as
   * `server.fd()` of another process. It belongs to the server then. Default: none.
   */
  fd?: number
  /**
   * The socket of systemd's socket activation: `true` for the only one, or its name (`FileDescriptorName=`).
   * Rejects with `ERR_NO_SYSTEMD_SOCKET` if there is none. Default: none.
   */
  systemd?: true | string
  /**
   * Tells systemd (sd_notify) when all servers that ask for it listen, when the last of them begins to end, and as
   * long as JavaScript takes requests up that all is well (`WatchdogSec=`). Default: false, and true with `systemd`.
   */
  notify?: boolean
  /** Connections that wait to be accepted; the kernel cuts it. Default 4096. */
  backlog?: number
  /** Refuse IPv4 clients on '::'. Default false. */
  ipv6Only?: boolean
  /** Share the port with other processes; Linux and FreeBSD only, else `ERR_UNSUPPORTED`. Default false. */
  reusePort?: boolean
  /** Closes the server when aborted. Default: none. */
  signal?: AbortSignal
}

/** @internal The key of what is asked besides by those who decide themselves whom they accept. Users have no such key. */
export const DEMAND: unique symbol = Symbol('fasthttp.demand')

/** @internal Options of `listen` with that. */
export interface DemandOptions extends ListenOptions {
  [DEMAND]: {
    /** Bind although connections of the address's last owner linger. Default true. */
    reuseAddress?: boolean
    /** Accept nobody but whom `acceptOne` asks for. Default false. */
    onDemand?: boolean
    /** Give CONNECT to the handler, as any other request. Default false. */
    tunnels?: boolean
  }
}

/** Checked arguments of `listen`. */
export interface ListenTarget {
  readonly options: ListenOptions
  readonly callback: (() => void) | undefined
}

const BACKLOG = 4096
// `exclusive` is a choice in node: here workers never share a socket but by reusePort.
const NAMES = 'port host path fd systemd notify backlog ipv6Only reusePort signal exclusive'.split(
  ' ',
)

/** Reads the argument forms of node's `listen`; throws `TypeError` or `RangeError`. */
export function parseListen(args: readonly unknown[]): ListenTarget {
  const rest = [...args]
  const last = rest.at(-1)
  const callback = typeof last === 'function' ? (rest.pop() as () => void) : undefined
  while (rest.length > 0 && (rest.at(-1) === undefined || rest.at(-1) === null)) rest.pop()
  const [first, second, third] = rest
  if (rest.length > 3)
    throw new TypeError(
      `listen takes at most a port, a host and a backlog, got ${rest.length} arguments`,
    )
  if (typeof first === 'object' && first !== null)
    return { options: checkListen(first as ListenOptions), callback }
  if (typeof first === 'string' && !/^\d+$/.test(first)) {
    return { options: checkListen({ path: first, ...optional('backlog', second) }), callback }
  }
  // node also takes (port, backlog).
  const [host, backlog] = typeof second === 'number' ? [undefined, second] : [second, third]
  const port = typeof first === 'string' ? Number(first) : first
  const options = {
    ...optional('port', port),
    ...optional('host', host),
    ...optional('backlog', backlog),
  }
  return { options: checkListen(options), callback }
}

function optional(name: string, value: unknown): object {
  return value === undefined || value === null ? {} : { [name]: value }
}

function checkListen(options: ListenOptions): ListenOptions {
  checkNames('option of listen', options, NAMES)
  const { path, host, signal } = options
  if (path !== undefined && (typeof path !== 'string' || path === '')) {
    throw new TypeError(`path must be a non-empty string, got ${show(path)}`)
  }
  // On Linux a first NUL makes the name abstract; anywhere else it would cut the path.
  if (path?.includes('\0', 1)) throw new TypeError(`path must not contain NUL, got ${show(path)}`)
  if (host !== undefined && typeof host !== 'string') {
    throw new TypeError(`host must be a string, got ${show(host)}`)
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, got ${show(signal)}`)
  }
  if (path !== undefined && (options.port !== undefined || host !== undefined)) {
    throw new TypeError(`path ${show(path)} excludes port and host`)
  }
  checkInherited(options)
  flag('exclusive', (options as { exclusive?: unknown }).exclusive, true)
  const port: unknown = options.port
  const number = typeof port === 'string' && /^\d+$/.test(port) ? Number(port) : port
  return {
    ...options,
    port: portNumber(number),
    backlog: integer('backlog', options.backlog, 1, MOST, BACKLOG),
    ipv6Only: flag('ipv6Only', options.ipv6Only, false),
    reusePort: flag('reusePort', options.reusePort, false),
    notify: flag('notify', options.notify, options.systemd !== undefined),
  }
}

/** A socket that is there already, and how it is named. */
function checkInherited(options: ListenOptions): void {
  const { fd, systemd } = options
  integer('fd', fd, 0, MOST, 0)
  if (
    systemd !== undefined &&
    systemd !== true &&
    (typeof systemd !== 'string' || systemd === '')
  ) {
    throw new TypeError(`systemd must be true or a name, got ${show(systemd)}`)
  }
  const given = (['fd', 'systemd'] as const).filter((name) => options[name] !== undefined)
  const others = (['port', 'host', 'path'] as const).filter((name) => options[name] !== undefined)
  const [name, other] = [...given, ...(given.length === 1 ? others : [])]
  if (other !== undefined) throw new TypeError(`${name} excludes ${other}`)
}

function portNumber(port: unknown): number {
  try {
    return integer('port', port, 0, 65535, 0)
  } catch (error) {
    // node's code for it; callers test for that.
    throw coded('ERR_SOCKET_BAD_PORT', error as Error)
  }
}

/** Throws `ERR_UNSUPPORTED` for what is asked and the platform lacks. */
export function checkAbilities(options: ListenOptions, lacking: readonly string[]): void {
  const { path, reusePort, fd, systemd } = options
  if (fd !== undefined || systemd !== undefined) requireAbility('inherited', lacking)
  if (path !== undefined) requireAbility('unixSockets', lacking)
  if (path?.startsWith('\0') === true) requireAbility('abstractSockets', lacking)
  if (reusePort === true) requireAbility('reusePort', lacking)
}

/** The addresses to try, the first that works being taken. Looks a host name up. */
export async function resolveListen(options: ListenOptions): Promise<NativeListenOptions[]> {
  const shared = shareInCluster(options)
  checkAbilities(options, native.lacking())
  const { path, host, port = 0, backlog = BACKLOG, ipv6Only = false } = options
  const { reuseAddress = true, onDemand = false } =
    (options as Partial<DemandOptions>)[DEMAND] ?? {}
  const common = { scope: 0, backlog, ipv6Only, reusePort: shared, reuseAddress, onDemand }
  if (path !== undefined) return [{ ...common, path }]
  if (options.systemd !== undefined)
    return [{ ...common, fd: systemdSocket(options.systemd), isListening: true }]
  if (options.fd !== undefined) return [{ ...common, fd: options.fd }]
  // Like node: '::' takes IPv4 clients too; without IPv6 all IPv4 addresses.
  if (host === undefined || host === '') {
    return ['::', '0.0.0.0'].map((any) => ({ ...common, host: any, port }))
  }
  const found = isIP(host) ? host : (await lookup(host)).address
  const [address = '', zone] = found.split('%')
  return [{ ...common, host: address, shown: found, scope: scopeOf(zone), port }]
}

/** Workers of a cluster share a port by the kernel, or not at all. */
function shareInCluster(options: ListenOptions): boolean {
  const { path, port = 0, reusePort = false } = options
  // A socket that is there is shared already.
  const isInherited = options.fd !== undefined || options.systemd !== undefined
  if (!cluster.isWorker || isInherited) return reusePort
  if (path !== undefined || port === 0 || native.lacking().includes('reusePort')) {
    throw coded(
      'ERR_UNSUPPORTED',
      new Error(
        'in a cluster worker listen needs reusePort: a fixed port, on Linux or FreeBSD; or fd, or ioThreads instead of cluster',
      ),
    )
  }
  return true
}

/** Where a server listens, and by which descriptor; -1 where there are none. */
export interface Bound {
  readonly address: AddressInfo | string
  readonly fd: number
}

/** Binds the first candidate that the kernel supports. */
export function bind(server: NativeServer, candidates: readonly NativeListenOptions[]): Bound {
  let failure: Error | undefined
  for (const candidate of candidates) {
    const { address, port, path, fd, errno } = bare(server.listen(bare(candidate)))
    if (errno === undefined || errno === null) {
      if (address === undefined || address === null)
        return { address: candidate.path ?? path ?? '', fd: fd ?? -1 }
      const family = address.includes(':') ? 'IPv6' : 'IPv4'
      const shown = withZone(address, candidate.scope)
      return { address: { address: shown, port: port ?? 0, family }, fd: fd ?? -1 }
    }
    const at = candidate.path ?? candidate.shown ?? candidate.host ?? `fd ${candidate.fd}`
    failure ??= listenError(errno, at, candidate.port)
    if (!NO_IPV6.includes((failure as { code?: string }).code ?? '')) break
    if (candidate !== candidates.at(-1)) failure = undefined
  }
  throw failure ?? new Error('no address to listen on')
}

/** Starts what listens nowhere. */
export function open(server: NativeServer): Bound {
  const { errno } = bare(server.open())
  if (errno !== undefined && errno !== null) throw listenError(errno, 'nowhere')
  return { address: '', fd: -1 }
}

/** What a kernel without IPv6 says to '::'. */
const NO_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL']
