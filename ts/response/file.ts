import { AsyncResource } from 'node:async_hooks'
import { fileURLToPath } from 'node:url'
import { types } from 'node:util'
import { flag } from '../crossing/checks.ts'
import { CONTENT_TYPES, DOWN } from '../crossing/layout.ts'
import type { AnswerHead, Ring } from '../crossing/ring.ts'
import { checkObject, type HeaderInput, show } from '../errors.ts'
import type { HttpRequest } from '../request/request.ts'
import { sendAssetRecord } from './asset-record.ts'
import { type Add, AwaitsFile, type OnMissing } from './awaits-file.ts'
import { type Counts, conditionsOf } from './conditions.ts'
import { encodeFields, isType, type Lines, pairsOf, plus } from './fields.ts'
import { BINARY, checkHead, INIT, type ResponseInit } from './head.ts'
import { brand } from './made.ts'
import { isMediaType, mediaTypeOf } from './media.ts'
import type { HttpResponse, HttpResult } from './response.ts'

/** What to send of a file, and what to say with it. */
export interface FileInit extends ResponseInit {
  /** The first byte to send, counted from 0. Default 0. */
  start?: number
  /**
   * The last byte to send, as in `fs.createReadStream`: it counts, and one behind the end of the file does
   * not matter. Default: the last one of the file.
   */
  end?: number
  /** Its media type; `false` for application/octet-stream. Default: by its extension (`mime-types`). */
  type?: string | false
  /** Send `ETag`, if the whole file is sent with 200. Default true. */
  etag?: boolean
  /** Send `Last-Modified`, in the same case. Default true. */
  lastModified?: boolean
  /** Answer 304 and 412 to requests that depend on the state of the file (RFC 9110 §13). Default true. */
  conditions?: boolean
  /** Answer requests for ranges (RFC 9110 §14). Default true. */
  ranges?: boolean
  /** The answer, or what makes it, if the file is missing or must not be read. Default: 404, 403. */
  onMissing?: OnMissing | HttpResult
}

/** The names of `FileInit`. */
const OF_FILES = [
  ...INIT,
  'start',
  'end',
  'type',
  'etag',
  'lastModified',
  'conditions',
  'ranges',
  'onMissing',
]

/** What is said of a file that is no folder's. */
const NO_FOLDER = { root: '', moved: 301, index: '', location: '' }
const CONTENT_RANGE = /(^|\n)content-range:/i

// Not methods: those a handler reaches through the prototype, and with them the ring.

/** Whether a handler's result is a file. */
export let isFile: (value: object) => boolean
/** Hands a file to the ring; says whether somebody waits to hear whether it is there. */
export let sendFile: (
  ring: Ring,
  words: Int32Array,
  at: number,
  value: object,
  req: HttpRequest,
) => boolean

/** @internal The same file with more field lines, also in the answer in place of it. */
export let fileWithLines: (value: object, added: Lines, add: Add) => HttpResponse

/** A file that was checked. */
interface FileParts {
  readonly status: number
  readonly headers: HeaderInput | undefined
  /** What it was made of, with field lines that can be read again. */
  readonly init: FileInit
  readonly head: AnswerHead
  readonly path: string | Uint8Array
  /** First and last byte, each with a space behind it. */
  readonly part: string
  readonly onMissing: OnMissing | undefined
  /** Encoded field lines of whatever is answered. */
  readonly always: string
  /** What the request may say about it; undefined for a part of a file, or another status than 200. */
  readonly whole: Whole | undefined
}

/** A whole file, of which the request says what is sent. */
interface Whole extends Counts {
  readonly mediaType: string
  /** What is left out: `e` ETag, `l` Last-Modified, `r` Accept-Ranges. */
  readonly without: string
}

/** A file, opened by the I/O thread when it is sent. */
class FileResponse implements HttpResponse {
  readonly status: number
  readonly headers: HeaderInput | undefined
  readonly body: unknown
  readonly #parts: FileParts

