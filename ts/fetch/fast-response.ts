import { EncodedResponse } from '../response/encoded.ts'
import { HAS_BODY, OWN_ANSWER } from '../response/fetched.ts'
import { usedBody } from '../response/used-body.ts'
import { inherit } from './inherit.ts'

// Taken here: `fasthttp/fetch/global` puts another one in its place, and others may.
const Platform: typeof Response = Response
const PlatformHeaders: typeof Headers = Headers

type Init = ConstructorParameters<typeof Response>[1]
type Body = ConstructorParameters<typeof Response>[0]
type Pairs = [string, string][]

/** Statuses whose answers have no body; the platform says so to who gives one. */
const BODILESS = new Set([204, 205, 304])

/** What is known of a response that the platform has not made. */
interface Light {
  readonly answer: EncodedResponse
  readonly body: string | null
  readonly status: number
  readonly pairs: Pairs
}

/**
 * A `Response` that is a text, JSON or nothing, and is made by the platform when somebody reads it. The
 * server sends it without that. It is an instance of `Response`, has all of its members and takes what that
 * takes; whatever is more than a text with fields is the platform's from the beginning.
 *
 * @example
 * ```ts
 * import { createServer, FastResponse } from 'fasthttp/fetch'
 *
 * createServer((req) => new FastResponse(`Hello from ${req.url}`, { headers: { 'X-One': '1' } }))
 * ```
 */
class LightResponse {
  #light: Light | undefined
  #headers: Headers | undefined = undefined
  #real: Response | undefined = undefined
  #isSent = false

  constructor(body?: Body, init?: Init) {
    this.#light = lightOf(body, init)
    if (this.#light === undefined) this.#real = new Platform(body, init)
  }

  static json(data: unknown, init?: Init): Response {
    const text = JSON.stringify(data) as string | undefined
    // It says what is wrong.
    if (text === undefined) return Platform.json(data, init)
    const pairs = pairsOf(init?.headers)
    if (pairs === undefined) return Platform.json(data, init)
    if (!hasType(pairs)) pairs.push(['content-type', 'application/json'])
    return new LightResponse(text, { ...init, headers: pairs }) as unknown as Response
  }

  get status(): number {
    return this.#light?.status ?? this.#made().status
  }

  get statusText(): string {
    return this.#real?.statusText ?? ''
  }

  get ok(): boolean {
    const { status } = this
    return status >= 200 && status <= 299
  }

  get bodyUsed(): boolean {
    if (this.#real !== undefined) return this.#real.bodyUsed
    return this.#isSent && this.#light?.body != null
  }

  get headers(): Headers {
    if (this.#real !== undefined) return this.#real.headers
    return (this.#headers ??= new PlatformHeaders(this.#light?.pairs))
  }

  clone(): Response {
    const headers = this.#headers
    if (this.#real !== undefined || headers !== undefined || this.bodyUsed) {
      const copy = this.#made().clone()
      if (headers !== undefined) fill(copy.headers, headers)
      return copy
    }
    const { body, status, pairs } = this.#light as Light
    return new LightResponse(body, { status, headers: pairs }) as unknown as Response
  }

  /** What the server sends; nothing if the platform has made it. */
  get [OWN_ANSWER](): EncodedResponse | Response {
    if (this.#real !== undefined) return this.#real
    const { answer, body, status } = this.#light as Light
    if (this.#isSent && body !== null) throw usedBody()
    this.#isSent = true
    if (this.#headers === undefined) return answer
    // Somebody may have changed them.
    const headers = [...this.#headers].filter(([name]) => name !== 'transfer-encoding')
    return answered(status, body, headers)
  }

  get [HAS_BODY](): boolean {
    return (this.#real === undefined ? this.#light?.body : this.#real.body) != null
  }

  #made(): Response {
    if (this.#real !== undefined) return this.#real
    const { body, status, pairs } = this.#light as Light
    const real = new Platform(body, { status, headers: this.#headers ?? pairs })
    if (this.#headers !== undefined) {
      fill(real.headers, this.#headers)
      // The object that was handed out goes on to be the one.
      Object.defineProperty(real, 'headers', { value: this.#headers })
    }
    if (this.#isSent && body !== null) void real.text()
    return (this.#real = real)
  }

  static {
    inherit(this.prototype, new Platform(), (lazy) => lazy.#made())
    Object.setPrototypeOf(LightResponse, Platform)
    Object.defineProperty(LightResponse, 'name', { value: 'FastResponse' })
  }
}

/** Makes fields those of others. */
function fill(headers: Headers, others: Headers): void {
  for (const name of Array.from(headers.keys())) headers.delete(name)
  for (const [name, value] of others) headers.append(name, value)
}

function lightOf(body: unknown, init: Init | undefined): Light | undefined {
  if (body === undefined) body = null
  if (body !== null && typeof body !== 'string') return undefined
  if (init !== undefined && (typeof init !== 'object' || init === null)) return undefined
  const { status = 200, statusText = '', headers } = init ?? {}
  if (statusText !== '' || !Number.isInteger(status) || status < 200 || status > 599)
    return undefined
  if (body !== null && BODILESS.has(status)) return undefined
  const pairs = pairsOf(headers)
  if (pairs === undefined) return undefined
  if (body !== null && !hasType(pairs)) pairs.push(['content-type', 'text/plain;charset=UTF-8'])
  try {
    const answer = answered(status, body, pairs)
    return { answer, body: body as string | null, status, pairs }
  } catch {
    // Fields that are ours to judge otherwise, or the platform's to refuse.
    return undefined
  }
}

function answered(status: number, body: string | null, headers: Pairs): EncodedResponse {
  if (body === null) return EncodedResponse.unsized({ status, headers })
  return new EncodedResponse(status, body, 0, { headers })
}

/** Fields that are given in a simple way; the platform reads others. */
function pairsOf(headers: unknown): Pairs | undefined {
  if (headers === undefined) return []
  if (typeof headers !== 'object' || headers === null) return undefined
  const given: Iterable<unknown> =
    headers instanceof Headers || Array.isArray(headers)
      ? headers
      : Object.getPrototypeOf(headers) === Object.prototype
        ? Object.entries(headers)
        : [undefined]
  const pairs: Pairs = []
  for (const pair of given) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined
    const [name, value] = pair as [unknown, unknown]
    if (typeof name !== 'string' || typeof value !== 'string' || value.trim() !== value)
      return undefined
    pairs.push([name.toLowerCase(), value])
  }
  // The platform joins the values of one field.
  return new Set(pairs.map(([name]) => name)).size === pairs.length ? pairs : undefined
}

function hasType(pairs: Pairs): boolean {
  return pairs.some(([name]) => name === 'content-type')
}

/** See `LightResponse`: for everybody else it is a `Response`. */
export const FastResponse: typeof Response = LightResponse as unknown as typeof Response
