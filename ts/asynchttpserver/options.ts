import { flag, integer, MOST } from '../crossing/checks.ts'
import { checkNames, show } from '../errors.ts'
import type { ServerOptions } from '../index.ts'
import { headerLimit } from './headers.ts'
import type { Request } from './request.ts'

/** Options of a server. Sizes in bytes, times in milliseconds. */
export interface AsyncHttpServerOptions {
  /** Bind although connections of the address's last owner linger (`SO_REUSEADDR`). Default true. */
  reuseAddr?: boolean
  /** Share the port with other processes; Linux and FreeBSD only. Default false. */
  reusePort?: boolean
  /** Largest body in bytes; more is answered 413. Default 8388608 (8 MiB). */
  maxBody?: number
  /**
   * Milliseconds in which a client has to begin a request, and then to send the whole of it: silence
   * is closed, half a request is answered 408. How long a callback takes does not matter. Default 0:
   * no limit.
   */
  readTimeout?: number
  /** The limit of descriptors where the system has none. Default 16000. */
  nimMaxDescriptorsFallback?: number
  /** Hears of callbacks that fail. Default: prints to stderr. */
  onError?: (error: unknown, request: Request | undefined) => void
}

/** Options with every default filled in. */
export type CheckedOptions = Required<AsyncHttpServerOptions>

/** The limit of descriptors where the system has none. */
export const nimMaxDescriptorsFallback = 16_000

/** Longest head: 10,000 short field lines, or a dozen that are as long as Nim takes them. */
const HEAD = 128 << 10
/** The largest body that fits into a record with such a head. */
const BODY = MOST - 8 * HEAD - 4096

/** One that is not named here does not compile. */
const NAMES: Record<keyof AsyncHttpServerOptions, true> = {
  reuseAddr: true,
  reusePort: true,
  maxBody: true,
  readTimeout: true,
  nimMaxDescriptorsFallback: true,
  onError: true,
}

/** Checks options; throws `TypeError` or `RangeError` naming option and value. */
export function checkOptions(options: AsyncHttpServerOptions = {}): CheckedOptions {
  checkNames('option of newAsyncHttpServer', options, Object.keys(NAMES))
  const onError = options.onError ?? ((error: unknown) => console.error(error))
  if (typeof onError !== 'function') {
    throw new TypeError(`onError must be a function, got ${show(onError)}`)
  }
  return {
    reuseAddr: flag('reuseAddr', options.reuseAddr, true),
    reusePort: flag('reusePort', options.reusePort, false),
    maxBody: integer('maxBody', options.maxBody, 0, BODY, 8_388_608),
    nimMaxDescriptorsFallback: integer(
      'nimMaxDescriptorsFallback',
      options.nimMaxDescriptorsFallback,
      1,
      MOST,
      nimMaxDescriptorsFallback,
    ),
    readTimeout: integer('readTimeout', options.readTimeout, 0, MOST, 0),
    onError,
  }
}

/**
 * What a server is told of them. Requests of a connection come one at a time. Nim has one timer for
 * all reading; here it is every limit that has to do with reading, and none besides.
 */
export function serverOptions({ maxBody, readTimeout }: CheckedOptions): ServerOptions {
  return {
    maxBodySize: maxBody,
    maxHeadersCount: headerLimit,
    maxHeaderSize: HEAD,
    maxPipelined: 1,
    headersTimeout: readTimeout,
    bodyTimeout: readTimeout,
    requestTimeout: readTimeout,
    keepAliveTimeout: readTimeout,
    minBodyRate: 0,
  }
}
