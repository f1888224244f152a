import { serversHave } from './internals.ts'

/** Properties of node's server that the addon goes by; the first one node reads, and has not before it is set. */
const LIVE = [
  'maxConnections',
  'timeout',
  'keepAliveTimeout',
  'keepAliveTimeoutBuffer',
  'headersTimeout',
  'requestTimeout',
  'maxRequestsPerSocket',
].filter((name) => name === 'maxConnections' || serversHave(name))

/**
 * Has `changed` called whenever one of them is set. They are properties of the server's own, which has to
 * have none of them yet: V8 looks up each property of an object slowly of which one has become another kind.
 */
export function watch(server: object, changed: () => void): void {
  for (const name of LIVE) {
    let value: unknown = undefined
    Object.defineProperty(server, name, {
      enumerable: serversHave(name),
      configurable: true,
      get: () => value,
      set(next: unknown) {
        value = next
        changed()
      },
    })
  }
}
