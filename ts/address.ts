/** Formats an address out of a record: four words in network byte order, family 4, 6 or 0. */
export function formatAddress(words: Int32Array, at: number, family: number): string {
  if (family === 0) return ''
  if (family === 4) {
    const word = words[at] as number
    return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`
  }
  return formatIPv6(words.subarray(at, at + 4))
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
