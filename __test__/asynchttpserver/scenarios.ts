// The cases of the table that are told in words, because they take time or another client.

import type { ExecutionContext } from 'ava'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Callback,
  Http200,
  newHttpHeaders,
  type Request,
} from '../../ts/asynchttpserver/index.ts'
import { serveNim } from './served.ts'
import { get } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'

/** Milliseconds of `readTimeout`. Nim's own tests take 300, within which a busy machine may do nothing. */
export const LIMIT = 3000
const ok: Callback = (req) => req.respond(Http200, 'ok')

/** Plays a case, and checks that it ends as the table says, or why not. */
type Scenario = (t: ExecutionContext) => Promise<void>

const trickle: Scenario = async (t) => {
  const { connect } = await serveNim(t, ok, { readTimeout: LIMIT })
  const client = await connect()
  const begun = performance.now()
  client.send('GET / HTTP/1.1\r\n')
  const timer = setInterval(() => client.socket.writable && client.send('a'), 50)
  t.teardown(() => clearInterval(timer))
  t.is((await client.reply()).status, 408)
  clearInterval(timer)
  t.true(performance.now() - begun >= LIMIT / 2)
}

const pauses: Scenario = async (t) => {
  const { connect } = await serveNim(t, ok, { readTimeout: LIMIT })
  const client = await connect()
  for (let i = 0; i < 2; i++) {
    client.send('GET / HTTP/1.1\r\nHost: a\r\n')
    await delay(LIMIT / 3)
    client.send('\r\n')
    t.is((await client.reply()).status, 200)
  }
}

const gaps: Scenario = async (t) => {
  const { connect } = await serveNim(t, ok, { readTimeout: LIMIT })
  const client = await connect()
  for (let i = 0; i < 5; i++) {
    t.is((await client.get('/')).status, 200)
    await delay(LIMIT / 2)
  }
}

const idle: Scenario = async (t) => {
  const { connect } = await serveNim(t, ok, { readTimeout: LIMIT })
  const client = await connect()
  t.is((await client.get('/')).status, 200)
  const begun = performance.now()
  await client.closed()
  t.true(performance.now() - begun >= LIMIT / 2)
}

const slowHandler: Scenario = async (t) => {
  const { connect } = await serveNim(
    t,
    async (req) => {
      await delay(3 * LIMIT)
      await ok(req)
    },
    { readTimeout: LIMIT },
  )
  const client = await connect()
  t.is((await client.get('/')).status, 200)
}

const noLimit: Scenario = async (t) => {
  const { connect } = await serveNim(t, ok, { readTimeout: 0 })
  const client = await connect()
  client.send('GET / HTTP/1.1\r\nHo')
  await delay(900)
  t.true(client.isQuiet)
  client.send('st: a\r\n\r\n')
  t.is((await client.reply()).status, 200)
}

const afterwards: Scenario = async (t) => {
  const { connect, errors } = await serveNim(t, ok, { readTimeout: LIMIT })
  const clients = await Promise.all(Array.from({ length: 5 }, () => connect()))
  for (const client of clients) client.send('GET / HTT')
  await Promise.all(clients.map((client) => client.gone()))
  const alive = await connect()
  await delay(LIMIT / 2)
  t.is((await alive.get('/')).status, 200)
  t.deepEqual(errors, [])
}

/** Nim's client notices the lie; here it does not leave the server. */
const lyingLength: Scenario = async (t) => {
  const { connect, errors } = await serveNim(t, (req) =>
    req.respond(Http200, 'Hello World', newHttpHeaders([['Content-length', '15']])),
  )
  const client = await connect()
  const reply = await client.get('/', 'Connection: close\r\n')
  t.is(reply.status, 500)
  await client.closed()
  t.regex(String(errors[0]), /Content-Length "15" is not the 11 bytes/)
}

const multipart: Scenario = async (t) => {
  const seen = gate<Request>()
  const { port } = await serveNim(t, async (req) => {
    seen.open(req)
    await ok(req)
  })
  const form = new FormData()
  form.set('name', 'value')
  t.is((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: form })).status, 200)
  const { body, headers } = await within('the request', seen.promise)
  t.true(body.endsWith('\r\n'))
  t.is(headers.get('content-length'), String(body.length))
}

const large: Scenario = async (t) => {
  const { connect } = await serveNim(t, (req) => req.respond(Http200, ' '.repeat(230_000)))
  const client = await connect()
  for (let i = 0; i < 3; i++) t.is((await client.get('/')).text, ' '.repeat(230_000))
}

/** There is one JavaScript thread: a callback shares nothing with another one unawares. */
const sharedState: Scenario = async (t) => {
  let calls = 0
  const { connect } = await serveNim(t, (req) => req.respond(Http200, String(++calls)))
  const clients = await Promise.all(Array.from({ length: 8 }, () => connect()))
  const replies = await Promise.all(
    clients.map((client) =>
      client
        .send(get('/').repeat(1))
        .reply()
        .then(({ text }) => Number(text)),
    ),
  )
  t.deepEqual(
    replies.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8],
  )
  await until('all of them', () => calls === 8)
}

/** By id. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'up-readtimeout-scenario-1': trickle,
  'up-readtimeout-scenario-2': pauses,
  'up-readtimeout-scenario-3': gaps,
  'up-readtimeout-scenario-4': idle,
  'up-readtimeout-scenario-5': slowHandler,
  'up-readtimeout-scenario-6': noLimit,
  'up-readtimeout-scenario-7': afterwards,
  'up-client-bad-cl': lyingLength,
  'up-client-multipart-crlf': multipart,
  'up-orc-large': large,
  'up-gcsafe': sharedState,
}
