import type { HttpRequest } from '../request/request.ts'
import { EncodedResponse } from './encoded.ts'
import { isType, type Lines } from './fields.ts'
import { gathered } from './gathering.ts'
import { preparedResult } from './prepared.ts'
import type { HttpResponse } from './response.ts'
import { usedBody } from './used-body.ts'

/** Where a `Response` that the server can send without the platform has its answer, or the platform's. */
export const OWN_ANSWER: unique symbol = Symbol('fasthttp.answer')
/** Where such a one says whether it has a body, which to look at would make it the platform's. */
export const HAS_BODY: unique symbol = Symbol('fasthttp.body')

/**
 * Whether a value is a `Response` of the Fetch API: of the platform, of a subclass, of another realm or of
 * a library, some of which give it no tag. It is not asked for by its class: to name that loads the
 * platform's `fetch`, which programs without one do not need.
 */
export function isFetched(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false
  const { [Symbol.toStringTag]: tag, arrayBuffer } = value as Partial<Response> & {
    [Symbol.toStringTag]?: unknown
  }
  return tag === 'Response' || (typeof arrayBuffer === 'function' && 'status' in value)
}

/** The same of something that was thrown: to look at it may fail as well. */
export function isThrownResponse(error: unknown): error is Response {
  try {
    return isFetched(error)
  } catch {
    return false
  }
}

/**
 * What a `Response` of the Fetch API is as an answer of ours: one with its body in it if that is in memory,
 * else a stream; for HEAD nobody looks. Rejects as the body does as long as nothing of it was sent. Throws `TypeError` for a
 * `Response.error()`, `ERR_INVALID_STATE` for a body that somebody reads or has read, and as `reply` does.
 */
export function fetchedResult(
  response: Response,
  isHead: boolean,
  req: HttpRequest,
): HttpResponse | Promise<HttpResponse> {
  const own = (response as { [OWN_ANSWER]?: HttpResponse | Response })[OWN_ANSWER]
  if (own !== undefined) return isFetched(own) ? fetchedResult(own, isHead, req) : own
  const prepared = preparedResult(response, isHead, req)
  if (prepared !== undefined) return prepared
  const { status, body } = response
  if (status === 0) {
    throw new TypeError('a network error (Response.error()) is no answer')
  }
  const { statusText } = response
  const headers = linesOf(response)
  if (body === null || body === undefined) {
    return EncodedResponse.unsized({ status, statusText, headers })
  }
  if (response.bodyUsed || body.locked) throw usedBody()
  return gathered({ status, statusText, headers }, body, isHead)
}

/**
 * The same response with more field lines; another one if its own are fixed, or if it may be sent again: then they
 * would be those of somebody else's answer, too.
 */
export function fetchedWithLines(response: Response, added: Lines): Response {
  if (isSentAgain(response)) return withMore(new Response(null, response), added)
  try {
    return withMore(response, added)
  } catch {
    // What `fetch` has given, and redirects.
    return withMore(new Response(response.body, response), added)
  }
}

/** One without a body may be sent any number of times. */
function isSentAgain(response: Response): boolean {
  const { [HAS_BODY]: hasBody } = response as { [HAS_BODY]?: boolean }
  return hasBody === undefined ? (response.body ?? null) === null : !hasBody
}

function withMore(response: Response, added: Lines): Response {
  const { headers } = response
  for (const [name, value] of added) {
    if (isType(name)) headers.set(name, value)
    else headers.append(name, value)
  }
  return response
}

/** Codings that `fetch` undoes, after which the field and the length are those of another body. */
const UNDONE = /^\s*(?:x-)?(?:gzip|deflate|br)(?:\s*,\s*(?:x-)?(?:gzip|deflate|br))*\s*$/i

/**
 * The field lines of a response, but for those that belong to another connection (RFC 9110 §7.6.1), and
 * those that are no longer true of a body that `fetch` has decoded.
 */
function linesOf(response: Response): [string, string][] {
  const lines: [string, string][] = []
  let isOther = false
  let coding = ''
  for (const line of response.headers as unknown as Iterable<[string, string]>) {
    switch (line[0].toLowerCase()) {
      // The server sets it.
      case 'transfer-encoding':
        continue
      case 'connection':
      case 'keep-alive':
        isOther = true
        break
      case 'content-encoding':
        coding = line[1]
        isOther = true
        break
    }
    lines.push(line)
  }
  // What has a URL was made by `fetch`.
  if (!isOther || response.url === '') return lines
  const left = lines.filter(([name]) => name !== 'connection' && name !== 'keep-alive')
  if (response.body === null || !UNDONE.test(coding)) return left
  return left.filter(([name]) => name !== 'content-encoding' && name !== 'content-length')
}
