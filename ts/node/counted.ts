/** What servers of this door have done in this process: servers that listened, and those that fell back to node's own. */
export const counted: { requests: number; servers: number; fallbacks: number } = {
  requests: 0,
  servers: 0,
  fallbacks: 0,
}
