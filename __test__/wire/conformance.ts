// A case over TCP: sends its bytes in one of several ways and says what is wrong with what came of it.

import type { HttpRequest, Slice } from '../../ts/index.ts'
import { type Case, decode, type ExpectedRequest, type Text } from '../support/cases.ts'
import { Client, get } from '../support/client.ts'
import type { Reply } from '../support/reply.ts'
import { type Scope, serve, type Service } from '../support/service.ts'

/** What the server still reads after it has refused. */
const LINGER = 256 << 10

/** How a case is sent: in one write, a byte a write, or in two parts with the first of so many bytes. */
export type Way = 'whole' | 'byte by byte' | number

/** What the handler saw, copied at once. */
interface Seen {
  method: string
  target: string
  version: string
  versionSent: string
  headers: [string, string][]
  body: string
}

/** A server for cases. */
export interface Rig {
  readonly service: Service
  /** What the handler saw, by the client's port. */
  readonly seen: Map<number, Seen[]>
  /** A round trip of another client. */
  readonly witness: () => Promise<void>
}

/** Starts a server whose handler notes what it sees; it ends with `scope`. */
export async function startRig(scope: Scope): Promise<Rig> {
  const seen = new Map<number, Seen[]>()
  const service = await serve(scope, (req) => {
    seen.get(req.remotePort)?.push(note(req))
    return 'ok'
  })
  const witness = await service.connect()
  // Who has sent nothing is closed sooner than who has had an answer.
  await witness.get('/witness')
  let turn = Promise.resolve()
  return {
    service,
    seen,
    // One round trip at a time.
    witness: () => (turn = turn.then(async () => void (await witness.get('/witness')))),
  }
}

function note(req: HttpRequest): Seen {
  return {
    method: req.method,
    target: req.url,
    version: req.httpVersion,
    versionSent: partOf(req, req.slices.version),
    headers: [...req.headers],
    body: Buffer.from(req.body).toString('latin1'),
  }
}

function partOf(req: HttpRequest, { start, len }: Slice): string {
  return Buffer.from(req.buffer).toString('latin1', start, start + len)
}

/** Sends a case and says what is wrong with what came of it; undefined: nothing. */
export async function faultOf(rig: Rig, one: Case, way: Way): Promise<string | undefined> {
  const client = await Client.connect(rig.service.port)
  const seen: Seen[] = []
  rig.seen.set(client.port, seen)
  try {
    const sent = send(rig, one.bytes, client, way)
    for (let i = 0; i < one.handled; i++) {
      const reply = await client.reply(seen[i]?.method ?? methodOf(one, i))
      check(reply.status === 200, `answer ${i + 1} is ${reply.status}`)
      const expected = one.requests[i]
      if (expected !== undefined) checkPersistence(expected, reply)
    }
    await sent
    await ending(rig, one, client)
    check(seen.length === one.handled, `the handler saw ${seen.length}, not ${one.handled}`)
    one.requests.forEach((expected, i) => checkRequest(expected, seen[i] as Seen))
    return undefined
  } catch (error) {
    const sentAs = typeof way === 'number' ? `cut at ${way}` : way
    return `${one.id}, ${sentAs}: ${(error as Error).message}`
  } finally {
    rig.seen.delete(client.port)
    client.socket.destroy()
  }
}

function send(rig: Rig, bytes: Buffer, client: Client, way: Way): Promise<void> {
  if (way === 'whole') return sendWhole(rig, bytes, client)
  if (way === 'byte by byte') return client.sendBytewise(bytes)
  return client.sendPieces([bytes.subarray(0, way), bytes.subarray(way)])
}

/** One write; or, beyond what a server reads after a refusal, as many as it takes without one. */
async function sendWhole(rig: Rig, bytes: Buffer, client: Client): Promise<void> {
  const size = bytes.length > LINGER ? LINGER / 4 : bytes.length
  for (let at = 0; at < bytes.length && client.unread === 0; at += size) {
    client.send(bytes.subarray(at, at + size))
    if (at + size < bytes.length) await rig.witness()
  }
}

/** Checks what follows the last answer of the handler. */
async function ending(rig: Rig, one: Case, client: Client): Promise<void> {
  if (one.outcome === 'reject' || one.outcome === 'mixed') {
    const reply = await client.reply()
    check(
      one.status.includes(reply.status),
      `refused with ${reply.status}, not ${one.status.join()}`,
    )
    check(reply.header('connection') === 'close', 'a refusal without Connection: close')
    return client.closed()
  }
  if (one.mustClose) return client.closed()
  if (one.outcome === 'wait') {
    // The server has had the bytes when it has answered somebody else, twice.
    await rig.witness()
    await rig.witness()
    check(client.isQuiet, 'the server did not wait for the rest')
    return client.finish().closed()
  }
  const expected = rig.seen.get(client.port) as Seen[]
  const before = expected.length
  const reply = await client.send(get('/probe')).reply()
  check(reply.status === 200, `the connection answers ${reply.status} afterwards`)
  expected.length = before
  await client.finish().closed()
}

function methodOf(one: Case, index: number): string {
  const method = one.requests[index]?.method
  return typeof method === 'string' ? decode(method) : 'GET'
}

function checkPersistence({ keepAlive, version }: ExpectedRequest, reply: Reply): void {
  const connection = reply.header('connection')?.toLowerCase()
  const persists = version === '1.0' ? connection === 'keep-alive' : connection !== 'close'
  check(persists === keepAlive, `Connection: ${connection} where keepAlive is ${keepAlive}`)
}

function checkRequest(expected: ExpectedRequest, seen: Seen): void {
  const same = (what: string, text: Text, got: string): void =>
    check(isText(text, got), `${what} is ${JSON.stringify(got.slice(0, 200))}`)
  same('method', expected.method, seen.method)
  same('target', expected.target, seen.target)
  same('version as sent', `HTTP/${expected.version}`, seen.versionSent)
  // RFC 9110 §2.5: a higher minor version is read as the highest that is known.
  same('version', expected.version === '1.0' ? '1.0' : '1.1', seen.version)
  same('body', expected.body, seen.body)
  const { headers } = expected
  const [list, count] = Array.isArray(headers)
    ? [headers, headers.length]
    : [[headers.first], headers.count]
  check(seen.headers.length === count, `${seen.headers.length} fields, not ${count}`)
  list.forEach(([name, value], i) => {
    same(`name ${i}`, name, seen.headers[i]?.[0] ?? '')
    same(`value ${i}`, value, seen.headers[i]?.[1] ?? '')
  })
}

/** A string, or its length: of the bytes, or of their escaped form. */
function isText(expected: Text, got: string): boolean {
  if (typeof expected === 'string') return decode(expected) === got
  const escaped = got.replace(/[\r\n\t\\]/g, '\\$&').replace(/[^\x20-\x7e\r\n\t]/g, '\\xNN')
  return expected.length === got.length || expected.length === escaped.length
}

function check(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise)
}
