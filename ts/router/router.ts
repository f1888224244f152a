import { bare } from '../crossing/checks.ts'
import { native, type NativeAdded } from '../crossing/native.ts'
import { coded, show } from '../errors.ts'
import { asKey, byName, decodeValue, NO_PARAMS, type Params } from '../request/params.ts'
import { routeOf, setRoute } from '../request/friends.ts'
import type { HttpRequest } from '../request/request.ts'
import { empty, type HttpResult, redirect, text } from '../response/response.ts'
import type { Handler } from '../server/dispatch.ts'
import { type Routed, setMatching } from '../server/routed.ts'
import { allowing } from './allow.ts'
import { fix } from './fixed.ts'
import { RouteGroup } from './group.ts'
import { compose, type Middleware } from './middleware.ts'
import { rescued } from './panic.ts'
import { checkHidden, checkPattern } from './pattern.ts'
import type { Registry, Route } from './route.ts'
import {
  checkHandler,
  checkRouterOptions,
  type PanicHandler,
  type RouterOptions,
} from './routing.ts'
import { NOT_ALLOWED, NOTHING, OPTIONS, OTHER_SLASH, RouterTable, wireForm } from './table.ts'

/** What `lookup` found. */
export interface Match {
  /** The handler behind its middleware; `undefined` if no route matches. */
  readonly handler: Handler | undefined
  /** Decoded as `HttpRequest.params` are. */
  readonly params: Params
  /** The pattern of the route. */
  readonly pattern: string | undefined
  /** No route matches, but one does with the final slash taken away or added. */
  readonly tsr: boolean
}

const NOT_FOUND = text('Not Found', { status: 404 })
const METHOD_NOT_ALLOWED = text('Method Not Allowed', { status: 405 })
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** What the addon says in a record instead of a route: see ROUTE_* in native/net/request.rs. */
const RECORD_NOT_FOUND = -2
const RECORD_NOT_ALLOWED = -3

/**
 * Routes by method and path. `createServer(router)` matches them on the I/O threads, which answer
 * what needs no handler; `router.handler` is the same as an ordinary handler.
 *
 * Throws `TypeError` or `RangeError` naming a wrong option and its value.
 *
 * @example
 * ```ts
 * import { createServer, json, Router } from 'fasthttp'
 *
 * const router = new Router({ overlap: 'static-first' })
 * router.get('/user/:id', (req) => json({ id: req.params.id }))
 * router.get('/files/*path', (req) => req.params.path)
 * router.static('/health', 'ok')
 * await createServer(router).listen(3000)
 * ```
 */
export class Router extends RouteGroup implements Routed {
  /** Answers any request as the router would: for middleware, or as `notFound` of another router. */
  readonly handler: Handler
  readonly #table: RouterTable
  readonly #routes = new Map<number, Route>()
  readonly #moved: number
  readonly #headFromGet: boolean
  #notFound: Handler | undefined
  #methodNotAllowed: Handler | undefined
  #panicHandler: PanicHandler | undefined

  constructor(options: RouterOptions = {}) {
    super(
      '',
      () => [],
      () => this.#registry,
    )
    this.#table = new RouterTable(checkRouterOptions(options))
    this.#moved = options.redirectCode ?? 301
    this.#headFromGet = options.headFromGet ?? true
    this.handler = (req) => this.#guarded(req, this.#match)
    setMatching(this, {
      native: this.#table.native,
      handler: (req) => this.#guarded(req, this.#matched),
    })
    this.notFound = options.notFound
    this.methodNotAllowed = options.methodNotAllowed
    this.panicHandler = options.panicHandler
  }

  /** Answers what no route has; by default the I/O thread does, with 404. */
  get notFound(): Handler | undefined {
    return this.#notFound
  }

  /** `undefined` for the default. */
  set notFound(handler: Handler | undefined) {
    this.#notFound = checkHandler('notFound', handler)
    this.#setHandlers()
  }

