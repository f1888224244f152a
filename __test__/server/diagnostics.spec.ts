import test from 'ava'
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RequestMessage } from '../../ts/server/diagnostics.ts'
import {
  file,
  HttpError,
  type HttpRequest,
  type HttpResult,
  type ServerOptions,
  sse,
  stream,
  text,
} from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { serve } from '../support/service.ts'
import type { Outcome } from '../../ts/request/course.ts'

const CHANNELS = [
  'fasthttp.server.request.start',
  'fasthttp.server.response.created',
  'fasthttp.server.response.finish',
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
  test.serial(`each request is published: ${about}`, async (t) => {
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
  channel('fasthttp.server.request.start').subscribe(enter)
  t.teardown(() => channel('fasthttp.server.request.start').unsubscribe(enter))
  const client = await connect()
  client.send(get('/a') + get('/none') + get('/b'))
  t.is((await client.reply()).text, '/a /a /a')
  t.is((await client.reply()).text, 'undefined undefined /none')
  t.is((await client.reply()).text, '/b /b /b')
})

/** Requests of every kind, how each ends, and whether a response is known. */
const ENDS: [kind: string, outcome: Outcome, hasResponse: boolean][] = [
  ['text', 'sent', true],
  ['late', 'sent', true],
  ['stream', 'sent', true],
  ['sse', 'sent', true],
  ['broken', 'failed', true],
  ['broken-late', 'failed', true],
  ['left', 'aborted', true],
  ['raw', 'sent', false],
  ['raw-late', 'sent', false],
  ['raw-wrong', 'failed', false],
  ['raw-given-up', 'failed', false],
  ['raw-left', 'aborted', false],
  ['file', 'sent', true],
  ['missing', 'sent', true],
  ['missing-late', 'sent', true],
  ['taken', 'taken', false],
  ['time-out', 'aborted', false],
  ['gone', 'aborted', false],
  ['upload', 'aborted', false],
]

for (const [kind, outcome, hasResponse] of ENDS) {
  test.serial(`one end of a request, the real one, in its context: ${kind}`, async (t) => {
    const storage = new AsyncLocalStorage<string>()
    const root = folder(t)
    const path = join(root, 'f')
    writeFileSync(path, 'content')
    const [held, begun] = [gate(), gate()]
    async function* endless(): AsyncGenerator<string> {
      for (;;) {
        yield 'x'.repeat(1000)
        await new Promise(setImmediate)
      }
    }
    const handler = (req: HttpRequest): HttpResult | Promise<HttpResult> => {
      begun.open()
      const later = <T>(value: T): Promise<T> => held.promise.then(() => value)
      const missing = join(root, 'none')
      switch (kind) {
        case 'late':
          return later('late')
        case 'stream':
          return stream(
            (async function* () {
              yield 'a'
              await held.promise
              yield 'b'
            })(),
          )
        case 'sse':
          return sse(['one', 'two'])
        case 'broken':
        case 'broken-late':
          return stream(
            (async function* () {
              yield 'a'
              if (kind === 'broken-late') await held.promise
              throw new Error('broken')
            })(),
          )
        case 'left':
          return stream(endless())
        case 'raw':
          req.raw().end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
          return ''
        case 'raw-late': {
          const raw = req.raw()
          return later('').then(() => {
            raw.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
            return ''
          })
        }
        case 'raw-wrong':
          req.raw().end('nonsense\r\n\r\n')
          return ''
        case 'raw-given-up':
          req.raw().destroy()
          return ''
        case 'raw-left':
          req.raw()
          return ''
        case 'file':
          return file(path, { onMissing: () => text('none') })
        case 'missing':
          return file(missing, { onMissing: () => text('none') })
        case 'missing-late':
          return file(missing, { onMissing: () => later(text('none')) })
        case 'taken':
          req.takeover().end()
          return ''
        case 'upload':
          return req
            .stream()
            .getReader()
            .read()
            .then(() => '')
        case 'time-out':
        case 'gone':
          return new Promise(() => undefined)
        default:
          return 'text'
      }
    }
    const options: ServerOptions =
      kind === 'upload'
        ? { bodyMode: 'stream' }
        : kind === 'time-out'
          ? { handlerTimeout: 2000 }
          : {}
    const { connect, server } = await serve(t, handler, options)
    const seen: [Outcome | undefined, boolean, string | undefined][] = []
    const start = (): void => storage.enterWith(kind)
    const finish = (message: unknown): void => {
      const { outcome: how, response, request, server: whose } = message as RequestMessage
      t.is(request.path, '/')
      t.is(whose, server)
      seen.push([how, response !== undefined, storage.getStore()])
    }
    channel('fasthttp.server.request.start').subscribe(start)
    channel('fasthttp.server.response.finish').subscribe(finish)
    t.teardown(() => {
      channel('fasthttp.server.request.start').unsubscribe(start)
      channel('fasthttp.server.response.finish').unsubscribe(finish)
    })
    const client = await connect()
    if (kind === 'upload') client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n')
    else client.send(get('/'))
    await within('the handler', begun.promise)
    if (['late', 'stream', 'broken-late', 'raw-late', 'missing-late'].includes(kind)) {
      // Nothing has ended yet, though somebody else has been served meanwhile.
      await until('the head', () => server.stats().requests === 1)
      t.deepEqual(seen, [])
      held.open()
    }
    if (['left', 'raw-left', 'gone', 'upload'].includes(kind)) client.reset()
    await until('an end', () => seen.length > 0)
    await until('no connection', () => {
      if (server.stats().connections.open > 0) client.socket.destroy()
      return server.stats().connections.open === 0
    })
    t.deepEqual(seen, [[outcome, hasResponse, kind]])
  })
}
