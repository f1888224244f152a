import { counted } from './counted.ts'

let hasWarned = false

/** A server is node's own, and why; the first one is told as a warning of the process. */
export function fallBack(why: string): void {
  counted.fallbacks++
  if (hasWarned) return
  hasWarned = true
  process.emitWarning(`node's own server serves in place of fasthttp/node: ${why}`, {
    code: 'FASTHTTP_NODE_FALLBACK',
  })
}
