import { flag } from '../crossing/checks.ts'
import type { NativeRouterOptions } from '../crossing/native.ts'
import { checkNames, show } from '../errors.ts'
import type { HttpRequest } from '../request/request.ts'
import type { HttpResult } from '../response/response.ts'
import type { Handler } from '../server/dispatch.ts'

/** Answers a request whose handler has thrown or rejected. */
export type PanicHandler = (req: HttpRequest, error: unknown) => HttpResult | Promise<HttpResult>

/** What a router does beyond matching. */
export interface RouterOptions {
  /** Redirect to the path with or without its final slash if that has a route. Default true. */
  redirectTrailingSlash?: boolean
  /** Redirect to the clean path, or one in other letter case, if that has a route. Default true. */
  redirectFixedPath?: boolean
  /** Answer 405 with `Allow` if another method than OPTIONS has a route for the path. Default true. */
  handleMethodNotAllowed?: boolean
  /** Answer OPTIONS with `Allow` for every path that has a route. Default true. */
  handleOptions?: boolean
  /**
   * Serve HEAD from the routes of GET where HEAD has none (RFC 9110 §9.1). Default true, where
   * fasthttprouter answers 405.
   */
  headFromGet?: boolean
  /** Status of every redirect: 301, 302, 307 or 308. Default: 301 to GET, 307 to all others. */
  redirectCode?: 301 | 302 | 307 | 308
  /**
   * 'never' (the default): at most one route may match a path. 'static-first': static text is
   * preferred to a parameter and a parameter to a catch-all, with backtracking.
   */
  overlap?: 'never' | 'static-first'
  /** Answers what no route has. Default: the I/O thread does, with 404. */
  notFound?: Handler
  /**
   * Answers what only routes of other methods have; `Allow` is added to its result. Default: the I/O
   * thread does, with 405.
   */
  methodNotAllowed?: Handler
  /**
   * Answers for handlers that throw or reject, unless with an `HttpError`. Default: 500, and `onError`
   * hears of it.
   */
  panicHandler?: PanicHandler
}

const NAMES = [
  'redirectTrailingSlash',
  'redirectFixedPath',
  'handleMethodNotAllowed',
  'handleOptions',
  'headFromGet',
  'redirectCode',
  'overlap',
  'notFound',
  'methodNotAllowed',
  'panicHandler',
]

/** Checks the options that the addon obeys; throws `TypeError` or `RangeError` naming the wrong one. */
export function checkRouterOptions(options: RouterOptions): NativeRouterOptions {
  checkNames('option of Router', options, NAMES)
  const { redirectCode, overlap = 'never' } = options
  if (redirectCode !== undefined && ![301, 302, 307, 308].includes(redirectCode)) {
    throw new RangeError(`redirectCode must be 301, 302, 307 or 308, got ${show(redirectCode)}`)
  }
  if (overlap !== 'never' && overlap !== 'static-first') {
    throw new TypeError(`overlap must be 'never' or 'static-first', got ${show(overlap)}`)
  }
  return {
    redirectTrailingSlash: flag('redirectTrailingSlash', options.redirectTrailingSlash, true),
    redirectFixedPath: flag('redirectFixedPath', options.redirectFixedPath, true),
    handleMethodNotAllowed: flag('handleMethodNotAllowed', options.handleMethodNotAllowed, true),
    handleOptions: flag('handleOptions', options.handleOptions, true),
    headFromGet: flag('headFromGet', options.headFromGet, true),
    redirectCode: redirectCode ?? 0,
    staticFirst: overlap === 'static-first',
  }
}

/** Checks a handler that may be left out. */
export function checkHandler<F>(name: string, handler: F | undefined): F | undefined {
  if (handler !== undefined && typeof handler !== 'function') {
    throw new TypeError(`${name} must be a function, got ${show(handler)}`)
  }
  return handler
}
