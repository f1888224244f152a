import { networkInterfaces } from 'node:os'

/** The number of a zone (RFC 4007 §11), which is an interface by name or number; 0 for none and an unknown one. */
export function scopeOf(zone: string | undefined): number {
  if (zone === undefined) return 0
  if (/^\d{1,9}$/.test(zone)) return Number(zone)
  const addresses = new Map(Object.entries(networkInterfaces())).get(zone) ?? []
  for (const one of addresses) if (one.family === 'IPv6' && one.scopeid) return one.scopeid
  return 0
}

/** An address with the zone that one of a link alone belongs to (fe80::/10), as node shows it. */
export function withZone(address: string, scope: number): string {
  if (scope === 0 || !/^fe[89ab]/i.test(address)) return address
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some((one) => one.family === 'IPv6' && one.scopeid === scope))
      return `${address}%${name}`
  }
  return `${address}%${scope}`
}

/** Formats an address out of a record: four words in network byte order, family 4, 6 or 0. */
export function formatAddress(
  words: Int32Array,
  at: number,
  family: number,
  scope: number = 0,
): string {
  if (family === 0) return ''
  if (family === 4) {
    const word = words[at] as number
    return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`
  }
  return withZone(formatIPv6(words.subarray(at, at + 4)), scope)
}

// RFC 5952: lower case, the longest run of zeros shortened, IPv4-mapped addresses in dotted form.
function formatIPv6(words: Int32Array): string {
  const groups: number[] = []
  for (const word of words) groups.push(word >>> 16, word & 0xffff)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatAddress(words, 3, 4)}`
  }
  let [best, length] = [-1, 1]
  for (let i = 0; i < 8; i++) {
    let end = i
    while (end < 8 && groups[end] === 0) end++
    if (end - i > length) [best, length] = [i, end - i]
  }
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(':')
  return best < 0
    ? hex(groups)
    : `${hex(groups.slice(0, best))}::${hex(groups.slice(best + length))}`
}
