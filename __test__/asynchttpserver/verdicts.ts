// Where a case of the table ends otherwise here than with Nim's server, and by which rule.

/** What comes of a case here, and why. */
export interface Verdict {
  /** The rule, and what it says. */
  readonly rule: string
  /** Statuses, those of interim responses included. */
  readonly statuses: readonly number[]
  /** How often the callback is called; 0 unless told. */
  readonly calls?: number
  readonly after: 'open' | 'closed'
  /** The body of the last response, where that is the difference. */
  readonly body?: string
}

/** One error reply, then the end: what follows a request that cannot be read is no request. */
const refused = (rule: string, status = 400): Verdict => ({
  rule,
  statuses: [status],
  after: 'closed',
})
const served = (rule: string, calls = 1, after: 'open' | 'closed' = 'open'): Verdict => ({
  rule,
  statuses: Array.from({ length: calls }, () => 200),
  calls,
  after,
})
const failed = (rule: string): Verdict => ({ rule, statuses: [500], after: 'open' })
const waits = (rule: string): Verdict => ({ rule, statuses: [], after: 'open' })
const closed = (rule: string): Verdict => ({ rule, statuses: [], after: 'closed' })

const VERSION = 'RFC 9112 §2.3: a version is "HTTP/", a digit, ".", a digit; major 1 is spoken here'
const ONE_REPLY = 'one error reply, then close (#6386)'
const TARGET = 'RFC 9112 §3.2: a target is a URI, whose characters are ASCII'
const LENGTH = 'RFC 9112 §6.3: a Content-Length is one number of digits, or the framing is unknown'
const CHUNK_SIZE = 'RFC 9112 §7.1: a chunk size is hexadecimal digits, and fits'
const CHUNK_END = 'RFC 9112 §7.1: CRLF behind the data of a chunk'
const NO_LENGTH = 'RFC 9112 §6.3: without a length there is no body; #6870: POST is no exception'
const INCOMPLETE = 'RFC 9112 §8: who ends a connection within a request gets no answer'
const EVERY_METHOD = 'RFC 9112 §6: chunks frame the body of every method'
const UPGRADE = 'RFC 9110 §7.8: an Upgrade that is not taken up leaves the connection as it is'
const FIELD = 'RFC 9112 §5: a field line is a token, a colon and a value; §5.2: no line folding'
const TWICE = 'a second answer is dropped and reported, as is whoever does not answer (Q8)'

/** By id; the form is that which a correct client would send (see `strictOf`). */
export const DIFFERENT: Readonly<Record<string, Verdict>> = {
  'up-custom-cl': failed('a Content-Length that lies is refused, and nothing of the answer sent'),
  'up-readtimeout-half-request-line': refused(
    'RFC 9110 §15.5.9: whoever has begun a request hears that it is too late',
    408,
  ),
  'method-CONNECT': refused('RFC 9112 §3.2.3: the target of CONNECT is a host and a port'),
  'badmethod-QUERY': { ...refused('RFC 9110 §9.1: an unknown method is 501', 501), after: 'open' },
  http12: served('RFC 9110 §2.5: a higher minor version is served as 1.1, and persists'),
  http3: refused(VERSION),
  'proto-FOO': refused(ONE_REPLY),
  'proto-empty-version': refused(VERSION),
  'proto-lower': refused(VERSION),
  'proto-leading-zeros': refused(VERSION),
  'proto-no-dot': refused(VERSION),
  'proto-other-separator': refused(VERSION),
  'proto-huge': refused(VERSION),
  'leading-space': refused(ONE_REPLY),
  tabs: refused(ONE_REPLY),
  'leading-crlf-2': served('RFC 9112 §2.2: empty lines before a request are skipped'),
  'leading-crlf-3': served('RFC 9112 §2.2: empty lines before a request are skipped'),
  'bare-cr': refused('Q2: RFC 9112 §2.2: a bare CR ends no line'),
  'stale-url-inherited': {
    rule: 'Q1: RFC 9112 §3: a request line has three words, and nothing is taken from the last one',
    statuses: [200, 400],
    calls: 1,
    after: 'closed',
  },
  'utf8-raw': refused(TARGET),
  'h2-preface': refused(ONE_REPLY),
  'hcount-10000': {
    rule: 'Q8: whoever does not answer is 500',
    statuses: [500],
    after: 'closed',
  },
  'hcount-20000-same-name': refused('RFC 6585 §5: field lines are counted, not names', 431),
  'odd-lines': refused(FIELD),
  'obs-fold': refused(FIELD),
  'post-no-length': served(NO_LENGTH),
  'post-no-length-then-get': {
    rule: `${NO_LENGTH}; RFC 9112 §3.2: the second request has no Host`,
    statuses: [200, 400],
    calls: 1,
    after: 'closed',
  },
  'cl-abc': refused(LENGTH),
  'cl-empty': refused(LENGTH),
  'cl-5abc': refused(LENGTH),
  'cl-5, 5': refused(LENGTH),
  'cl-5,6': refused(LENGTH),
  'cl-0x5': refused(LENGTH),
  'cl-1_0-means-10': refused(LENGTH),
  'expect-post-case': served('RFC 9110 §10.1.1: no 100 where the body is there already'),
  'expect-other': refused('RFC 9110 §10.1.1: 417 is the answer, and no second one follows', 417),
  'expect-no-length': served(`RFC 9110 §10.1.1: no 100 where there is no body; ${NO_LENGTH}`),
  'expect-http10': served('RFC 9110 §10.1.1: 100 is not sent to HTTP/1.0', 1, 'closed'),
  'chunk-trailers-then-next': served('RFC 9112 §7.1.2: trailers end with the body', 2),
  'chunk-0x-and-hash': refused(CHUNK_SIZE),
  'chunk-bad-size': refused(CHUNK_SIZE),
  'chunk-bad-separator': refused(CHUNK_END),
  'chunk-eof-in-data': closed(INCOMPLETE),
  'chunk-eof-before-size': closed(INCOMPLETE),
  'chunk-no-final-crlf': waits('RFC 9112 §7.1: the last chunk is followed by an empty line'),
  'chunk-PUT-ignored': served(EVERY_METHOD),
  'chunk-GET-ignored': served(EVERY_METHOD),
  'chunk-size-wraps-to-5': refused(CHUNK_SIZE),
  upgrade: served(UPGRADE),
  'upgrade-in-list': served(`${UPGRADE}; Q4: no list is split`),
  'resp-304-body': {
    rule: 'RFC 9112 §6.3: a 304 has no body',
    statuses: [304],
    after: 'open',
    body: '',
  },
  'resp-crlf-injection': failed('RFC 9110 §5.5: a field value has no CR or LF'),
  'resp-twice': { rule: TWICE, statuses: [200], after: 'open', body: 'one' },
  'resp-sendheaders': closed(
    'what is written by hand ends with the callback: its framing is unknown',
  ),
  'resp-head-has-body': {
    rule: `RFC 9112 §6.3: HEAD; ${TWICE}`,
    statuses: [200],
    after: 'open',
    body: '',
  },
  'handler-raises': failed('a callback that fails is 500, and the server lives'),
}

/** What is sent in words that no correct client would use, and gets another refusal than 400. */
export const UNSTRICT: Readonly<Record<string, number>> = { 'hcount-20000-same-name': 431 }
