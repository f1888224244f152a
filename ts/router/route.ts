import type { MatchedRoute, Params } from '../request/params.ts'
import type { HttpRequest } from '../request/request.ts'
import type { HttpResult } from '../response/response.ts'
import type { Handler } from '../server/dispatch.ts'
import type { FolderPlace } from './folder.ts'
import type { Middleware } from './middleware.ts'

type NameIn<Segment extends string> = Segment extends `${string}:${infer Name}`
  ? Name
  : Segment extends `${string}*${infer Name}`
    ? Name
    : never

type Names<Path extends string> = Path extends `${infer Segment}/${infer Rest}`
  ? NameIn<Segment> | Names<Rest>
  : NameIn<Path>

/** Anything may stand in it, as in `${string}/:id`: then it is an index signature. */
type IsOpen<Path extends string> = Record<never, 0> extends Record<Path, 0> ? true : false

/** The parameters of a path literal: `{ id: string }` for '/user/:id'; of a union, those of one. */
export type RouteParams<Path extends string> = Path extends unknown
  ? IsOpen<Path> extends true
    ? Params
    : { readonly [Name in Names<Path>]: string }
  : never

/** A handler of a route with this path. */
export type RouteHandler<Path extends string> = (
  req: HttpRequest<RouteParams<Path>>,
) => HttpResult | Promise<HttpResult>

/** A route with its handler. */
export interface Route extends MatchedRoute {
  readonly method: string
  /** The handler behind its middleware. */
  readonly handler: Handler
}

/** Where groups put their routes. */
export interface Registry extends FolderPlace {
  add(method: string, path: string, handler: Handler, chain: readonly Middleware[]): void
  addFixed(path: string, result: HttpResult): void
  remove(method: string, path: string): boolean
}
