import type { Chunk } from '../crossing/chunk.ts'
import { addressOf, elementsOf, type Hop, hopOf, quotedElementsOf } from './forwarded.ts'
import { linesOf, lookup } from './headers.ts'
import { remoteOf, targetOf } from './record.ts'
import type { Trust } from './trust.ts'

/** Who has sent a request, as far as those are believed who have passed it on. */
export interface Client {
  readonly ip: string
  readonly ips: readonly string[]
  readonly protocol: 'http' | 'https'
  readonly host: string
}

/** The scheme of the connection itself. */
const OWN_PROTOCOL = 'http'

/** What the peer of a connection says of itself, or what it is believed to say of its client. */
export function clientOf(chunk: Chunk, at: number): Client {
  const trust = trustOf(chunk)
  const peer = remoteOf(chunk, at)
  if (trust === undefined || !trust.isTrusted(peer, 0)) {
    return { ip: peer, ips: [], protocol: OWN_PROTOCOL, host: ownHost(chunk, at) }
  }
  const hops = hopsOf(chunk, at, trust)
  const chain = believed(peer, hops, trust)
  // Whoever told the client's address; where nobody did, the peer.
  const teller = Math.max(0, chain.length - 2)
  const tells = (name: 'proto' | 'host'): string | undefined =>
    trust.header === 'forwarded'
      ? hops[teller]?.[name]
      : besideIt(linesOf(chunk, at, `x-forwarded-${name}`), teller)
  return {
    ip: chain.at(-1) as string,
    ips: chain.slice(1).toReversed(),
    protocol: protocolOf(tells('proto')) ?? OWN_PROTOCOL,
    host: hostOf(tells('host')) ?? ownHost(chunk, at),
  }
}

/** A decoded request has no server, and a server without the option believes nobody. */
function trustOf(chunk: Chunk): Trust | undefined {
  return chunk.trust as Trust | undefined
}

/** What the hops say, the peer first. */
function hopsOf(chunk: Chunk, at: number, { header }: Trust): Hop[] {
  const lines = linesOf(chunk, at, header)
  if (header === 'forwarded') return quotedElementsOf(lines).map(hopOf)
  const values = elementsOf(lines).map((value) => ({ address: addressOf(value) }))
  // Of a field that is no list a second value is somebody else's.
  return header === 'x-forwarded-for' || values.length === 1 ? values : []
}

/** The addresses from the peer to the first one that is not believed, or that says nothing. */
function believed(peer: string, hops: readonly Hop[], trust: Trust): string[] {
  const chain = [peer]
  for (const { address } of hops) {
    const last = chain.length - 1
    // The peer is, or nobody would look.
    if (address === undefined || (last > 0 && !trust.isTrusted(chain[last] as string, last))) break
    chain.push(address)
  }
  return chain
}

/**
 * The value of a list beside the address that its teller gave. One alone is the peer's; of several that
 * are fewer than the hops nobody knows whose they are.
 */
function besideIt(lines: readonly string[], teller: number): string | undefined {
  const values = elementsOf(lines)
  return values.length === 1 ? values[0] : values[teller]
}

function protocolOf(value: string | undefined): 'http' | 'https' | undefined {
  // Some proxies name the protocol of what a request upgrades to.
  const [, , secure] = /^(http|ws)(s?)$/i.exec(value ?? '') ?? []
  return secure === undefined ? undefined : secure === '' ? 'http' : 'https'
}

/** Letters that `uri-host [ ":" port ]` is made of (RFC 9110 §7.2); anything else is no host. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d{0,5})?$/i

function hostOf(value: string | undefined): string | undefined {
  return value !== undefined && HOST.test(value) ? value : undefined
}

/** Of a target in absolute form its authority, whatever Host says (RFC 9112 §3.2.2). */
function ownHost(chunk: Chunk, at: number): string {
  const target = targetOf(chunk, at)
  const authority = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1]
  return authority ?? lookup(chunk, at, 'host') ?? ''
}
