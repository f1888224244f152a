import { show } from '../errors.ts'
import type { NodeServerOptions } from './options.ts'

/** Options that can be written down, and what each is. */
const KINDS: Readonly<Record<string, 'boolean' | 'number'>> = {
  connectionsCheckingInterval: 'number',
  headersTimeout: 'number',
  highWaterMark: 'number',
  insecureHTTPParser: 'boolean',
  ioThreads: 'number',
  joinDuplicateHeaders: 'boolean',
  keepAlive: 'boolean',
  keepAliveInitialDelay: 'number',
  keepAliveTimeout: 'number',
  keepAliveTimeoutBuffer: 'number',
  maxHeaderSize: 'number',
  noDelay: 'boolean',
  optimizeEmptyRequests: 'boolean',
  rejectNonStandardBodyWrites: 'boolean',
  requestTimeout: 'number',
  requireHostHeader: 'boolean',
}

let defaults: NodeServerOptions | undefined

/** What a server is made with: what its maker says, and for the rest what stands for all of them. */
export function withDefaults(given: unknown): unknown {
  if (defaults === undefined) return given
  if (given === undefined || given === null) return defaults
  return typeof given === 'object' ? { ...defaults, ...given } : given
}

/**
 * Has servers made with these options, as JSON, where their makers say nothing else; `tried` makes one with
 * options. Throws `TypeError` for what is no object of options that are known and of their kinds, and what
 * `tried` throws; each message begins with `source`.
 */
export function setDefaults(
  source: string,
  text: string,
  tried: (options: NodeServerOptions) => unknown,
): void {
  const options = objectOf(source, text)
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined
    if (kind === undefined) {
      const known = Object.keys(KINDS).join(', ')
      throw new TypeError(`${source}: there is no option ${show(name)} among ${known}`)
    }
    if (typeof value !== kind)
      throw new TypeError(`${source}: ${name} must be a ${kind}, got ${show(value)}`)
    try {
      tried({ [name]: value })
    } catch (cause) {
      throw new TypeError(`${source}: ${(cause as Error).message}`, { cause })
    }
  }
  defaults = options
}

function objectOf(source: string, text: string): NodeServerOptions {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new TypeError(`${source} is no JSON: ${(cause as Error).message}`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`${source} must be an object of options, got ${show(value)}`)
  return value
}
