import { matchedRoute, setRoute } from '../request/friends.ts'
import type { HttpRequest } from '../request/request.ts'
import type { HttpResult } from '../response/response.ts'
import type { Handler } from '../server/dispatch.ts'

/** Goes on to what is behind a middleware: the next one, or the handler. To be called once at most. */
export type Next = () => HttpResult | Promise<HttpResult>

/** Stands before a handler: answers itself, or looks at the request or the answer in passing. */
export type Middleware = (req: HttpRequest, next: Next) => HttpResult | Promise<HttpResult>

/** One handler out of several functions, the first one outermost; `handler` itself without any. */
export function compose(chain: readonly Middleware[], handler: Handler): Handler {
  return chain.reduceRight<Handler>((inner, outer) => wrap(outer, inner), handler)
}

function wrap(outer: Middleware, inner: Handler): Handler {
  return (req) => {
    const route = matchedRoute(req)
    let isCalled = false
    return outer(req, () => {
      if (isCalled) throw new Error('next() was called twice by the same middleware')
      isCalled = true
      // The middleware may have asked another router in between.
      if (matchedRoute(req) !== route) setRoute(req, route)
      return inner(req)
    })
  }
}
