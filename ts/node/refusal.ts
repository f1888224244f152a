import { METHODS } from 'node:http'
import { native } from '../crossing/native.ts'
import { coded } from '../errors.ts'

/** What node's parser says of a request that it cannot read. */
export interface ParseError extends Error {
  code: string
  /** Why, without the words before it. */
  reason?: string
  /** Bytes that were read without a fault. */
  bytesParsed?: number
  /** What was read of the request. */
  rawPacket?: Buffer
}

/** What node says where the client has ended its side within a request. */
export const TRUNCATED = 'HPE_INVALID_EOF_STATE'

/** Node's code and reason for each fault that the addon finds. */
const FAULTS: Record<string, readonly [code: string, reason: string]> = {
  'empty-line': ['HPE_INVALID_METHOD', 'Expected HTTP/'],
  method: ['HPE_INVALID_METHOD', 'Invalid method encountered'],
  'method-length': ['HPE_INVALID_METHOD', 'Invalid method encountered'],
  target: ['HPE_INVALID_URL', 'Invalid characters in url'],
  'target-length': ['HPE_HEADER_OVERFLOW', 'Header overflow'],
  version: ['HPE_INVALID_CONSTANT', 'Expected HTTP/'],
  'unsupported-version': ['HPE_INVALID_VERSION', 'Invalid HTTP version'],
  'line-end': ['HPE_CR_EXPECTED', 'Missing expected CR after header value'],
  'field-name': ['HPE_INVALID_HEADER_TOKEN', 'Invalid header token'],
  'field-value': ['HPE_INVALID_HEADER_TOKEN', 'Invalid header value char'],
  'field-count': ['HPE_HEADER_OVERFLOW', 'Header overflow'],
  'head-size': ['HPE_HEADER_OVERFLOW', 'Header overflow'],
  'content-length': ['HPE_INVALID_CONTENT_LENGTH', 'Invalid character in Content-Length'],
  'duplicate-content-length': ['HPE_UNEXPECTED_CONTENT_LENGTH', 'Content-Length already present'],
  'conflicting-length': [
    'HPE_INVALID_TRANSFER_ENCODING',
    "Transfer-Encoding can't be present with Content-Length",
  ],
  'transfer-encoding': ['HPE_INVALID_TRANSFER_ENCODING', 'Request has invalid `Transfer-Encoding`'],
  'transfer-coding': ['HPE_INVALID_TRANSFER_ENCODING', 'Request has invalid `Transfer-Encoding`'],
  'chunk-size': ['HPE_INVALID_CHUNK_SIZE', 'Invalid character in chunk size'],
  'chunk-extension': ['HPE_STRICT', 'Invalid character in chunk extensions'],
  'chunk-line-length': ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'Chunk extensions overflow'],
  'chunk-framing': ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'Chunk extensions overflow'],
  'chunk-end': ['HPE_STRICT', 'Expected LF after chunk data'],
  'trailer-size': ['HPE_HEADER_OVERFLOW', 'Header overflow'],
  'trailer-count': ['HPE_HEADER_OVERFLOW', 'Header overflow'],
}

const OTHER = ['HPE_INVALID_CONSTANT', 'Bad request'] as const

/** Methods that node's parser reads up to their end, be it to refuse them there. */
const READ = METHODS.concat(
  'PRI DESCRIBE ANNOUNCE SETUP PLAY PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER REDIRECT RECORD FLUSH'.split(
    ' ',
  ),
)
/** No method is longer. */
const LONGEST = Math.max(...READ.map((method) => method.length))
const [CR, LF] = [0x0d, 0x0a]

/** What was read of a request, up to its fault and behind it. */
export interface Read {
  readonly rawPacket: Buffer
  readonly bytesParsed: number
}

type Fault = readonly [code: string, reason: string, bytesParsed: number]

/** What is told of these begins within the request. */
const OF_BODY = /^(chunk|trailer|body|empty)-/
/** What the addon may take half an end of a line for. */
const OF_LINE = /^(line-end|version|field-value)$/

function hasMethod({ rawPacket }: Read): boolean {
  const [method = ''] = rawPacket.toString('latin1', 0, LONGEST + 1).split(' ', 1)
  return METHODS.includes(method)
}

/** Node's parser stops where no method goes on like that. */
function faultOfMethod({ rawPacket }: Read): Fault {
  const text = rawPacket.toString('latin1', 0, LONGEST)
  let length = text.length
  while (!READ.some((method) => method.startsWith(text.slice(0, length)))) length--
  const reason = READ.includes(text.slice(0, length))
    ? 'Expected space after method'
    : 'Invalid method encountered'
  return ['HPE_INVALID_METHOD', reason, length]
}

/** A first line whose end is half of one. */
const HALF_ENDED = /^\S+ \S+ HTTP\/1\.[01](?:\n|\r(?!\n))/

/** Half of the end of a line is missing: which one, and of which line. */
function faultOfLine({ rawPacket, bytesParsed }: Read): Fault | undefined {
  if (!rawPacket.subarray(0, bytesParsed).includes('\n')) {
    const [line] = HALF_ENDED.exec(rawPacket.toString('latin1')) ?? []
    if (line === undefined) return undefined
    const code = line.endsWith('\n') ? 'HPE_INVALID_VERSION' : 'HPE_STRICT'
    return [code, 'Expected CRLF after version', line.length]
  }
  const hasCr = rawPacket[bytesParsed - 1] === CR
  if (!hasCr && rawPacket[bytesParsed] !== LF) return undefined
  const half = hasCr ? 'LF' : 'CR'
  return [`HPE_${half}_EXPECTED`, `Missing expected ${half} after header value`, bytesParsed]
}

/** The error of node's for a method that it does not know, and the addon takes as it takes any token. */
export function unknownMethod(rawPacket: Buffer): ParseError {
  const read = { rawPacket, bytesParsed: 0 }
  return errorOf(faultOfMethod(read), read)
}

/** The same of a client that has ended its side within a request: node's parser has nothing to point at. */
export function truncated(): ParseError {
  return Object.assign(coded(TRUNCATED, new Error('Parse Error')), {
    reason: 'Invalid EOF state',
    bytesParsed: 0,
  })
}

/** The error of node's for what the addon refuses with this status, because of this fault if it is one. */
export function parseError(status: number, fault: number, read?: Read): ParseError {
  if (status === 408) return coded('ERR_HTTP_REQUEST_TIMEOUT', new Error('Request timeout'))
  const name = native.faults()[fault]?.name ?? ''
  if (name === 'truncated') return truncated()
  if (read !== undefined && name !== '' && !OF_BODY.test(name) && !hasMethod(read))
    return errorOf(faultOfMethod(read), read)
  const ofLine = read !== undefined && OF_LINE.test(name) ? faultOfLine(read) : undefined
  if (ofLine !== undefined) return errorOf(ofLine, read)
  const [code, reason] = FAULTS[name] ?? (status === 431 ? FAULTS['head-size']! : OTHER)
  return errorOf([code, reason, read?.bytesParsed ?? 0], read)
}

function errorOf([code, reason, bytesParsed]: Fault, read: Read | undefined): ParseError {
  const error = Object.assign(coded(code, new Error(`Parse Error: ${reason}`)), { reason })
  return read === undefined
    ? error
    : Object.assign(error, { bytesParsed, rawPacket: read.rawPacket })
}
