import { native, type NativeServer } from '../crossing/native.ts'

/** What a server has counted since `listen`, natively and always; it stays when the server has closed. */
export interface ServerStats {
  /** Connections. */
  readonly connections: {
    /** Those that are open. */
    readonly open: number
    /** All that were accepted. */
    readonly total: number
  }
  /** Requests handed to JavaScript, or answered by the router without it. */
  readonly requests: number
  /** Responses by class: `2xx` to `5xx`; statuses from 600 on count as `5xx`. */
  readonly responses: Readonly<Record<string, number>>
  /** Requests that got no answer: their client had left, or their connection was dropped. */
  readonly aborted: number
  /** Bytes of all connections. */
  readonly bytes: {
    /** Read. */
    readonly in: number
    /** Written. */
    readonly out: number
  }
  /** Requests that were refused as malformed or too large, by reason. */
  readonly parseErrors: Readonly<Record<string, number>>
  /** Phases of a connection that lasted too long, by phase. */
  readonly timeouts: Readonly<Record<string, number>>
  /** Connections that handlers took over; they are no longer counted as open. */
  readonly takeovers: number
  /**
   * Connections that were closed before any answer for want of a header: their source is not listed
   * (`proxyProtocol`), or what came is none, or was late.
   */
  readonly unproxied: number
  /** Requests answered 503 because JavaScript had fallen behind (`maxQueueDelay`). */
  readonly refused: number
  /** Times that accepting paused, for want of descriptors or because of `maxConnections`. */
  readonly acceptPauses: number
  /** What waits for JavaScript. */
  readonly queue: {
    /** Requests that it has not taken up. */
    readonly depth: number
    /** Milliseconds since it last took one up. */
    readonly delay: number
  }
}

/** Reads the counters of a server; all zero for one that has not run. */
export function readStats(server: NativeServer | undefined): ServerStats {
  const values = server?.stats() ?? []
  const flat = new Map(native.statNames().map((name, place) => [name, values[place] ?? 0]))
  const get = (name: string): number => flat.get(name) ?? 0
  return {
    connections: { open: get('connections') - get('closed'), total: get('connections') },
    requests: get('requests'),
    responses: group(flat, 'responses.', ['responses.0xx', 'responses.1xx']),
    aborted: get('aborted'),
    bytes: { in: get('bytesIn'), out: get('bytesOut') },
    parseErrors: group(flat, 'parseErrors.', []),
    timeouts: group(flat, 'timeouts.', ['timeouts.linger', 'timeouts.stalled']),
    takeovers: get('takeovers'),
    unproxied: get('unproxied'),
    refused: get('refused'),
    acceptPauses: get('rests'),
    queue: { depth: get('queueDepth'), delay: get('queueDelay') },
  }
}

/** What a server has counted that has ended, be it because a thread of it failed: nothing is open, nothing waits. */
export function endStats(stats: ServerStats): ServerStats {
  const { connections } = stats
  return { ...stats, connections: { ...connections, open: 0 }, queue: { depth: 0, delay: 0 } }
}

/** Connections that a server has cut with something of theirs undone. */
export function cutBy(server: NativeServer): number {
  return server.stats()[native.statNames().indexOf('cut')] ?? 0
}

function group(
  flat: ReadonlyMap<string, number>,
  prefix: string,
  without: readonly string[],
): Record<string, number> {
  const entries = [...flat].filter(([name]) => name.startsWith(prefix) && !without.includes(name))
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]))
}