  /** Answers what only routes of other methods have; `Allow` is added to its result, if missing. */
  get methodNotAllowed(): Handler | undefined {
    return this.#methodNotAllowed
  }

  /** `undefined` for the default. */
  set methodNotAllowed(handler: Handler | undefined) {
    this.#methodNotAllowed = checkHandler('methodNotAllowed', handler)
    this.#setHandlers()
  }

  /**
   * Answers for handlers that throw or reject, unless with an `HttpError` or with the connection taken;
   * `onError` hears of none of these then.
   */
  get panicHandler(): PanicHandler | undefined {
    return this.#panicHandler
  }

  /** `undefined` for the default. */
  set panicHandler(handler: PanicHandler | undefined) {
    this.#panicHandler = checkHandler('panicHandler', handler)
  }

  /** The patterns by method in order of registration; '*' for any method. The prototype is null. */
  list(): Record<string, string[]> {
    const patterns = Object.create(null) as Record<string, string[]>
    for (const { method, pattern } of this.#routes.values()) (patterns[method] ??= []).push(pattern)
    return patterns
  }

  /**
   * Removes the route with this method, '*' for those of `any`, and this very pattern, with the prefix
   * of its group; says whether it was there. Those of `serveFiles` are two: GET and HEAD.
   *
   * @example
   * ```ts
   * import { Router } from 'fasthttp'
   *
   * const router = new Router().get('/old', () => 'old')
   * router.remove('GET', '/old') // true
   * router.remove('GET', '/old') // false
   * ```
   */
  remove(method: string, path: string): boolean {
    const id = this.#table.native.remove(String(method), String(path))
    if (id === null) return false
    this.#routes.delete(id)
    return true
  }

  /**
   * Finds the route of a path, which is without a query, as requests are matched; without redirects
   * and the like, whatever the options.
   *
   * @example
   * ```ts
   * import { Router } from 'fasthttp'
   *
   * const router = new Router().get('/user/:id', () => 'found')
   * router.lookup('GET', '/user/7').params['id'] // '7'
   * router.lookup('GET', '/user/7/').tsr // true: without its final slash it would be found
   * ```
   */
  lookup(method: string, path: string): Match {
    const id = this.#table.find(String(method), wireForm(String(path)))
    const route = this.#routes.get(id)
    if (route === undefined) {
      return { handler: undefined, params: NO_PARAMS, pattern: undefined, tsr: id === OTHER_SLASH }
    }
    const { handler, names, pattern } = route
    const values = this.#table.values(names.length)
    return { handler, params: byName(names, values, decodeValue), pattern, tsr: false }
  }

  get #registry(): Registry {
    return {
      add: (method, path, handler, chain) => this.#add(method, path, handler, chain),
      addFixed: (path, result) => this.#addFixed(path, result),
      remove: (method, path) => this.remove(method, path),
      missing: () => (this.#notFound === undefined ? undefined : this.#missing),
      moved: this.#moved,
      headFromGet: this.#headFromGet,
    }
  }

  #add(method: string, path: string, handler: Handler, chain: readonly Middleware[]): void {
    if (typeof method !== 'string' || !TOKEN.test(method)) {
      throw new TypeError(`method must be a token (RFC 9110 §5.6.2), got ${show(method)}`)
    }
    if (typeof handler !== 'function') {
      throw new TypeError(`handler of ${show(path)} must be a function, got ${show(handler)}`)
    }
    checkPattern(path)
    checkHidden(method, path, this.#routes.values())
    this.#keep(this.#table.native.add(method, path), method, path, compose(chain, handler))
  }

  #addFixed(path: string, result: HttpResult): void {
    if (typeof result !== 'string' && (typeof result !== 'object' || result === null)) {
      const kinds = 'a string, a Uint8Array or a response such as text(...)'
      throw new TypeError(`answer of ${show(path)} must be ${kinds}, got ${show(result)}`)
    }
    checkPattern(path)
    const { fixed, copy } = fix(result)
    const { words, head, body } = fixed
    this.#keep(this.#table.native.addFixed('GET', path, words, head, body), 'GET', path, copy)
  }

