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

const KNOWN: ReadonlySet<string> = new Set(Object.values(HttpMethod))

/** Whether `method` is one of the nine. */
export function isHttpMethod(method: string): method is HttpMethod {
  return KNOWN.has(method)
}
