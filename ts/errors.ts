import { STATUS_CODES } from 'node:http'
import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

/** Field lines: a record, or pairs; a name may have several values. `Content-Type: []` sends none. */
export type HeaderInput =
  | Record<string, string | readonly string[]>
  | Iterable<readonly [string, string]>
  // By itself it says nothing new: TypeScript 5.0 takes pairs that are written out for lists without it.
  | readonly (readonly [string, string])[]

/** What goes with an `HttpError`. */
export interface HttpErrorInit {
  /** Field lines of the answer. Default: none. */
  headers?: HeaderInput
  /** What has led to it; clients are not told. Default: none. */
  cause?: unknown
  /** Whether clients are told the message. Default: below 500. */
  expose?: boolean
}

const INIT_NAMES = ['headers', 'cause', 'expose']

/** The mark of an `HttpError`, whichever copy of the package made it. */
const BRAND = Symbol.for('fasthttp.HttpError')

/**
 * Thrown by a handler: answered with `status`, and below 500 with `message` as a text body. From 500 on
 * the client gets the standard phrase instead, unless `expose` says otherwise. Errors of `http-errors`
 * are understood in the same way, by `status` or `statusCode`, `expose` and `headers`.
 *
 * Below 500 it is an ordinary answer and `onError` does not hear of it. The default message is
 * empty. Throws `RangeError` for a status that is no error: not an integer from 400 to 599, and `TypeError`
 * for an unknown name in `init`, `headers` that are no object and an `expose` that is no boolean. Fields that
 * cannot be sent make it a 500, of which `onError` hears.
 *
 * @example
 * ```ts
 * import { createServer, HttpError } from 'fasthttp'
 *
 * createServer((req) => {
 *   if (req.header('authorization') === undefined) {
 *     throw new HttpError(401, 'who are you?', { headers: { 'WWW-Authenticate': 'Basic' } })
 *   }
 *   return 'welcome'
 * })
 * ```
 */
export class HttpError extends Error {
  /** The status of the answer, 400 to 599. */
  readonly status: number
  /** Whether clients are told the message. */
  readonly expose: boolean
  /** Field lines of the answer. */
  readonly headers: HeaderInput | undefined

  constructor(status: number, message?: string, init: HttpErrorInit = {}) {
    super(message, 'cause' in Object(init) ? { cause: init.cause } : undefined)
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(
        `HttpError status must be an integer from 400 to 599, got ${show(status)}`,
      )
    }
    checkObject('init', init)
    checkNames('name in the init of an HttpError', init, INIT_NAMES)
    const { headers, expose } = init
    if (headers !== undefined) checkHeaders(headers)
    if (expose !== undefined && typeof expose !== 'boolean')
      throw new TypeError(`expose must be a boolean, got ${show(expose)}`)
    this.name = 'HttpError'
    this.status = status
    this.expose = expose ?? status < 500
    this.headers = headers
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** What is answered for an error. */
export interface ErrorAnswer {
  readonly status: number
  readonly message: string
  readonly headers: HeaderInput | undefined
}

/**
 * What an error says that it is answered with; `undefined` if it is no answer. One that has a status but
 * does not say whether it may be told is somebody else's: of a request that the handler has made.
 */
export function answerOf(error: unknown): ErrorAnswer | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const {
    status: own,
    statusCode,
    expose,
    message,
    headers,
  } = error as Partial<HttpError & { statusCode: number }>
  const status = own ?? statusCode
  if (typeof expose !== 'boolean' && !(BRAND in error)) return undefined
  if (!Number.isInteger(status) || (status as number) < 400 || (status as number) > 599)
    return undefined
  const isTold = expose ?? (status as number) < 500
  return {
    status: status as number,
    message: isTold ? (message ?? '') : (STATUS_CODES[status as number] ?? ''),
    headers,
  }
}

/** An error with a stable `code`. */
export interface CodedError extends Error {
  code: string
}

/** Gives `error` a code. */
export function coded<E extends Error>(code: string, error: E): E & CodedError {
  return Object.assign(error, { code })
}

/** What a failing system call looks like in Node. */
export interface SystemError extends CodedError {
  errno: number
  syscall: string
  address?: string
  port?: number
}

