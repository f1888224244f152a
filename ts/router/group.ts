import { show } from '../errors.ts'
import type { HttpResult } from '../response/response.ts'
import type { Handler } from '../server/dispatch.ts'
import { checkFilesPath, filesBelow, type ServeFilesOptions } from './folder.ts'
import type { Middleware } from './middleware.ts'
import type { Registry, RouteHandler } from './route.ts'

/** Routes whose paths begin alike, and the middleware before them. */
export class RouteGroup<Prefix extends string = ''> {
  readonly #prefix: Prefix
  readonly #own: Middleware[] = []
  /** The middleware before that of this group. */
  readonly #outer: () => Middleware[]
  readonly #registry: () => Registry

  /** @internal Groups are made by `group`. */
  constructor(prefix: Prefix, outer: () => Middleware[], registry: () => Registry) {
    this.#prefix = prefix
    this.#outer = outer
    this.#registry = registry
  }

  /** Adds a route for GET. Throws as `handle` does. */
  get<Path extends string>(
    path: Path,
    handler: RouteHandler<`${Prefix}${Path}`>,
    ...surplus: readonly never[]
  ): this {
    return this.handle('GET', path, handler, ...surplus)
  }

  /** Adds a route for HEAD. Throws as `handle` does. */
  head<Path extends string>(
    path: Path,
    handler: RouteHandler<`${Prefix}${Path}`>,
    ...surplus: readonly never[]
  ): this {
    return this.handle('HEAD', path, handler, ...surplus)
  }

  /** Adds a route for OPTIONS. Throws as `handle` does. */
  options<Path extends string>(
    path: Path,
    handler: RouteHandler<`${Prefix}${Path}`>,
    ...surplus: readonly never[]
  ): this {
    return this.handle('OPTIONS', path, handler, ...surplus)
  }

  /** Adds a route for POST. Throws as `handle` does. */
  post<Path extends string>(
    path: Path,
    handler: RouteHandler<`${Prefix}${Path}`>,
    ...surplus: readonly never[]
  ): this {
    return this.handle('POST', path, handler, ...surplus)
  }

  /** Adds a route for PUT. Throws as `handle` does. */
  put<Path extends string>(
    path: Path,
    handler: RouteHandler<`${Prefix}${Path}`>,
    ...surplus: readonly never[]
  ): this {
    return this.handle('PUT', path, handler, ...surplus)
  }

  /** Adds a route for PATCH. Throws as `handle` does. */
  patch<Path extends string>(
    path: Path,
    handler: RouteHandler<`${Prefix}${Path}`>,
    ...surplus: readonly never[]
  ): this {
    return this.handle('PATCH', path, handler, ...surplus)
  }

  /** Adds a route for DELETE. Throws as `handle` does. */
  delete<Path extends string>(
    path: Path,
    handler: RouteHandler<`${Prefix}${Path}`>,
    ...surplus: readonly never[]
  ): this {
    return this.handle('DELETE', path, handler, ...surplus)
  }

  /** Adds a route for every method, tried after those of the method itself. Throws as `handle` does. */
  any<Path extends string>(
    path: Path,
    handler: RouteHandler<`${Prefix}${Path}`>,
    ...surplus: readonly never[]
  ): this {
    return this.handle('*', path, handler, ...surplus)
  }

  /**
   * Adds a route. `method` is any token, compared byte for byte; '*' is every method. In `path`
   * `:name` takes what is left of a segment, `*name` at the end what is left of the path with the
   * slash before it. In a group '' is its prefix itself.
   *
   * Throws `TypeError` for a wrong method, path or handler, and `ERR_ROUTE_CONFLICT` naming both
   * patterns if another route of the method could match the same path. Then nothing is changed.
   *
   * @example
   * ```ts
   * import { empty, Router } from 'fasthttp'
   *
   * new Router().handle('PROPFIND', '/dav/*path', () => empty(207))
   * ```
   */
  handle<Path extends string>(
    method: string,
    path: Path,
    handler: RouteHandler<`${Prefix}${Path}`>,
    ...surplus: readonly never[]
  ): this {
    if (surplus.length > 0) {
      throw new TypeError(
        `route ${show(path)} takes one handler, got ${surplus.length + 1}: what stands before it is put there by use()`,
      )
    }
    this.#registry().add(method, this.#full(path), handler as Handler, this.#chain())
    return this
  }