  constructor(parts: FileParts) {
    this.status = parts.status
    this.headers = parts.headers
    // No body that could be sent: a copy of the response without its parts has to fail.
    this.body = Object.freeze({ path: parts.path })
    this.#parts = parts
  }

  static {
    isFile = (value) => #parts in value
    sendFile = (ring, words, at, value, req) => {
      const { path, onMissing, part, head, always, whole } = (value as FileResponse).#parts
      let id = 0
      if (onMissing !== undefined) {
        const shown = typeof path === 'string' ? path : Buffer.from(path).toString()
        id = ring.leases.keep(new AwaitsFile(req, shown, onMissing))
      }
      if (whole !== undefined) {
        const kind = (head.kind & ~0xff) | DOWN.asset
        const asked = conditionsOf(req, whole)
        const { mediaType, without } = whole
        const record = { ...NO_FOLDER, id, path, mediaType, asked, always, without }
        sendAssetRecord(ring, words, at, { ...head, kind, type: 0 }, record)
        return id !== 0
      }
      const record = `${part}${id} ${always.length} `
      if (typeof path === 'string' && always === '') ring.text(words, at, head, record + path)
      else {
        // Field lines are latin1, and a path may be anything.
        const bytes = Buffer.concat([
          Buffer.from(record + always, 'latin1'),
          typeof path === 'string' ? Buffer.from(path) : path,
        ])
        ring.binary(words, at, head, bytes, bytes.length)
      }
      return id !== 0
    }
    fileWithLines = (value, added, add) => {
      const { onMissing, path, init, always } = (value as FileResponse).#parts
      // What stands in its place has a type of its own.
      const others = added.filter(([name]) => !isType(name))
      return new FileResponse({
        ...checkFile(path, { ...init, headers: plus(init.headers, added) }),
        always: always + encodeFields(others).text,
        onMissing: onMissing && ((error) => add(() => onMissing(error))),
      })
    }
  }

  static {
    brand(FileResponse.prototype, () => ({ kind: 'file' }))
  }
}

/**
 * A file as the response; 200 and the type of its extension by default. The I/O thread opens it when
 * the answer is sent and sets `Content-Length`; its bytes never pass through JavaScript. With status
 * 206 it sets `Content-Range` as well, unless `headers` have one.
 *
 * `path` is as in `node:fs`; only regular files are sent. What is missing, and what is no regular
 * file, is answered 404, what must not be read 403, both by `onMissing` if that is given; 416 if no
 * byte of the file is asked for, 503 when no descriptor is left. A file that becomes shorter while
 * it is sent ends the connection.
 *
 * Throws `TypeError` or `RangeError` for a wrong path, range, status or field.
 *
 * @example
 * ```ts
 * import { createServer, file, html } from 'fasthttp'
 *
 * const missing = html('<h1>Not there</h1>', { status: 404 })
 * createServer(() =>
 *   file('public/report.pdf', {
 *     headers: { 'Cache-Control': 'no-cache' },
 *     onMissing: missing,
 *   }),
 * )
 * ```
 */
export function file(path: string | Uint8Array | URL, init: FileInit = {}): HttpResponse {
  checkObject('init', init)
  return new FileResponse(checkFile(path, init))
}

function checkFile(given: string | Uint8Array | URL, asked: FileInit): FileParts {
  const { status = 200 } = asked
  const [start, end] = checkRange(asked.start, asked.end)
  const path = pathOf(given)
  const mediaType = typeOf(path, asked)
  const { head, headers } = checkFileHead(status, asked, mediaType)
  const init = headers === undefined ? { ...asked } : { ...asked, headers }
  const hasNul = typeof path === 'string' ? path.includes('\0') : path.includes(0)
  const whole = wholeOf(head.type === 0 ? '' : mediaType, init)
  return {
    status,
    headers,
    head,
    init,
    path,
    whole: isWhole(status, asked) && !hasNul ? whole : undefined,
    part: `${start} ${end === Infinity ? '' : end} `,
    onMissing: inItsScope(asked.onMissing),
    always: '',
  }
}

