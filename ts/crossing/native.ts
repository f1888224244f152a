import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { coded, type CodedError } from '../errors.ts'
import type { Native } from './addon.ts'

export type * from './addon.ts'

/** What decides which binary fits. */
export interface Host {
  /** `process.platform`. */
  readonly platform: string
  /** `process.arch`. */
  readonly arch: string
  /** Linux only: the C library that the process runs on. */
  readonly libc?: 'glibc' | 'musl' | undefined
}

/** Loads a binary by its path or package; throws what `require` throws. */
export type Load = (id: string) => unknown

// A bundler may have put this into an ES module, which has no `__filename`: then the program's own
// place is the next best to look from.
const here = typeof __filename === 'string' ? __filename : (process.argv[1] ?? resolve('main.js'))
const requireHere = createRequire(here)
// Spelled out, so that a bundler takes the manifest along.
const { version } = require('../../../package.json') as { version: string }

/** How no binary of anybody's can be loaded, whatever is installed. */
const FORBIDDEN = 'Node forbids addons (--no-addons, or --permission without --allow-addons)'

/** The package's folder. Where a bundler has moved this file, the same version may still be installed. */
function packageFolder(): string {
  try {
    const installed = requireHere.resolve('fasthttp/package.json')
    if ((requireHere(installed) as { version: string }).version === version)
      return dirname(installed)
  } catch {
    // Not installed where this file is now.
  }
  // The compiled file is dist/ts/crossing/native.js.
  return resolve(here, '../../../..')
}

const root = packageFolder()

/**
 * Where a binary may be, best first: built here, prebuilt for this C library, prebuilt for the
 * other one, the package of the platform.
 */
export function candidates({ platform, arch, libc }: Host): string[] {
  const name = `${platform}-${arch}`
  const folder = join(root, 'prebuilds', name)
  const abi = { glibc: '-gnu', musl: '-musl', none: platform === 'win32' ? '-msvc' : '' }
  const suffix = abi[libc ?? 'none']
  const order = { glibc: ['.glibc', '.musl'], musl: ['.musl', '.glibc'], none: [''] }
  return [
    join(root, 'npm', 'local', `fasthttp.${name}${suffix}.node`),
    ...order[libc ?? 'none'].map((tag) => join(folder, `fasthttp${tag}.node`)),
    `fasthttp-${name}${suffix}`,
  ]
}

/**
 * The first binary that loads; with an `override` that one or none. Throws `ERR_NO_BINARY`, whose
 * message lists what was tried, why each failed, and what to do; its `cause` is there if Node forbids all of them.
 */
export function loadNative(host: Host, override: string | undefined, load: Load): Native {
  const tried: string[] = []
  for (const id of override === undefined ? candidates(host) : [resolve(override)]) {
    try {
      return load(id) as Native
    } catch (error) {
      if ((error as Partial<CodedError>).code === 'ERR_DLOPEN_DISABLED') throw forbiddenBy(error)
      tried.push(`  ${id}: ${reason(error)}`)
    }
  }
  const advice =
    override === undefined
      ? 'Prebuilt are linux (x64, arm64; glibc >= 2.17 and musl), darwin (x64, arm64), freebsd (x64) ' +
        'and win32 (x64). Install on the platform it runs on: node_modules copied from another one ' +
        'lack its binary. A bundle has none in it: leave fasthttp out of it (--external:fasthttp) and ' +
        'install it beside the bundle. Elsewhere build it with cargo and name it in FASTHTTP_NATIVE_PATH.'
      : 'FASTHTTP_NATIVE_PATH names the binary; unset it to use the one of the package.'
  const at = [host.platform, host.arch, host.libc].filter((part) => part !== undefined).join(' ')
  const message = `fasthttp found no native binary for ${at}. Tried:\n${tried.join('\n')}\n${advice}`
  throw coded('ERR_NO_BINARY', new Error(message))
}

function forbiddenBy(cause: unknown): Error {
  return coded(
    'ERR_NO_BINARY',
    new Error(`fasthttp may not load its binary: ${FORBIDDEN}`, { cause }),
  )
}

function reason(error: unknown): string {
  const { code, message } = error as Partial<CodedError>
  return code === 'MODULE_NOT_FOUND' ? 'not there' : (String(message).split('\n')[0] ?? '')
}

/** This process. `process.report` tells the C library; without the network it asks no name server. */
export function nativeHost(): Host {
  const { platform, arch } = process
  if (platform !== 'linux') return { platform, arch }
  const report = process.report as
    (typeof process.report & { excludeNetwork?: boolean }) | undefined
  if (report === undefined) return { platform, arch, libc: 'glibc' }
  const before = report.excludeNetwork
  report.excludeNetwork = true
  const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } }
  report.excludeNetwork = before ?? false
  return { platform, arch, libc: header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc' }
}

function loadHere(id: string): unknown {
  if (id.endsWith('.node')) return requireHere(id)
  const found = (requireHere(`${id}/package.json`) as { version: string }).version
  if (found !== version) throw new Error(`version ${found}, ${version} is needed`)
  return requireHere(id)
}

/** Why there is no addon in this process; `undefined` if there is one. */
export let forbidden: string | undefined

function loadOrStandIn(): Native {
  try {
    return loadNative(nativeHost(), process.env['FASTHTTP_NATIVE_PATH'], loadHere)
  } catch (error) {
    if ((error as Error).cause === undefined) throw error
    forbidden = FORBIDDEN
    // Whoever can do without it asks why; the others hear of it from the first thing that they want of it.
    const get = (): never => {
      throw error
    }
    return new Proxy({}, { get }) as Native
  }
}

/** The addon, the same one for every import: `require` keeps it by its path. */
export const native: Native = loadOrStandIn()
