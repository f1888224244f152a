/** A method that a callback sees: what stands in the request line, case included (RFC 9110 §9.1). */
export type HttpMethod =
  'HEAD' | 'GET' | 'POST' | 'PUT' | 'DELETE' | 'TRACE' | 'OPTIONS' | 'CONNECT' | 'PATCH'

/** The methods by their names in Nim, and in its order. */
export const HttpMethod: { readonly [M in HttpMethod as `Http${Capitalize<Lowercase<M>>}`]: M } = {
  HttpHead: 'HEAD',
  HttpGet: 'GET',
  HttpPost: 'POST',
  HttpPut: 'PUT',
  HttpDelete: 'DELETE',
  HttpTrace: 'TRACE',
  HttpOptions: 'OPTIONS',
  HttpConnect: 'CONNECT',
  HttpPatch: 'PATCH',
}

/** `HttpMethod.HttpHead`. */
export const HttpHead = 'HEAD' as const
/** `HttpMethod.HttpGet`. */
export const HttpGet = 'GET' as const
/** `HttpMethod.HttpPost`. */
export const HttpPost = 'POST' as const
/** `HttpMethod.HttpPut`. */
export const HttpPut = 'PUT' as const
/** `HttpMethod.HttpDelete`. */
export const HttpDelete = 'DELETE' as const
/** `HttpMethod.HttpTrace`. */
export const HttpTrace = 'TRACE' as const
/** `HttpMethod.HttpOptions`. */
export const HttpOptions = 'OPTIONS' as const
/** `HttpMethod.HttpConnect`. */
export const HttpConnect = 'CONNECT' as const
/** `HttpMethod.HttpPatch`. */
export const HttpPatch = 'PATCH' as const

const KNOWN: ReadonlySet<string> = new Set(Object.values(HttpMethod))

/** Whether `method` is one of the nine. */
export function isHttpMethod(method: string): method is HttpMethod {
  return KNOWN.has(method)
}
