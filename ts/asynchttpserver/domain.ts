import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { show } from '../errors.ts'

/** A family of addresses: IPv4 or IPv6. */
export type Domain = 'AF_INET' | 'AF_INET6'

const FAMILY: Readonly<Record<Domain, 4 | 6>> = { AF_INET: 4, AF_INET6: 6 }

/**
 * The address to bind: every one of the domain for '', else the address or the one of the name.
 * Rejects with `TypeError` for an address of the other domain or what is no domain, and with the
 * error of the look-up.
 */
export async function hostOf(address: string, domain: Domain): Promise<string> {
  const family = Object.hasOwn(FAMILY, domain) ? FAMILY[domain] : undefined
  if (family === undefined) {
    throw new TypeError(`domain must be 'AF_INET' or 'AF_INET6', got ${show(domain)}`)
  }
  if (typeof address !== 'string') {
    throw new TypeError(`address must be a string, got ${show(address)}`)
  }
  if (address === '') return family === 4 ? '0.0.0.0' : '::'
  const given = isIP(address)
  if (given === 0) return (await lookup(address, { family })).address
  if (given !== family) throw new TypeError(`address ${show(address)} is not of ${domain}`)
  return address
}
