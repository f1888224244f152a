import type { Chunk } from '../crossing/chunk.ts'
import type { Course } from './course.ts'
import type { MatchedRoute, Params } from './params.ts'
import type { HttpRequest } from './request.ts'

// What this package alone may do with a request. Not static members of its class: a handler reaches
// those, and with them the server's memory.

/** @internal The record of a request. */
export let recordOf: (request: HttpRequest) => { chunk: Chunk; at: number }
/** @internal The chunk of that record, for who must not make an object of both. */
export let chunkOf: (request: HttpRequest) => Chunk
/** @internal The word of the chunk at which it begins. */
export let placeOf: (request: HttpRequest) => number
/** @internal Moves a request's bytes out of a chunk that is let go. */
export let moveRecord: (request: HttpRequest) => void
/** @internal What becomes of a request. */
export let courseOf: (request: HttpRequest) => Course
/** @internal The same; none of a request to which nothing has happened and of which nobody asked. */
export let knownCourse: (request: HttpRequest) => Course | undefined
/**
 * The route parameters of a request as they are in `path`, with its escapes; the prototype is null. Throws
 * `TypeError` for what is no request of this package.
 *
 * @example
 * ```ts
 * import { rawParams, Router } from 'fasthttp'
 *
 * // /files/a%2Fb: 'a%2Fb' where req.params.name is 'a/b'.
 * new Router().get('/files/:name', (req) => String(rawParams(req)['name']))
 * ```
 */
export let rawParams: (request: HttpRequest) => Params
/** @internal The number of the route that the addon found; negative for none. */
export let routeOf: (request: HttpRequest) => number
/** @internal Gives a request its route. */
export let setRoute: (request: HttpRequest, route: MatchedRoute | undefined) => void
/** @internal The route of a request; none of what somebody else calls a request. */
export let matchedRoute: (request: unknown) => MatchedRoute | undefined

/** What of a request its class alone reaches. */
interface Friends {
  readonly recordOf: typeof recordOf
  readonly chunkOf: typeof chunkOf
  readonly placeOf: typeof placeOf
  readonly moveRecord: typeof moveRecord
  readonly courseOf: typeof courseOf
  readonly knownCourse: typeof knownCourse
  readonly rawParams: typeof rawParams
  readonly routeOf: typeof routeOf
  readonly setRoute: typeof setRoute
  readonly matchedRoute: typeof matchedRoute
}

/** @internal Called once by the class of requests, which is loaded before there is one. */
export function befriend(friends: Friends): void {
  ;({
    recordOf,
    chunkOf,
    placeOf,
    moveRecord,
    courseOf,
    knownCourse,
    rawParams,
    routeOf,
    setRoute,
    matchedRoute,
  } = friends)
}
