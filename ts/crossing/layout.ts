// The places of words in memory shared with the addon. Written once in native/bridge: record.rs, answer.rs,
// ring.rs, claims.rs and finder.rs; these are copies, so that the compiler sees constants, and a test
// compares them with what the addon exports.

/** Kinds of records from the I/O thread. */
export const UP = {
  request: 1,
  end: 2,
  large: 3,
  abort: 4,
  rawRefused: 5,
  released: 6,
  overload: 7,
  extended: 16,
  taken: 17,
  fileFailed: 32,
  drained: 18,
  body: 19,
  rawDone: 20,
  trailers: 21,
  accepted: 48,
  notAccepted: 49,
  left: 50,
  connected: 51,
  refused: 52,
  quiet: 53,
  dropped: 54,
} as const

/** How a connection has ended, by what is told of it: its socket failed, or its client had ended its side before. */
export const PARTING = { failed: 1, clients: 2 } as const

/** Words of a request record. */
export const REQUEST = {
  kind: 0,
  size: 1,
  index: 2,
  generation: 3,
  meta: 4,
  fields: 5,
  raw: 6,
  headLen: 7,
  methodLen: 8,
  targetLen: 9,
  path: 10,
  pathLen: 11,
  query: 12,
  queryLen: 13,
  bodyLen: 14,
  route: 15,
  params: 16,
  ports: 17,
  family: 18,
  remote: 19,
  local: 23,
  count: 27,
  fieldWords: 4,
  paramWords: 2,
} as const

/** Kinds of records to the I/O thread, and their flags. */
export const DOWN = {
  answer: 1,
  raw: 2,
  skip: 3,
  file: 32,
  asset: 33,
  interim: 16,
  open: 17,
  data: 18,
  end: 19,
  cut: 20,
  pull: 21,
  rawData: 22,
  rawEnd: 23,
  aside: 24,
  close: 0x100,
  hasDate: 0x200,
  hasLength: 0x400,
  hasRange: 0x1000,
} as const

/** Words of an answer record. */
export const ANSWER = {
  size: 0,
  kind: 1,
  index: 2,
  generation: 3,
  meta: 4,
  type: 5,
  fieldsLen: 6,
  bodyLen: 7,
  count: 8,
} as const

/** Words of a parcel behind those of a record, its pieces at most, where they are, and the length of one that is not there. */
export const PARCEL = { lengths: 8, most: 56, bytesAt: 256, large: 0x7fffffff } as const

/** Characters of a reason phrase: it shares a word with the content type. */
export const REASON_LENGTH = 0xffffff

/** Control words of an I/O thread. */
export const CONTROL = {
  published: 0,
  tail: 16,
  head: 32,
  sleeping: 48,
  ended: 64,
  pulse: 80,
  read: 96,
  withdrawn: 112,
  count: 128,
} as const

/** What a record's word among the claims says, and how many are claimed together at most; see native/bridge/claims.rs. */
export const CLAIM = { open: 0, started: 1, atOnce: 16 } as const

/** Flags in a request's meta word. */
export const META = {
  head: 0x1000000,
  upgrade: 0x8000000,
  connect: 0x10000000,
  body: 0x20000000,
  whole: 0x40000000,
  expects: 0x80000000,
} as const

/** Methods by code, counted from 1. */
export const METHODS: readonly string[] = [
  '',
  'GET',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
]

/** Content types by number. */
export const CONTENT_TYPES: readonly string[] = [
  '',
  'text/plain; charset=utf-8',
  'text/html; charset=utf-8',
  'application/json',
  'application/octet-stream',
]

/** Words of a question for a route, and of its answer; and where the path is in its text. */
export const FINDER = {
  code: 0,
  methodLen: 1,
  pathLen: 2,
  count: 3,
  pathAt: 64,
} as const
