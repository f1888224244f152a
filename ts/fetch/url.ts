import type { HttpRequest } from '../index.ts'

/** What a path and a query may hold that a URL leaves as it is; dot segments are looked for apart. */
const PLAIN_TARGET = /^\/[A-Za-z0-9\-_.~!$&()*+,;=:@%/?]*$/
/** A dot segment, or what could be one (`%2e`): a URL has none. */
const DOTS = /\/(?:\.|%2e)/i
/** `Host` is an authority without user information (RFC 9110 §7.2): nothing that begins another part. */
const NO_AUTHORITY = /[\s/?#@\\]/
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/
/** Hosts whose origin is remembered; a server has few, and clients that invent them gain nothing. */
const MOST_ORIGINS = 64

const origins = new Map<string, string>()

/**
 * The URL of a request: `http`, the authority of an absolute-form target (RFC 9112 §3.2.2), else `Host`,
 * else, where that is missing or no authority, the address of this end. It is always one that
 * `new URL` takes, in its normal form.
 */
export function urlOf(req: HttpRequest): string {
  const target = req.url
  if (target.charCodeAt(0) !== SLASH) return oddUrl(req, target)
  const origin = originOf(req.header('host')) ?? ownOrigin(req)
  if (PLAIN_TARGET.test(target) && !DOTS.test(target)) return origin + target
  return parsed(origin + target)
}

const SLASH = 0x2f

/** An absolute-form target, or the `*` of OPTIONS. */
function oddUrl(req: HttpRequest, target: string): string {
  const absolute = ABSOLUTE.exec(target)
  const authority = absolute === null ? req.header('host') : absolute[1]
  const origin = originOf(authority) ?? ownOrigin(req)
  const rest = absolute === null ? target : target.slice(absolute[0].length)
  return parsed(rest.startsWith('/') ? origin + rest : `${origin}/${rest}`)
}

function parsed(url: string): string {
  // Behind an origin everything is a path, a query or a fragment.
  return new URL(url).href
}

/** The origin of an authority; `undefined` if it is none. */
function originOf(authority: string | undefined): string | undefined {
  if (authority === undefined || authority === '') return undefined
  const known = origins.get(authority)
  if (known !== undefined) return known
  if (NO_AUTHORITY.test(authority)) return undefined
  let origin: string
  try {
    origin = new URL(`http://${authority}`).origin
  } catch {
    return undefined
  }
  if (origins.size >= MOST_ORIGINS) origins.clear()
  origins.set(authority, origin)
  return origin
}

/** The address at which the request came in; `localhost` for a Unix socket. */
function ownOrigin(req: HttpRequest): string {
  const { localAddress, localPort } = req
  if (localAddress === '') return 'http://localhost'
  // A zone is no part of a URL (WHATWG).
  const address = localAddress.replace(/%.*/, '')
  const host = address.includes(':') ? `[${address}]` : address
  return originOf(`${host}:${localPort}`) ?? 'http://localhost'
}
