import { integer } from '../crossing/checks.ts'
import { checkNames, show } from '../errors.ts'
import { contains, parseNetworks } from './networks.ts'

/**
 * Which proxies are believed: addresses, blocks (`10.0.0.0/8`), `loopback`, `linklocal`, `uniquelocal` and
 * `unix`; how many of them there are; or a function that says so of an address and its hop, 0 for
 * the peer of the connection. What it returns counts only if it is `true`.
 */
export type TrustProxy =
  | readonly string[]
  | {
      /** So many of the last hops are ours, from 1 on. */
      readonly hops: number
    }
  | ((address: string, hop: number) => boolean)

/** The field in which proxies tell the addresses of those before them. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded' | 'x-real-ip' | 'cf-connecting-ip'

/** What a server believes of its proxies. */
export interface Trust {
  /** Whether what this hop says of the one before it is believed. */
  isTrusted(address: string, hop: number): boolean
  readonly header: ForwardedHeader
}

const HEADERS: readonly string[] = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip']

/** Checks both options; throws `TypeError` or `RangeError`. */
export function checkTrust(
  trustProxy: TrustProxy | undefined,
  header: ForwardedHeader | undefined,
): Trust | undefined {
  if (header !== undefined && !HEADERS.includes(header)) {
    const known = HEADERS.map((name) => `'${name}'`).join(', ')
    throw new TypeError(`forwardedHeader must be one of ${known}, got ${show(header)}`)
  }
  if (trustProxy === undefined) {
    if (header === undefined) return undefined
    throw new TypeError('forwardedHeader is believed of nobody without trustProxy')
  }
  return { isTrusted: testOf(trustProxy), header: header ?? 'x-forwarded-for' }
}

function testOf(trustProxy: TrustProxy): Trust['isTrusted'] {
  if (typeof trustProxy === 'function') return (address, hop) => trustProxy(address, hop) === true
  if (Array.isArray(trustProxy)) {
    const networks = parseNetworks('trustProxy', trustProxy)
    return (address) => contains(networks, address)
  }
  if ((trustProxy as unknown) === true) {
    throw new TypeError(
      'trustProxy must not be true: whoever believes every hop believes what clients write themselves. ' +
        "Name your proxies, as in ['loopback', '10.0.0.0/8'], or say how many there are, { hops: 1 }",
    )
  }
  if (typeof trustProxy !== 'object' || trustProxy === null) {
    const message = 'trustProxy must be an array, { hops } or a function'
    throw new TypeError(`${message}, got ${show(trustProxy)}`)
  }
  const given = trustProxy as { readonly hops?: number }
  checkNames('name in trustProxy', given, ['hops'])
  const { hops } = given
  // There is no default: an object without hops says nothing.
  if (hops === undefined) throw new TypeError(`trustProxy must have hops, got ${show(trustProxy)}`)
  integer('trustProxy.hops', hops, 1, 1000, 1)
  return (_address, hop) => hop < hops
}
