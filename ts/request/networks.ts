import { isIP } from 'node:net'
import { show } from '../errors.ts'

/** An address in four words, IPv4 as IPv6 has it (RFC 4291 §2.5.5.2). */
export type AddressWords = readonly [number, number, number, number]

/** Blocks of addresses. */
export interface Networks {
  /** For each the four words of its address, and how many bits of it count. */
  readonly words: readonly number[]
  /** Whether the ends of Unix sockets belong to them. */
  readonly unix: boolean
}

/** Blocks that have a name. */
const NAMED: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}
const WORDS = 5

/**
 * Reads a list of blocks: addresses, CIDR (`10.0.0.0/8`), the names above, and `unix`. Throws
 * `TypeError` for anything else; `option` says where it is.
 */
export function parseNetworks(option: string, list: unknown): Networks {
  if (!Array.isArray(list)) {
    throw new TypeError(`${option} must be an array of addresses and blocks, got ${show(list)}`)
  }
  const blocks = (list as unknown[]).filter((block) => block !== 'unix')
  const known = new Map(Object.entries(NAMED))
  const named = blocks.flatMap((block): readonly unknown[] => known.get(block as string) ?? [block])
  return {
    words: named.flatMap((block) => parseBlock(option, block)),
    unix: blocks.length < list.length,
  }
}

function parseBlock(option: string, block: unknown): number[] {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(String(block)) ?? []
  const words = typeof block === 'string' ? wordsOf(address) : undefined
  const size = isIP(address) === 4 ? 32 : 128
  const count = bits === undefined ? size : Number(bits)
  if (words === undefined || count > size) {
    const names = [...Object.keys(NAMED), 'unix'].map((name) => `'${name}'`).join(', ')
    const message = `${option} has addresses, blocks such as '10.0.0.0/8' and the names ${names}`
    throw new TypeError(`${message}, not ${show(block)}`)
  }
  return [...words, 128 - size + count]
}

/** The words of an address; `undefined` for what is none, and for one with a zone. */
export function wordsOf(address: string): AddressWords | undefined {
  const kind = address.includes('%') ? 0 : isIP(address)
  if (kind === 0) return undefined
  if (kind === 4) return [0, 0, 0xffff, wordOf(address)]
  // The last 32 bits may be written as IPv4 (RFC 4291 §2.2).
  const dotted = /\d+\.[\d.]+$/.exec(address)?.[0]
  const last = dotted === undefined ? 0 : wordOf(dotted)
  const hex = `${(last >>> 16).toString(16)}:${(last & 0xffff).toString(16)}`
  const text = dotted === undefined ? address : address.slice(0, -dotted.length) + hex
  const [left = [], right] = text
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':').map((group) => parseInt(group, 16))))
  const zeros = Array.from({ length: 8 - left.length - (right?.length ?? 0) }, () => 0)
  const groups = right === undefined ? left : [...left, ...zeros, ...right]
  const word = (i: number): number =>
    (((groups[i] as number) << 16) | (groups[i + 1] as number)) >>> 0
  return [word(0), word(2), word(4), word(6)]
}

function wordOf(dotted: string): number {
  return dotted.split('.').reduce((word, byte) => ((word << 8) | Number(byte)) >>> 0, 0)
}

/** Whether an address, or '' for the end of a Unix socket, belongs to the blocks. */
export function contains({ words, unix }: Networks, address: string): boolean {
  if (address === '') return unix
  // Of a link-local address the zone is no part (RFC 4007 §11).
  const own = wordsOf(address.split('%')[0] as string)
  if (own === undefined) return false
  for (let at = 0; at < words.length; at += WORDS) {
    const bits = words[at + WORDS - 1] as number
    // Blocks of IPv6 have no addresses of IPv4 in them, however large they are.
    const isV4 = bits >= 96 && isMapped(words, at)
    if (isV4 === isMapped(own, 0) && isWithin(own, words, at, bits)) return true
  }
  return false
}

function isMapped(words: readonly number[], at: number): boolean {
  return words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0xffff
}

function isWithin(own: AddressWords, words: readonly number[], at: number, bits: number): boolean {
  return own.every((word, i) => {
    const left = Math.min(32, Math.max(0, bits - i * 32))
    const mask = left === 0 ? 0 : -1 << (32 - left)
    return ((word ^ (words[at + i] as number)) & mask) === 0
  })
}
