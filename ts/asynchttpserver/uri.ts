import { decodeUrl } from './url.ts'

/** The parts of a URI, '' where there is none. Nothing is decoded. */
export class Uri {
  /** What stands before the first ':'. */
  readonly scheme: string
  /** The name before the '@' of the authority. */
  readonly username: string
  /** What stands behind the ':' of that name. */
  readonly password: string
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string
  /** As sent: not checked to be a number. */
  readonly port: string
  /** What stands behind the authority, up to the '?' or '#'. */
  readonly path: string
  /** Without its '?'. */
  readonly query: string
  /** Without its '#'. */
  readonly anchor: string
  /** There is a scheme without '//' behind it. */
  readonly opaque: boolean
  /** `hostname` stood in brackets. */
  readonly isIpv6: boolean

  constructor(parts: Partial<Omit<Uri, 'toString'>> = {}) {
    this.scheme = parts.scheme ?? ''
    this.username = parts.username ?? ''
    this.password = parts.password ?? ''
    this.hostname = parts.hostname ?? ''
    this.port = parts.port ?? ''
    this.path = parts.path ?? ''
    this.query = parts.query ?? ''
    this.anchor = parts.anchor ?? ''
    this.opaque = parts.opaque ?? false
    this.isIpv6 = parts.isIpv6 ?? false
  }

  /**
   * The parts put together (RFC 3986 §5.3), so that they are read back as the same parts: a path that
   * begins with '//' or looks like a scheme gets a '/.' or './' before it, and never names a host.
   */
  toString(): string {
    const { scheme, path, query, anchor, opaque } = this
    const authority = this.#authority()
    const hasAuthority = authority !== '' || (scheme !== '' && !opaque)
    // A mailto has an authority and no slashes.
    const slashes = hasAuthority && !opaque ? '//' : ''
    const start = (scheme === '' ? '' : `${scheme}:`) + slashes + authority
    const rest = (query === '' ? '' : `?${query}`) + (anchor === '' ? '' : `#${anchor}`)
    return start + safePath(path, scheme, hasAuthority) + rest
  }

  #authority(): string {
    const { username, password, hostname, port } = this
    const user = username + (password === '' ? '' : `:${password}`)
    const host = this.isIpv6 || hostname.includes(':') ? `[${hostname}]` : hostname
    return (user === '' ? '' : `${user}@`) + host + (port === '' ? '' : `:${port}`)
  }
}

function safePath(path: string, scheme: string, hasAuthority: boolean): string {
  if (hasAuthority) return path === '' || path.startsWith('/') ? path : `/${path}`
  if (path.startsWith('//')) return `/.${path}`
  return scheme === '' && /^[^/?#]*:/.test(path) ? `./${path}` : path
}

// RFC 3986 appendix B, with the scheme of §3.1. Every string matches.
const PARTS =
  /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:(\/\/)([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/
// The last '@' ends the user information: what is before it never names the host.
const AUTHORITY = /^(?:([^]*)@)?(?:\[([^\]]*)\]|([^:]*))(?::([^]*))?$/

/** Splits a URI, or a reference to one, into its parts (RFC 3986). Never throws for a string. */
export function parseUri(uri: string): Uri {
  const [, scheme = '', slashes, authority = '', path = '', query = '', anchor = ''] =
    PARTS.exec(String(uri)) ?? []
  const opaque = scheme !== '' && slashes === undefined
  if (scheme.toLowerCase() === 'mailto' && opaque) {
    // RFC 6068: its path is the address, as if it were an authority.
    return new Uri({ scheme, ...parseAuthority(path), query, anchor, opaque })
  }
  return new Uri({ scheme, ...parseAuthority(authority), path, query, anchor, opaque })
}

function parseAuthority(text: string): Partial<Uri> {
  const [, user = '', ipv6, name = '', port = ''] = AUTHORITY.exec(text) ?? [
    '',
    '',
    undefined,
    text,
  ]
  const colon = user.indexOf(':')
  const [username, password] =
    colon < 0 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)]
  return { username, password, hostname: ipv6 ?? name, port, isIpv6: ipv6 !== undefined }
}

/**
 * The target of a request (RFC 9112 §3.2). Its form follows from the method and the first byte, so
 * that no client can pass a path off as a host: what begins with '/' is a path and a query, also
 * `//evil.test/x`; that of a CONNECT is a host and a port; '*' is a path; the rest is a URI.
 */
export function parseTarget(method: string, target: string): Uri {
  if (target.startsWith('/')) {
    const mark = target.indexOf('?')
    if (mark < 0) return new Uri({ path: target })
    return new Uri({ path: target.slice(0, mark), query: target.slice(mark + 1) })
  }
  if (method === 'CONNECT') return new Uri(parseAuthority(target))
  return target === '*' ? new Uri({ path: '*' }) : parseUri(target)
}

/** Resolves references, each against what is before it, `base` being the first (RFC 3986 §5.2). */
export function combine(base: Uri, ...references: readonly Uri[]): Uri {
  return references.reduce(resolve, base)
}

function resolve(base: Uri, reference: Uri): Uri {
  const { query, anchor } = reference
  if (reference.scheme !== '') {
    const path = reference.opaque ? reference.path : withoutDots(reference.path)
    return new Uri({ ...reference, path })
  }
  const { scheme, opaque } = base
  if (reference.hostname !== '') {
    const path = withoutDots(reference.path)
    return new Uri({ ...reference, scheme, path, opaque: false })
  }
  if (reference.path === '') {
    return new Uri({ ...base, query: query === '' ? base.query : query, anchor })
  }
  const path = withoutDots(
    reference.path.startsWith('/') ? reference.path : merged(base, reference.path),
  )
  return new Uri({ ...base, opaque, path, query, anchor })
}

/** RFC 3986 §5.2.3. */
function merged(base: Uri, path: string): string {
  if (base.hostname !== '' && base.path === '') return `/${path}`
  return base.path.slice(0, base.path.lastIndexOf('/') + 1) + path
}

/** RFC 3986 §5.2.4: '.' and '..' are followed, and never lead above the root. */
function withoutDots(path: string): string {
  const kept: string[] = []
  const segments = path.split('/')
  segments.forEach((segment, at) => {
    const isLast = at === segments.length - 1
    if (segment === '..') {
      if (kept.length > 1 || (kept.length === 1 && kept[0] !== '')) kept.pop()
    } else if (segment !== '.') kept.push(segment)
    if (isLast && (segment === '.' || segment === '..')) kept.push('')
  })
  return kept.join('/')
}

/**
 * The names and values of a query: pairs are split at `separator`, names end at their first '=', '+' is
 * a space, escapes are decoded as UTF-8 and left as they are where they are malformed.
 */
export function* decodeQuery(
  query: string,
  separator = '&',
): IterableIterator<[name: string, value: string]> {
  if (query === '') return
  for (const pair of String(query).split(separator)) {
    const equals = pair.indexOf('=')
    if (equals < 0) yield [decodeUrl(pair), '']
    else yield [decodeUrl(pair.slice(0, equals)), decodeUrl(pair.slice(equals + 1))]
  }
}