  /**
   * Adds a fixed answer for GET: bytes that are a whole response, a text or a response value. It is
   * copied, and sent without JavaScript, so no middleware sees it. Throws as `handle` does, and
   * `TypeError` for what is no result.
   *
   * @example
   * ```ts
   * import { Router, text } from 'fasthttp'
   *
   * new Router()
   *   .static('/health', 'ok')
   *   .static('/robots.txt', text('User-agent: *\nDisallow: /\n'))
   * ```
   */
  static(path: string, result: HttpResult): this {
    this.#registry().addFixed(this.#full(path), result)
    return this
  }

  /**
   * Adds routes for GET and HEAD (for GET alone with `headFromGet`) that serve the files below
   * `root`, a path or a `file:` URL; a relative one counts from the working directory of now. `path`
   * ends with `/*filepath`. No path and no link leads out of `root`; folders are not listed; what is
   * missing is answered as what no route has.
   *
   * Throws as `handle` does, and `TypeError` for a wrong root or option.
   *
   * @example
   * ```ts
   * import { Router } from 'fasthttp'
   *
   * new Router().serveFiles('/static/*filepath', 'public', {
   *   cacheControl: (path) => (path.endsWith('.html') ? 'no-cache' : 'public, max-age=31536000'),
   * })
   * ```
   */
  serveFiles(path: string, root: string | URL, options: ServeFilesOptions = {}): this {
    checkFilesPath(path)
    const registry = this.#registry()
    const handler = filesBelow(root, options, registry)
    const full = this.#full(path)
    registry.add('GET', full, handler, this.#chain())
    // A route of its own would go before the GET routes of other paths.
    if (registry.headFromGet) return this
    try {
      registry.add('HEAD', full, handler, this.#chain())
    } catch (error) {
      registry.remove('GET', full)
      throw error
    }
    return this
  }

  /**
   * Puts middleware before the routes that are added from now on, also in groups below this one:
   * behind the middleware put here before, and before that of those groups. Several run in their
   * order. Throws `TypeError` for what is no function.
   *
   * @example
   * ```ts
   * import { Router, text } from 'fasthttp'
   *
   * const router = new Router().use((req, next) =>
   *   req.header('authorization') === undefined ? text('who?', { status: 401 }) : next(),
   * )
   * router.get('/secret', () => 'for those who say who they are')
   * ```
   */
  use(...middleware: Middleware[]): this {
    for (const one of middleware) {
      if (typeof one !== 'function') {
        throw new TypeError(`middleware must be a function, got ${show(one)}`)
      }
    }
    this.#own.push(...middleware)
    return this
  }

  /**
   * Routes below a prefix, behind the middleware of this group. Throws `TypeError` for a prefix
   * that does not begin with a slash or ends with one; '/' alone is no prefix.
   *
   * @example
   * ```ts
   * import { json, Router } from 'fasthttp'
   *
   * const api = new Router().group('/api')
   * api.get('', () => 'the API itself') // /api
   * api.get('/items/:id', (req) => json({ id: req.params.id })) // /api/items/1
   * ```
   */
  group<Path extends string>(prefix: Path): RouteGroup<`${Prefix}${Path extends '/' ? '' : Path}`> {
    if (typeof prefix !== 'string') {
      throw new TypeError(`prefix must be a string, got ${show(prefix)}`)
    }
    if (prefix !== '/' && (!prefix.startsWith('/') || prefix.endsWith('/'))) {
      throw new TypeError(`prefix must begin with '/' and not end with it, got ${show(prefix)}`)
    }
    const full = `${this.#prefix}${prefix === '/' ? '' : prefix}`
    type Full = `${Prefix}${Path extends '/' ? '' : Path}`
    return new RouteGroup<Full>(full as Full, () => this.#chain(), this.#registry)
  }

  #chain(): Middleware[] {
    return [...this.#outer(), ...this.#own]
  }

  #full(path: string): string {
    if (typeof path !== 'string') throw new TypeError(`path must be a string, got ${show(path)}`)
    // The prefix must not make a path of what is none.
    return path === '' || path.startsWith('/') ? this.#prefix + path : path
  }
}
