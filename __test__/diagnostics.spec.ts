import test from 'ava'
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import type { RequestMessage } from '../ts/diagnostics.ts'
import { HttpError, text } from '../ts/index.ts'
import { get } from './client.ts'
import { serve } from './service.ts'

const CHANNELS = [
  'http.server.request.start',
  'http.server.response.created',
  'http.server.response.finish',
]

const thrown = new Error('no')
const HANDLERS = {
  string: () => 'ok',
  response: () => text('ok'),
  promise: async () => Promise.resolve('ok'),
  error: () => {
    throw thrown
  },
  httpError: () => Promise.reject(new HttpError(404, 'gone')),
}

for (const [about, handler] of Object.entries(HANDLERS)) {
  // The channels are those of the process.
  test.serial(`each request is published on node's channels: ${about}`, async (t) => {
    const seen: [string, RequestMessage][] = []
    const { connect, server } = await serve(t, handler)
    const listeners = CHANNELS.map((name) => {
      const listener = (message: unknown): void => void seen.push([name, message as RequestMessage])
      channel(name).subscribe(listener)
      return () => channel(name).unsubscribe(listener)
    })
    const client = await connect()
    const reply = await client.get('/a')
    for (const unsubscribe of listeners) unsubscribe()
    t.is((await client.get('/nobody-listens')).status, reply.status)
    t.deepEqual(
      seen.map(([name]) => name),
      CHANNELS,
    )
    for (const [name, message] of seen) {
      t.is(message.request.path, '/a')
      t.is(message.server, server)
      t.is('response' in message, name !== CHANNELS[0])
    }
    t.is(seen[1]?.[1].response, seen[2]?.[1].response)
    t.true(about !== 'string' || seen[2]?.[1].response === 'ok')
  })
}

test.serial('what listens to the start of a request is in its async scope', async (t) => {
  const storage = new AsyncLocalStorage<string>()
  const { connect } = await serve(t, async (req) => {
    const before = storage.getStore()
    await new Promise(setImmediate)
    return `${before} ${storage.getStore()} ${req.path}`
  })
  const enter = (message: unknown): void => {
    const { request } = message as RequestMessage
    if (request.path !== '/none') storage.enterWith(request.path)
  }
  channel('http.server.request.start').subscribe(enter)
  t.teardown(() => channel('http.server.request.start').unsubscribe(enter))
  const client = await connect()
  client.send(get('/a') + get('/none') + get('/b'))
  t.is((await client.reply()).text, '/a /a /a')
  t.is((await client.reply()).text, 'undefined undefined /none')
  t.is((await client.reply()).text, '/b /b /b')
})
