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

/** The same for a method that node does not know, which the addon takes as it takes any token. */
export function unknownMethod(): ParseError {
  return parseError(
    400,
    native.faults().findIndex(({ name }) => name === 'method'),
  )
}

/** The error of node's for what the addon refuses with this status, because of this fault if it is one. */
export function parseError(status: number, fault: number): ParseError {
  if (status === 408) return coded('ERR_HTTP_REQUEST_TIMEOUT', new Error('Request timeout'))
  const name = native.faults()[fault]?.name ?? ''
  const [code, reason] = FAULTS[name] ?? (status === 431 ? FAULTS['head-size']! : OTHER)
  return Object.assign(coded(code, new Error(`Parse Error: ${reason}`)), { reason })
}
