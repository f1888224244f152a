import { integer } from '../crossing/checks.ts'
import { show } from '../errors.ts'
import { pairsOf } from './fields.ts'
import { checkInit, INIT, type ResponseInit } from './head.ts'
import type { HttpResponse } from './response.ts'
import { type Manner, StreamResponse } from './stream.ts'

/** One event (HTML Living Standard, Server-sent events). */
export interface ServerSentEvent {
  /** Its text, of any number of lines; what is no string is sent as JSON. */
  data?: unknown
  /** Its name; `message` for the client if there is none. One line. */
  event?: string
  /** Its id, which a client that comes back tells. One line, without NUL. */
  id?: string
  /** Milliseconds after which a client comes back. */
  retry?: number
  /** A comment, which clients ignore. */
  comment?: string
}

/** A string is the data of an event without a name. */
export type SseSource =
  | AsyncIterable<string | ServerSentEvent>
  | Iterable<string | ServerSentEvent>
  | ReadableStream<string | ServerSentEvent>

/** The names in the init of `sse`. */
const OF_EVENTS = [...INIT, 'keepAlive']
/** Milliseconds of silence after which a comment shows that the connection lives. */
const KEEP_ALIVE = 15_000
const TYPE = 'text/event-stream; charset=utf-8'

/**
 * Server-sent events, as `stream` sends them, with `Cache-Control: no-cache` and
 * `X-Accel-Buffering: no` unless `headers` say otherwise. After `keepAlive`
 * milliseconds without an event a comment is sent, so that nobody takes the connection for dead;
 * default 15000, 0 turns that off, and so does a `Content-Length`.
 *
 * An event that could be read as another one (a line break in `event` or `id`, a `retry` that is no
 * number of milliseconds) is an error of the source: nothing of it is sent, and the connection is cut.
 *
 * @example
 * ```ts
 * import { setTimeout as delay } from 'node:timers/promises'
 * import { createServer, sse } from 'fasthttp'
 *
 * async function* ticks(signal: AbortSignal) {
 *   for (let n = 0; !signal.aborted; n++) {
 *     yield { event: 'tick', id: String(n), data: { n } }
 *     await delay(1000, undefined, { signal }).catch(() => undefined)
 *   }
 * }
 * createServer((req) => sse(ticks(req.signal), { keepAlive: 10_000 }))
 * ```
 */
export function sse(
  source: SseSource,
  init: ResponseInit & { keepAlive?: number } = {},
): HttpResponse {
  checkInit(init, OF_EVENTS)
  const { keepAlive, ...rest } = init
  const interval = integer('keepAlive', keepAlive, 0, 0x7fffffff, KEEP_ALIVE)
  const given = pairsOf(init.headers)
  const names = new Set(given.map(([name]) => String(name).toLowerCase()))
  const own: [string, string][] = [
    ['Content-Type', TYPE],
    ['Cache-Control', 'no-cache'],
    // nginx would collect events before it passes them on.
    ['X-Accel-Buffering', 'no'],
  ]
  const headers = [...own.filter(([name]) => !names.has(name.toLowerCase())), ...given]
  const manner: Manner = { encode: encodeEvent, interval, alive: ': keep-alive\n\n' }
  return new StreamResponse(source, { ...rest, headers }, manner)
}

function encodeEvent(event: unknown): string {
  if (typeof event === 'string') return `${lines('data', event)}\n`
  if (typeof event !== 'object' || event === null) {
    throw new TypeError(`an event must be a string or an object, got ${show(event)}`)
  }
  const { data, event: name, id, retry, comment } = event as ServerSentEvent
  let text = ''
  if (comment !== undefined) text += lines('', asText('comment', comment))
  if (name !== undefined) text += `event: ${oneLine('event', name)}\n`
  if (id !== undefined) text += `id: ${oneLine('id', id)}\n`
  if (retry !== undefined) text += `retry: ${integer('retry', retry, 0, 0x7fffffff, 0)}\n`
  if (data !== undefined) text += lines('data', typeof data === 'string' ? data : asJson(data))
  return `${text}\n`
}

function asJson(data: unknown): string {
  const text = JSON.stringify(data) as string | undefined
  if (text === undefined) throw new TypeError(`data of an event cannot be ${show(data)}`)
  return text
}

function lines(field: string, text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => `${field}: ${line}\n`)
    .join('')
}

function asText(what: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError(`${what} of an event must be a string, got ${show(value)}`)
}

function oneLine(what: string, value: unknown): string {
  const text = asText(what, value)
  if (/[\r\n\0]/.test(text)) {
    throw new TypeError(`${what} of an event must be one line without NUL, got ${show(text)}`)
  }
  return text
}
