import type { HttpRequest } from '../index.ts'
import { chunkOf } from '../request/friends.ts'

/** What a path and a query may hold that a URL leaves as it is; dot segments are looked for apart. */
const PLAIN_TARGET = /^\/[A-Za-z0-9\-_.~!$&()*+,;=:@%/?]*$/
/** A dot segment, or what could be one (`%2e`): a URL has none. */
const DOTS = /\/(?:\.|%2e)/i
/** `Host` is an authority without user information (RFC 9110 §7.2): nothing that begins another part. */
const NO_AUTHORITY = /[\s/?#@\\]/
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/
/** Hosts whose origin is remembered; a server has few, and clients that invent them gain nothing. */
const MOST_ORIGINS = 64

const origins = { http: new Map<string, string>(), https: new Map<string, string>() }

/**
 * The URL of a request: the scheme that its client speaks as far as proxies are believed (`trustProxy`), the
 * authority that it has asked for, and where that is missing or none the address of this end. It is always
 * one that `new URL` takes, in its normal form.
 */
export function urlOf(req: HttpRequest): string {
  const target = req.url
  if (target.charCodeAt(0) !== SLASH || chunkOf(req).trust !== undefined) return oddUrl(req, target)
  const origin = originOf(req.header('host')) ?? ownOrigin(req)
  if (PLAIN_TARGET.test(target) && !DOTS.test(target)) return origin + target
  return parsed(origin + target)
}

const SLASH = 0x2f

/** That of an absolute-form target (RFC 9112 §3.2.2), of the `*` of OPTIONS, or of a client behind proxies. */
function oddUrl(req: HttpRequest, target: string): string {
  const { host, protocol } = req
  const origin = originOf(host, protocol) ?? ownOrigin(req, protocol)
  const rest = target.slice(ABSOLUTE.exec(target)?.[0].length ?? 0)
  return parsed(rest.startsWith('/') ? origin + rest : `${origin}/${rest}`)
}

function parsed(url: string): string {
  // Behind an origin everything is a path, a query or a fragment.
  return new URL(url).href
}

/** The origin of an authority; `undefined` if it is none. */
function originOf(
  authority: string | undefined,
  protocol: 'http' | 'https' = 'http',
): string | undefined {
  if (authority === undefined || authority === '') return undefined
  const remembered = origins[protocol]
  const known = remembered.get(authority)
  if (known !== undefined) return known
  if (NO_AUTHORITY.test(authority)) return undefined
  let origin: string
  try {
    origin = new URL(`${protocol}://${authority}`).origin
  } catch {
    return undefined
  }
  if (remembered.size >= MOST_ORIGINS) remembered.clear()
  remembered.set(authority, origin)
  return origin
}

/** The address at which the request came in; `localhost` for a Unix socket. */
function ownOrigin(req: HttpRequest, protocol: 'http' | 'https' = 'http'): string {
  const { localAddress, localPort } = req
  // A zone is no part of a URL (WHATWG), and who has come by IPv4 has asked for an address of that.
  const address = localAddress.replace(/%.*/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  const host = address.includes(':') ? `[${address}]` : address
  return originOf(`${host}:${localPort}`, protocol) ?? `${protocol}://localhost`
}
