import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

/** The major versions of Node that we are for. */
export const VERSIONS = [20, 22, 24, 26] as const

/** A Node of this version: the running one, or one that `__test__/fetch-nodes.sh` has fetched. */
export function nodeOf(version: number): string | undefined {
  if (process.versions.node.startsWith(`${version}.`)) return process.execPath
  const fetched =
    process.env[`FASTHTTP_NODE_${version}`] ?? join(root, '__test__/.nodes', `node-${version}`)
  return existsSync(fetched) ? fetched : undefined
}