  #keep(added: NativeAdded, method: string, pattern: string, handler: Handler): void {
    const { id, names, conflict, problem } = bare(added)
    const route = `route ${method} ${JSON.stringify(pattern)}`
    if (typeof conflict === 'string') {
      const both =
        `${route} conflicts with ${method} ${JSON.stringify(conflict)}: at most one may match a path, ` +
        "unless new Router({ overlap: 'static-first' }) says which is preferred"
      throw coded('ERR_ROUTE_CONFLICT', new Error(both))
    }
    if (typeof id !== 'number') throw new TypeError(`${route} ${problem ?? 'was refused'}`)
    this.#routes.set(id, { method, pattern, names: names.map(asKey), handler })
  }

  #setHandlers(): void {
    const handlers = [this.#notFound, this.#methodNotAllowed] as const
    this.#table.native.setHandlers(handlers[0] !== undefined, handlers[1] !== undefined)
  }

  /** Takes a request that an I/O thread has matched. */
  readonly #matched = (req: HttpRequest): HttpResult | Promise<HttpResult> => {
    const id = routeOf(req)
    if (id === RECORD_NOT_FOUND && this.#notFound !== undefined) return this.#notFound(req)
    const handler = this.#methodNotAllowed
    if (id === RECORD_NOT_ALLOWED && handler !== undefined) {
      const methods = this.#table.native.allow(req.method, req.path)
      if (methods !== '') return allowing(req, methods, () => handler(req))
    }
    const route = this.#routes.get(id)
    // Routes were removed meanwhile: then their requests are treated like those that come later.
    if (route === undefined) return this.#match(req)
    setRoute(req, route)
    return route.handler(req)
  }

  /** Takes a request whose route leads to nothing. */
  readonly #missing = (req: HttpRequest): HttpResult | Promise<HttpResult> => {
    setRoute(req, undefined)
    return this.#guarded(req, this.#notFound ?? (() => NOT_FOUND))
  }

  /** Matches a request here. */
  readonly #match = (req: HttpRequest): HttpResult | Promise<HttpResult> => {
    const { method, path } = req
    const code = this.#table.decide(method, path)
    const route = this.#routes.get(code)
    if (route !== undefined) {
      const { pattern, names } = route
      setRoute(req, { pattern, names, values: this.#table.values(names.length) })
      return route.handler(req)
    }
    setRoute(req, undefined)
    switch (code) {
      case NOTHING:
        return this.#notFound === undefined ? NOT_FOUND : this.#notFound(req)
      case NOT_ALLOWED: {
        const handler = this.#methodNotAllowed ?? (() => METHOD_NOT_ALLOWED)
        return allowing(req, this.#table.native.allow(method, path), () => handler(req))
      }
      case OPTIONS:
        return empty(200, { headers: { Allow: this.#table.native.allow(method, path) } })
      default: {
        const query = req.query === '' ? '' : `?${req.query}`
        return redirect(this.#table.native.target() + query, -code as 301)
      }
    }
  }

  #guarded(
    req: HttpRequest,
    answer: (req: HttpRequest) => HttpResult | Promise<HttpResult>,
  ): HttpResult | Promise<HttpResult> {
    const panicHandler = this.#panicHandler
    return panicHandler === undefined ? answer(req) : rescued(panicHandler, req, answer)
  }
}

/**
 * The canonical form of a path: one slash at its beginning and between its elements, without `.`
 * and `..`. A final slash stays. Escapes are not looked into.
 *
 * @example
 * ```ts
 * import { cleanPath } from 'fasthttp'
 *
 * cleanPath('//a/./b/../c/') // '/a/c/'
 * ```
 */
export function cleanPath(path: string): string {
  if (typeof path !== 'string') throw new TypeError(`path must be a string, got ${show(path)}`)
  return native.cleanPath(path)
}
