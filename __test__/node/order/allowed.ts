/** A difference from node's own server that is meant. */
export interface Allowed {
  /** Why it is better so, or cannot be otherwise. */
  readonly reason: string
  /** Lines that are not compared; without it nothing of the scenario is. */
  readonly lines?: RegExp
  /** It is not there on every Node, or not every time. */
  readonly sometimes?: true
}

const SOON = 'the object hears of its end a turn of the loop sooner or later than the others do'
const CLOSES = 'an answer of a wrong length ends its connection, and says so'
const LATER = 'a body comes when it is asked for, a turn of the loop behind its head'
const ONCE = 'what is refused is not read any more, so that its end is no second fault'
const LEFT = 'who leaves in the middle of a request has nobody to read an answer'

/** Differences by the name of their scenario. One that is not there any more fails the test as well. */
export const ALLOWED: Readonly<{ [scenario: string]: Allowed }> = {
  'the client leaves with three pipelined requests unanswered': {
    reason: 'requests of several reads come in several turns of the loop',
    lines: /^req [0-9]/,
    sometimes: true,
  },
  'the client leaves within the body behind an early answer': {
    reason: LATER,
    lines: /^req 1 data/,
    sometimes: true,
  },
  'the client leaves within the body behind an early answer; clientError is listened to': {
    reason: LATER,
    lines: /^req 1 data/,
    sometimes: true,
  },
  'the client leaves within the body behind an early answer, after which the socket was ended': {
    reason: LATER,
    lines: /^req 1 data/,
    sometimes: true,
  },
  '204 with a length': {
    reason: 'a 204 must not have one (RFC 9110 §8.6)',
    lines: /^client 1 > Content-Length: 0/,
  },
  'a body that is shorter than it says': {
    reason: CLOSES,
    lines: /^client 1 > (Connection|Keep-Alive)/,
  },
  'fields of a request, by name and as they came': {
    reason: 'a fragment is no part of a request-target (RFC 9112 §3.2)',
  },
  'a large answer waits for the client: drain': {
    reason: SOON,
    lines: /^req 1 close/,
    sometimes: true,
  },
  'the request is destroyed': { reason: SOON, lines: /^req 1 close/, sometimes: true },
  'the request is destroyed with an error': {
    reason: SOON,
    lines: /^(socket|res) 1 close/,
    sometimes: true,
  },
  'the request is destroyed, and the answer is given all the same': {
    reason: SOON,
    lines: /^req 1 close/,
    sometimes: true,
  },
  'the response is destroyed with an error': {
    reason: SOON,
    lines: /^socket 1 error/,
    sometimes: true,
  },
  'the response is destroyed within the answer with an error': {
    reason: SOON,
    lines: /^(req 1 close|socket 1 error)/,
    sometimes: true,
  },
  'the socket is destroyed with an error': {
    reason: SOON,
    lines: /^socket 1 error/,
    sometimes: true,
  },
  'the socket is destroyed within the answer with an error': {
    reason: SOON,
    lines: /^(req 1 close|socket 1 error)/,
    sometimes: true,
  },
  'the source of an answer fails': { reason: SOON, lines: /^pipeline/, sometimes: true },
  'the source of an answer fails before it says anything': {
    reason: SOON,
    lines: /^socket 1 error|^pipeline/,
    sometimes: true,
  },
  'the handler throws': {
    reason: 'a request is whole whatever its handler throws',
    lines: /^req 1/,
  },
  'the request is destroyed within its body': {
    reason: SOON,
    lines: /^req 1 close/,
    sometimes: true,
  },
  'a body is read by iteration, and left': {
    reason: SOON,
    lines: /^socket 1 close/,
    sometimes: true,
  },
  'headersTimeout within a head; clientError is listened to': {
    reason: LEFT,
    lines: /^server clientError|^socket 1 close/,
  },
  'requestTimeout within a head, which is shorter than headersTimeout': {
    reason: ONCE,
    lines: /^server clientError|^socket 1 close/,
  },
  'requestTimeout, changed within a body': {
    reason: ONCE,
    lines: /^server clientError|^socket 1 close/,
  },
  'headersTimeout, changed within a head': {
    reason: ONCE,
    lines: /^server clientError|^socket 1 close/,
  },
  'closeIdleConnections with one idle and one busy': {
    reason: SOON,
    lines: /^socket 1 close/,
    sometimes: true,
  },
  'a GET with a body in chunks behind an unanswered one': {
    reason: 'a body that came with its head is there whole at once',
    lines: /^req/,
    sometimes: true,
  },
  'a GET whose body comes later behind an unanswered one, and a third': {
    reason: LATER,
    lines: /^req [12]/,
    sometimes: true,
  },
  'the first is answered while the body of the second comes': {
    reason: LATER,
    lines: /^req/,
    sometimes: true,
  },
  'a body in chunks': {
    reason: 'a body that came with its head is there whole at once',
    lines: /^req 1 data/,
    sometimes: true,
  },
  'a request with trailers': {
    reason: 'a body that came with its head is there whole at once',
    lines: /^req 1 data/,
    sometimes: true,
  },
  'two pipelined GETs, the second with pieces before the first has ended': {
    reason: SOON,
    lines: /^req 1/,
    sometimes: true,
  },
  'an upgrade that a callback declines': {
    reason: 'the connection of a request that is none goes on, as with Node 26',
    sometimes: true,
  },
}