function typeOf(path: string | Uint8Array, { type }: FileInit): string {
  if (type === false) return CONTENT_TYPES[BINARY] as string
  if (type !== undefined && !isMediaType(type)) {
    throw new TypeError(`type must be a media type or false, got ${show(type)}`)
  }
  return type ?? mediaTypeOf(typeof path === 'string' ? path : Buffer.from(path).toString())
}

/** Whether the request says what is sent of it. */
function isWhole(status: number, init: FileInit): boolean {
  const { start = 0, end = Infinity, statusText = '' } = init
  return status === 200 && start === 0 && end === Infinity && statusText === ''
}

/** What the server says of a file unless `headers` do, or it is turned off. */
function wholeOf(mediaType: string, init: FileInit): Whole {
  const names = new Set(pairsOf(init.headers).map(([name]) => String(name).toLowerCase()))
  const own = flag('etag', init.etag, true) && !names.has('etag')
  const dated = flag('lastModified', init.lastModified, true) && !names.has('last-modified')
  const conditions = flag('conditions', init.conditions, true)
  const isOwn = names.has('etag') || names.has('last-modified')
  const hasRange = names.has('accept-ranges') || names.has('content-range')
  const ranges = flag('ranges', init.ranges, true) && !hasRange
  return {
    mediaType,
    without: `${own ? '' : 'e'}${dated ? '' : 'l'}${ranges ? '' : 'r'}`,
    coding: false,
    // Those that the handler names are not known to the I/O thread.
    conditions: conditions && !isOwn,
    ranges: ranges && !isOwn,
  }
}

function checkFileHead(
  status: number,
  init: ResponseInit,
  mediaType: string,
): Pick<FileParts, 'head' | 'headers'> {
  const { head, headers, length } = checkHead(status, BINARY, init, OF_FILES)
  if (status === 204 || status === 205 || status === 304) {
    throw new RangeError(`status of a file must be one that allows a body, got ${status}`)
  }
  if (length >= 0) throw new TypeError('Content-Length of a file is set by the server')
  const { reason } = head
  // Its own type goes as a field line, but where the I/O thread adds it.
  const isTyped = head.type !== 0 && mediaType !== '' && !isWhole(status, init)
  const type = isTyped ? 0 : head.type
  const fields = isTyped ? `${head.fields}Content-Type: ${mediaType}\r\n` : head.fields
  const hasRange = fields !== '' && CONTENT_RANGE.test(fields)
  const kind = (head.kind & ~0xff) | DOWN.file | (hasRange ? DOWN.hasRange : 0)
  return { headers, head: { kind, type, reason, fields } }
}

/** Also one of another realm (`vm`, jest). */
export function isUrl(value: unknown): value is URL {
  return Object.prototype.toString.call(value) === '[object URL]'
}

function pathOf(path: unknown): string | Uint8Array {
  if (typeof path === 'string') return path
  if (isUrl(path)) return fileURLToPath(path)
  if (types.isUint8Array(path)) return new Uint8Array(path)
  throw new TypeError(`path must be a string, a Buffer or a file: URL, got ${show(path)}`)
}

function checkRange(start: unknown = 0, end: unknown = Infinity): [start: number, end: number] {
  const first = checkPlace('start', start)
  const last = end === Infinity ? Infinity : checkPlace('end', end)
  if (last < first) throw new RangeError(`end must not be before start ${first}, got ${last}`)
  return [first, last]
}

function checkPlace(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${show(value)}`)
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${name} must be an integer from 0 on, got ${value}`)
  }
  return value
}

/** A function runs in the scope of the handler that has made the response. */
function inItsScope(onMissing: OnMissing | HttpResult | undefined): OnMissing | undefined {
  if (onMissing === undefined) return undefined
  if (typeof onMissing === 'function') return AsyncResource.bind(onMissing)
  if (typeof onMissing === 'string' || (typeof onMissing === 'object' && onMissing !== null)) {
    return () => onMissing
  }
  throw new TypeError(`onMissing must be a function or a response, got ${show(onMissing)}`)
}
