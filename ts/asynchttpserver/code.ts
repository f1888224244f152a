/** A status of a response: a number that knows its text. */
export interface HttpCode {
  /** 0 to 599. */
  readonly code: number
  /** The text of the code, such as 'Not Found'; '' for one that is not listed. */
  readonly text: string
  /** '404 Not Found'; the number alone for a code that is not listed. */
  toString(): string
  /** The number, so that codes compare as numbers. */
  valueOf(): number
}

class Code implements HttpCode {
  readonly code: number
  readonly text: string

  constructor(code: number, text: string) {
    this.code = code
    this.text = text
    Object.freeze(this)
  }

  toString(): string {
    return this.text === '' ? String(this.code) : `${this.code} ${this.text}`
  }

  valueOf(): number {
    return this.code
  }

  toJSON(): number {
    return this.code
  }
}

/** The codes that have a name, and their texts; those of Nim, of which some have newer ones. */
const TEXTS: readonly (readonly [code: number, text: string])[] = [
  [100, 'Continue'],
  [101, 'Switching Protocols'],
  [102, 'Processing'],
  [103, 'Early Hints'],
  [200, 'OK'],
  [201, 'Created'],
  [202, 'Accepted'],
  [203, 'Non-Authoritative Information'],
  [204, 'No Content'],
  [205, 'Reset Content'],
  [206, 'Partial Content'],
  [207, 'Multi-Status'],
  [208, 'Already Reported'],
  [226, 'IM Used'],
  [300, 'Multiple Choices'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [304, 'Not Modified'],
  [305, 'Use Proxy'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [407, 'Proxy Authentication Required'],
  [408, 'Request Timeout'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [411, 'Length Required'],
  [412, 'Precondition Failed'],
  [413, 'Request Entity Too Large'],
  [414, 'Request-URI Too Long'],
  [415, 'Unsupported Media Type'],
  [416, 'Requested Range Not Satisfiable'],
  [417, 'Expectation Failed'],
  [418, "I'm a teapot"],
  [421, 'Misdirected Request'],
  [422, 'Unprocessable Entity'],
  [423, 'Locked'],
  [424, 'Failed Dependency'],
  [425, 'Too Early'],
  [426, 'Upgrade Required'],
  [428, 'Precondition Required'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [451, 'Unavailable For Legal Reasons'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
  [505, 'HTTP Version Not Supported'],
  [506, 'Variant Also Negotiates'],
  [507, 'Insufficient Storage'],
  [508, 'Loop Detected'],
  [510, 'Not Extended'],
  [511, 'Network Authentication Required'],
]

const CODES = new Map<number, HttpCode>(TEXTS.map(([code, text]) => [code, new Code(code, text)]))

/**
 * The code of that number, the same one each time if it is listed. Throws `RangeError` for what is no
 * integer from 0 to 599.
 */
export function HttpCode(code: number | HttpCode): HttpCode {
  if (code instanceof Code) return code
  const number = Number(code)
  if (!Number.isInteger(number) || number < 0 || number > 599) {
    throw new RangeError(`an HttpCode is an integer from 0 to 599, got ${String(code)}`)
  }
  return CODES.get(number) ?? new Code(number, '')
}

function isOf(hundred: number, code: HttpCode | number): boolean {
  return Math.floor(Number(code) / 100) === hundred
}

/** Whether a code is informational: 100 to 199. */
export function is1xx(code: HttpCode | number): boolean {
  return isOf(1, code)
}

/** Whether a code says success: 200 to 299. */
export function is2xx(code: HttpCode | number): boolean {
  return isOf(2, code)
}

/** Whether a code says that more is to be done: 300 to 399. */
export function is3xx(code: HttpCode | number): boolean {
  return isOf(3, code)
}

/** Whether a code puts the fault on the client: 400 to 499. */
export function is4xx(code: HttpCode | number): boolean {
  return isOf(4, code)
}

/** Whether a code puts the fault on the server: 500 to 599. */
export function is5xx(code: HttpCode | number): boolean {
  return isOf(5, code)
}

/** 100 Continue. */
export const Http100: HttpCode = HttpCode(100)
/** 101 Switching Protocols. */
export const Http101: HttpCode = HttpCode(101)
/** 102 Processing. */
export const Http102: HttpCode = HttpCode(102)
/** 103 Early Hints. */
export const Http103: HttpCode = HttpCode(103)
/** 200 OK. */
export const Http200: HttpCode = HttpCode(200)
/** 201 Created. */
export const Http201: HttpCode = HttpCode(201)
/** 202 Accepted. */
export const Http202: HttpCode = HttpCode(202)
/** 203 Non-Authoritative Information. */
export const Http203: HttpCode = HttpCode(203)
/** 204 No Content. */
export const Http204: HttpCode = HttpCode(204)
/** 205 Reset Content. */
export const Http205: HttpCode = HttpCode(205)
/** 206 Partial Content. */
export const Http206: HttpCode = HttpCode(206)
/** 207 Multi-Status. */
export const Http207: HttpCode = HttpCode(207)
/** 208 Already Reported. */
export const Http208: HttpCode = HttpCode(208)
/** 226 IM Used. */
export const Http226: HttpCode = HttpCode(226)
/** 300 Multiple Choices. */
export const Http300: HttpCode = HttpCode(300)
/** 301 Moved Permanently. */
export const Http301: HttpCode = HttpCode(301)
/** 302 Found. */
export const Http302: HttpCode = HttpCode(302)
/** 303 See Other. */
export const Http303: HttpCode = HttpCode(303)
/** 304 Not Modified. */
export const Http304: HttpCode = HttpCode(304)
/** 305 Use Proxy. */
export const Http305: HttpCode = HttpCode(305)
/** 307 Temporary Redirect. */
export const Http307: HttpCode = HttpCode(307)
/** 308 Permanent Redirect. */
export const Http308: HttpCode = HttpCode(308)
/** 400 Bad Request. */
export const Http400: HttpCode = HttpCode(400)
/** 401 Unauthorized. */
export const Http401: HttpCode = HttpCode(401)
/** 402 Payment Required. */
export const Http402: HttpCode = HttpCode(402)
/** 403 Forbidden. */
export const Http403: HttpCode = HttpCode(403)
/** 404 Not Found. */
export const Http404: HttpCode = HttpCode(404)
/** 405 Method Not Allowed. */
export const Http405: HttpCode = HttpCode(405)
/** 406 Not Acceptable. */
export const Http406: HttpCode = HttpCode(406)
/** 407 Proxy Authentication Required. */
export const Http407: HttpCode = HttpCode(407)
/** 408 Request Timeout. */
export const Http408: HttpCode = HttpCode(408)
/** 409 Conflict. */
export const Http409: HttpCode = HttpCode(409)
/** 410 Gone. */
export const Http410: HttpCode = HttpCode(410)
/** 411 Length Required. */
export const Http411: HttpCode = HttpCode(411)
/** 412 Precondition Failed. */
export const Http412: HttpCode = HttpCode(412)
/** 413 Request Entity Too Large. */
export const Http413: HttpCode = HttpCode(413)
/** 414 Request-URI Too Long. */
export const Http414: HttpCode = HttpCode(414)
/** 415 Unsupported Media Type. */
export const Http415: HttpCode = HttpCode(415)
/** 416 Requested Range Not Satisfiable. */
export const Http416: HttpCode = HttpCode(416)
/** 417 Expectation Failed. */
export const Http417: HttpCode = HttpCode(417)
/** 418 I'm a teapot. */
export const Http418: HttpCode = HttpCode(418)
/** 421 Misdirected Request. */
export const Http421: HttpCode = HttpCode(421)
/** 422 Unprocessable Entity. */
export const Http422: HttpCode = HttpCode(422)
/** 423 Locked. */
export const Http423: HttpCode = HttpCode(423)
/** 424 Failed Dependency. */
export const Http424: HttpCode = HttpCode(424)
/** 425 Too Early. */
export const Http425: HttpCode = HttpCode(425)
/** 426 Upgrade Required. */
export const Http426: HttpCode = HttpCode(426)
/** 428 Precondition Required. */
export const Http428: HttpCode = HttpCode(428)
/** 429 Too Many Requests. */
export const Http429: HttpCode = HttpCode(429)
/** 431 Request Header Fields Too Large. */
export const Http431: HttpCode = HttpCode(431)
/** 451 Unavailable For Legal Reasons. */
export const Http451: HttpCode = HttpCode(451)
/** 500 Internal Server Error. */
export const Http500: HttpCode = HttpCode(500)
/** 501 Not Implemented. */
export const Http501: HttpCode = HttpCode(501)
/** 502 Bad Gateway. */
export const Http502: HttpCode = HttpCode(502)
/** 503 Service Unavailable. */
export const Http503: HttpCode = HttpCode(503)
/** 504 Gateway Timeout. */
export const Http504: HttpCode = HttpCode(504)
/** 505 HTTP Version Not Supported. */
export const Http505: HttpCode = HttpCode(505)
/** 506 Variant Also Negotiates. */
export const Http506: HttpCode = HttpCode(506)
/** 507 Insufficient Storage. */
export const Http507: HttpCode = HttpCode(507)
/** 508 Loop Detected. */
export const Http508: HttpCode = HttpCode(508)
/** 510 Not Extended. */
export const Http510: HttpCode = HttpCode(510)
/** 511 Network Authentication Required. */
export const Http511: HttpCode = HttpCode(511)
