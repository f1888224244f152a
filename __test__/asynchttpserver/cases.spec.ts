import test, { type ExecutionContext } from 'ava'
import {
  type Call,
  type NimCase,
  type NimService,
  type Observed,
  serveNim,
  table,
  tableHandler,
  textOf,
} from './served.ts'
import { DIFFERENT, UNSTRICT, type Verdict } from './verdicts.ts'
import { LIMIT, SCENARIOS } from './scenarios.ts'
import type { Client } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import type { Reply } from '../support/reply.ts'

/** Whether the server speaks, in words of its own; the table's handler knows 404 alone. */
const isRefusal = (status: number): boolean => status >= 400 && status !== 404

/**
 * The same request as a correct client would send it: Nim's server takes lines that end with LF, and
 * HTTP/1.1 without Host. Both are refused here (RFC 9112 §2.2, §3.2), and that is tested by itself.
 */
function strictOf(id: string, text: string): string {
  const lines = text.replace(/(?<!\r)\n/g, '\r\n')
  if (/^host:/im.test(lines)) return lines
  // This one counts its lines.
  if (id === 'hcount-10000') return lines.replace('h0: 1', 'Host: a')
  return lines.replace(/ (HTTP\/1\.[1-9])\r\n/g, ' $1\r\nHost: a\r\n')
}

/** What came of it: responses, the calls of the handler, and the connection behind them. */
interface Came {
  readonly replies: Reply[]
  readonly statuses: number[]
  readonly calls: Call[]
  readonly raw: string
}

async function run(
  t: ExecutionContext,
  one: NimCase,
  text: string,
  expected: { count: number; after: 'open' | 'closed'; raw: boolean },
): Promise<Came> {
  const calls: Call[] = []
  const options = { ...one.server }
  if (options.readTimeout !== undefined) options.readTimeout = LIMIT
  const service = await serveNim(t, tableHandler(calls), options)
  const client = await service.connect()
  client.send(text)
  if (one.half_close === true) client.finish()
  const [replies, statuses]: [Reply[], number[]] = [[], []]
  const method = text.startsWith('HEAD') ? 'HEAD' : 'GET'
  while (statuses.length < expected.count) {
    const reply = await client.reply(method)
    replies.push(reply)
    statuses.push(...reply.interim, reply.status)
  }
  const raw = await endOf(service, client, expected)
  return { replies, statuses, calls, raw }
}

/** Checks how the connection is left; gives what came behind the responses. */
async function endOf(
  service: NimService,
  client: Client,
  { after, raw }: { after: 'open' | 'closed'; raw: boolean },
): Promise<string> {
  if (after === 'closed' && raw) return (await within('end', client.rest())).toString('latin1')
  if (after === 'closed') await client.closed()
  else {
    // The server has had the bytes when it has answered somebody else, twice.
    const witness = await service.connect()
    for (let i = 0; i < 2; i++) await witness.get('/emptyheaders')
    if (!client.isQuiet) throw new Error('the connection is not left open and quiet')
  }
  // It lives, whatever came.
  const other = await service.connect()
  if ((await other.get('/hello16')).status !== 200) throw new Error('the server does not answer')
  return ''
}

function checkVerdict(
  t: ExecutionContext,
  verdict: Verdict,
  { replies, statuses, calls }: Came,
): void {
  t.deepEqual(statuses, [...verdict.statuses], verdict.rule)
  t.is(calls.length, verdict.calls ?? 0, verdict.rule)
  if (verdict.body !== undefined) t.is(replies.at(-1)?.text, verdict.body, verdict.rule)
}

/** Checks that it is what Nim's server does. Names have no case; `Date` and `Connection` are ours. */
function checkSame(t: ExecutionContext, observed: Observed, came: Came, isStrict: boolean): void {
  const { responses, handler_calls: expected } = observed
  t.deepEqual(
    came.statuses,
    responses.map(({ status }) => status as number),
  )
  for (const [i, { status, headers, body }] of responses.entries()) {
    const reply = came.replies[i] as Reply
    if (isRefusal(status as number)) continue
    for (const [name, value] of headers ?? []) {
      if (value !== '<len>') t.is(reply.header(name), value)
    }
    const extra = reply.headers.map(([name]) => name.toLowerCase())
    const known = (headers ?? []).map(([name]) => name.toLowerCase())
    t.deepEqual(
      extra.filter((name) => !known.includes(name) && name !== 'connection'),
      ['date'],
    )
    if (typeof body === 'string' && !body.startsWith('<echo')) t.is(reply.text, body)
  }
  t.is(came.calls.length, expected.length)
  for (const [i, call] of expected.entries()) {
    const { headers, url, ...rest } = came.calls[i] as Call
    t.like(rest, { method: call.method, protocol: call.protocol, body: call.body })
    t.like(url, { ...call.url })
    const own = Object.entries(headers).filter(([name]) => isStrict || name !== 'host')
    t.deepEqual(Object.fromEntries(own), { ...call.headers })
  }
}

function isSame(observed: Observed, verdict: Verdict): boolean {
  const statuses = observed.responses.map(({ status }) => status ?? -1)
  return (
    verdict.body === undefined &&
    String(statuses) === String(verdict.statuses) &&
    observed.connection_after === verdict.after &&
    observed.handler_calls.length === (verdict.calls ?? 0)
  )
}

for (const one of table.http) {
  const { id, send } = one
  // What is told in words is played in a file of its own.
  if (send === undefined) continue
  const observed = (one.observed_devel ?? one.observed ?? one.observed_stable) as Observed
  const verdict = DIFFERENT[id]
  const text = textOf(send)
  const strict = strictOf(id, text)

  test(`${id}: ${verdict === undefined ? 'the same' : verdict.rule}`, async (t) => {
    if (verdict === undefined) {
      const { responses, connection_after: after } = observed
      const came = await run(t, one, strict, { count: responses.length, after, raw: false })
      return checkSame(t, observed, came, text === strict)
    }
    t.false(isSame(observed, verdict), 'it is the same, and no difference is to be listed')
    const raw = id === 'resp-sendheaders'
    const came = await run(t, one, strict, {
      count: verdict.statuses.length,
      after: verdict.after,
      raw,
    })
    checkVerdict(t, verdict, came)
    if (raw) t.is(came.raw, 'x-a: 1\r\n')
  })

  if (text === strict || (verdict?.statuses[0] === 400 && verdict.statuses.length === 1)) continue
  test(`${id} without CR or Host: RFC 9112 §2.2, §3.2: refused`, async (t) => {
    const came = await run(t, one, text, { count: 1, after: 'closed', raw: false })
    t.deepEqual([came.statuses, came.calls.length], [[UNSTRICT[id] ?? 400], 0])
  })
}

test('each case that is told in words is played', (t) => {
  const told = table.http.filter(({ send }) => send === undefined).map(({ id }) => id)
  t.deepEqual(Object.keys(SCENARIOS).toSorted(), told.toSorted())
})

test('no difference is listed for a case that is not there', (t) => {
  const ids = new Set(table.http.map(({ id }) => id))
  t.deepEqual(
    [...Object.keys(DIFFERENT), ...Object.keys(UNSTRICT)].filter((id) => !ids.has(id)),
    [],
  )
})

test('whoever holds up nobody: a callback that fails leaves other connections alone', async (t) => {
  const service = await serveNim(t, tableHandler([]))
  const [other, client] = [await service.connect(), await service.connect()]
  t.is((await client.get('/boom')).status, 500)
  t.is((await other.get('/hello16')).status, 200)
  t.is((await client.get('/hello16')).status, 200)
  await until('the report', () => service.errors.length === 1)
})
