/** Properties of node's server that the addon goes by, with the values that they have now. */
const LIVE = [
  'timeout',
  'keepAliveTimeout',
  'keepAliveTimeoutBuffer',
  'headersTimeout',
  'requestTimeout',
  'maxRequestsPerSocket',
]

/** Has `changed` called whenever one of them is set. They stay properties of the server's own. */
export function watch(server: object, changed: () => void): void {
  const values = server as Record<string, unknown>
  for (const name of LIVE) {
    let value = values[name]
    if (!(name in server)) continue
    Object.defineProperty(server, name, {
      enumerable: true,
      configurable: true,
      get: () => value,
      set(next: unknown) {
        value = next
        changed()
      },
    })
  }
}
