import { flag, integer, MOST } from '../crossing/checks.ts'
import type { NativeProxyOptions } from '../crossing/native.ts'
import { checkNames, show } from '../errors.ts'
import { parseNetworks } from '../request/networks.ts'

/** Which proxies send a header of the PROXY protocol, version 1 or 2, ahead of the first request. */
export interface ProxyProtocol {
  /**
   * Who sends one: addresses, blocks (`10.0.0.0/8`), `loopback`, `linklocal`, `uniquelocal`, and
   * `unix` for whoever connects to a Unix socket. From these a header must come, and nobody
   * else's is looked at.
   */
  readonly from: readonly string[]
  /** Whether others are closed, before any answer; else they are served as who they are. Default true. */
  readonly required?: boolean
  /** Time for the whole header in milliseconds; 0 for ever. Default 5000. */
  readonly timeout?: number
}

const NAMES = ['from', 'required', 'timeout']
/** The specification asks for 3 s at least: a packet may have to be sent again. */
const TIMEOUT = 5000

/** Checks the option; throws `TypeError` or `RangeError`. */
export function checkProxyProtocol(
  option: ProxyProtocol | undefined,
): NativeProxyOptions | undefined {
  if (option === undefined) return undefined
  if (option === null || typeof option !== 'object' || Array.isArray(option)) {
    const message = "proxyProtocol must be an object such as { from: ['10.0.0.0/8'] }"
    throw new TypeError(`${message}, got ${show(option)}`)
  }
  checkNames('name in proxyProtocol', option, NAMES)
  const { words, unix } = parseNetworks('proxyProtocol.from', option.from)
  if (words.length === 0 && !unix) {
    throw new TypeError(
      'proxyProtocol.from must name whose headers are believed, got an empty array',
    )
  }
  return {
    from: words,
    fromUnix: unix,
    required: flag('proxyProtocol.required', option.required, true),
    timeout: integer('proxyProtocol.timeout', option.timeout, 0, MOST, TIMEOUT),
  }
}
