import test from 'ava'
import { readdirSync, readFileSync } from 'node:fs'
import { root } from '../support/root.ts'

/**
 * What the tests of V's fasthttp, and of veb over it, send and see, in our words. The numbers are
 * those that titles of v/*.spec.ts begin with. 63 and 64 are about Windows; 64 is run anyhow, in 65.
 */
const LIST: Record<number, string> = {
  1: 'an example builds',
  2: 'a request line in slices',
  3: 'a path with segments',
  4: 'a POST',
  5: 'a line without CRLF',
  6: 'a method',
  7: 'a server is made',
  8: 'servers of both families',
  9: 'a fragmented request, an answer by hand, then a normal one',
  10: 'GET with Host',
  11: 'GET without fields',
  12: 'POST with a length',
  13: 'POST and GET pipelined',
  14: 'three GETs pipelined',
  15: 'chunks',
  16: 'an unterminated head, half a body',
  17: 'a head over its limit',
  18: 'a body over its limit',
  19: 'the expected total',
  20: 'the length of a head',
  21: 'lengths, and -1',
  22: 'a length of 99999999999',
  23: 'a chunk size of ffffffffff',
  24: 'a trailer',
  25: 'bare LF',
  26: 'spaces behind a length',
  27: 'a request line',
  28: 'no request line',
  29: 'HTTP/1.0',
  30: 'no request line, decoded',
  31: 'fields and a JSON body',
  32: 'fields and no body',
  33: 'a head without its blank line',
  34: 'complete: no body',
  35: 'incomplete: 3 of 5 bytes',
  36: 'complete: 5 of 5 bytes',
  37: 'incomplete: chunks without their end',
  38: 'complete: chunks',
  39: 'incomplete: an end within chunk data',
  40: 'complete: an end within chunk data and one behind',
  41: 'three pipelined in one write',
  42: 'a head in two writes',
  43: 'a second request is seen',
  44: 'append, pipelined',
  45: 'append that closes',
  46: 'no handler, two handlers',
  47: 'one state for all',
  48: 'a file and a next answer',
  49: 'empty files and descriptors',
  50: 'SIGPIPE',
  51: 'an answer by hand behind another one',
  52: 'connections give back what they had',
  53: 'no host',
  54: 'an IPv4 host with the other family',
  55: 'an IPv4 host',
  56: 'an IPv6 host',
  57: 'a host that nobody knows',
  58: 'how addresses are shown',
  59: 'a start that fails',
  60: 'the bound address',
  61: 'a handler that asks its own server',
  62: 'the beginning of a request behind an answer',
  63: 'Windows: handles are as wide as pointers',
  64: 'Windows: collections while a write is under way',
  65: 'idle ones, many requests, a large answer to a slow reader',
  66: 'start against stop, overflows, a file to a slow reader, half-close',
  67: 'a body of 81,920 bytes',
  68: 'a head of 16 KiB',
  69: 'a body that stays incomplete',
  70: 'a body longer than its length',
  71: 'a file of 20 KiB',
  72: 'a file of 8 MiB',
  73: 'keep-alive, counted',
  74: 'by hand, then normal',
  75: 'by hand, then the close',
  76: 'Connection: close is said back',
  77: 'a head, later its body',
  78: '2 MiB of multipart in chunks',
  79: 'a slow request while the server stops',
  80: 'clients of both families',
  81: 'server-sent events',
}
const WINDOWS = [63]

test('every test of the list is run here, and every number that is named is in the list', (t) => {
  const folder = `${root}__test__/v/`
  const numbers = new Set<number>()
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.spec.ts'))) {
    const text = readFileSync(folder + name, 'utf8')
    for (const [, number] of text.matchAll(/\bV (\d+)\b/g)) numbers.add(Number(number))
  }
  const missing = Object.keys(LIST).filter((number) => !numbers.has(Number(number)))
  t.deepEqual(missing.map(Number), WINDOWS)
  t.deepEqual(
    [...numbers].filter((number) => LIST[number] === undefined),
    [],
  )
})