/** The error that node:net would make of a failed `listen`; without a port for a Unix socket. */
export function listenError(errno: number, address: string, port: number = -1): SystemError {
  // libuv shows a missing folder of a Unix socket as EACCES, and callers test for that.
  const shown = process.platform !== 'win32' && errno === ENOENT ? EACCES : errno
  const [code, reason] = getSystemErrorMap().get(-shown) ?? ['EIO', 'i/o error']
  // node prints `:::80`, without brackets, and callers compare messages.
  const at = port > 0 ? `${address}:${port}` : address
  const error = new Error(`listen ${code}: ${reason} ${at}`)
  const shape = { code, errno: -shown, syscall: 'listen', address }
  return Object.assign(error, port === 0 ? shape : { ...shape, port })
}

/** The error that node:fs would make of a file that cannot be opened. */
export function openError(
  errno: number,
  path: string | undefined,
): SystemError & { path?: string } {
  const [code, reason] = getSystemErrorMap().get(-errno) ?? ['EIO', 'i/o error']
  const at = path === undefined ? '' : ` '${path}'`
  const error = new Error(`${code}: ${reason}, open${at}`)
  const shape = { errno: -errno, code, syscall: 'open' }
  return Object.assign(error, path === undefined ? shape : { ...shape, path })
}

/** The error that node:net would make of a connection that its client has reset. */
export function resetError(): SystemError {
  const shape = { errno: -constants.errno.ECONNRESET, code: 'ECONNRESET', syscall: 'read' }
  return Object.assign(new Error('read ECONNRESET'), shape)
}

const ENOENT = 2
const EACCES = 13

/** A value for an error message: short, on one line, and never a failing `toString`. */
export function show(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (value === null || typeof value !== 'object')
    return typeof value === 'function' ? 'a function' : String(value)
  return Array.isArray(value) ? 'an array' : 'an object'
}

/** Letters that may differ for a name to be meant. */
const NEAR = 3
/** Letters of a beginning that says which name is meant. */
const BEGINNING = 4

/**
 * Checks that `given` is an object that has no names but these; throws `TypeError` with the name that is probably
 * meant. `what` it is, such as 'option of createServer'.
 */
export function checkNames(what: string, given: object, names: readonly string[]): void {
  // Looked at first: what it is called costs.
  if (!mayHaveNames(given)) checkObject(`${what.split(' ', 1)[0]}s`, given)
  for (const name in given) {
    if (!names.includes(name) && Object.hasOwn(given, name)) throw unknownName(what, name, names)
  }
}

/** Checks that `given` is an object that may have names; throws `TypeError`. */
export function checkObject(what: string, given: unknown): void {
  if (!mayHaveNames(given)) throw new TypeError(`${what} must be an object, got ${show(given)}`)
}

/** Checks that field lines are a record or pairs; what they hold is checked when they are encoded. */
export function checkHeaders(headers: unknown): void {
  if (typeof headers !== 'object' || headers === null) {
    throw new TypeError(`headers must be an object or pairs, got ${show(headers)}`)
  }
}

function mayHaveNames(given: unknown): boolean {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

/** The error for a name that nobody knows. */
function unknownName(what: string, name: string, names: readonly string[]): TypeError {
  const [nearest] = names
    .map((known) => ({
      known,
      // Half of a name, such as `host` for `hostname`, is more letters away than another word.
      far: isBeginning(name, known) ? 0 : distance(name.toLowerCase(), known.toLowerCase()),
    }))
    .filter(({ known, far }) => far <= Math.min(NEAR, known.length >> 1))
    .toSorted((one, two) => one.far - two.far)
  const advice =
    nearest === undefined ? `there are ${names.join(', ')}` : `did you mean ${nearest.known}?`
  return new TypeError(`${show(name)} is no ${what}: ${advice}`)
}

function isBeginning(name: string, known: string): boolean {
  return name.length >= BEGINNING && known.toLowerCase().startsWith(name.toLowerCase())
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
function distance(one: string, two: string): number {
  let row = Array.from({ length: two.length + 1 }, (_, i) => i)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= two.length; j++) {
      const changed = (row[j - 1] as number) + (one[i - 1] === two[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[two.length] as number
}
