import test, { type ExecutionContext } from 'ava'
import { mock } from 'node:test'
import { bytes, createServer, file, json, Router, sse, stream, text } from '../../ts/index.ts'
import { recordOf } from '../../ts/request/friends.ts'
import { type Client, get, post } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { connectFor, serve } from '../support/service.ts'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

// What others do to the process must not reach the server, nor through it the memory that it shares.

const PATHS = [
  '/text',
  '/json',
  '/bytes',
  '/raw',
  '/stream',
  '/sse',
  '/file',
  '/late',
  '/hand',
  '/n/ü',
]

/** Memory that native code reads or writes: chunks and rings. */
const ours = new Set<ArrayBufferLike>()

function site(t: ExecutionContext): Promise<{ connect(): Promise<Client>; port: number }> {
  const path = join(folder(t), 'f')
  writeFileSync(path, 'content')
  const router = new Router()
    .use((req, next) => {
      const { lane, bytes: chunk } = recordOf(req).chunk
      // A large request has memory of its own, which nobody writes any more.
      if (chunk.byteLength === 64 << 10) ours.add(chunk.buffer)
      ours.add(lane.ring.bytes.buffer)
      return next()
    })
    .get('/text', () => text('text'))
    .get('/json', () => json({ a: 1 }))
    .get('/bytes', () => bytes(new Uint8Array(10)))
    .get('/raw', () => new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
    .get('/stream', () => stream(['a', 'b', 'c'.repeat(200_000)]))
    .get('/sse', () => sse(['a']))
    .get('/file', () => file(path))
    .get('/late', () => Promise.resolve('late'))
    .get('/hand', (req) => {
      req.raw().end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhand')
      return ''
    })
    .post('/body', (req) => `${req.text()}${req.body.length}${req.buffer.length > 0}`)
    .get('/n/:name', (req) => `${req.params.name} ${req.header('host')} ${[...req.headers].length}`)
  return serve(t, router)
}

async function useAll(client: Client): Promise<void> {
  for (const path of PATHS) {
    const reply = await client.get(encodeURI(path))
    if (reply.status !== 200) throw new Error(`${path} ${reply.status}`)
  }
  // Pipelined, so that chunks are let go and requests are moved.
  client.send(get('/text').repeat(1000))
  for (let i = 0; i < 1000; i++) await client.reply()
  const body = 'x'.repeat(70_000)
  const reply = await client.send(post('/body', body)).reply()
  if (reply.text !== `${body}70000true`) throw new Error('another body')
}

test.serial('false timers do not stop a server', async (t) => {
  const { connect, port } = await site(t)
  const client = await connect()
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] })
  const real = { nextTick: process.nextTick, queueMicrotask, now: performance.now }
  let asked = 0
  globalThis.queueMicrotask = () => void asked++
  performance.now = () => 0
  try {
    await useAll(client)
    t.is((await (await connectFor(t, port)).get('/text')).text, 'text')
  } finally {
    mock.timers.reset()
    globalThis.queueMicrotask = real.queueMicrotask
    performance.now = real.now
  }
  t.is(asked, 0)
})

test.serial('patched prototypes see neither chunks nor rings', async (t) => {
  const { connect } = await site(t)
  const client = await connect()
  await useAll(client)
  const seen: [name: string, buffer: ArrayBufferLike][] = []
  const restore: (() => void)[] = []
  const look = (name: string, ...values: unknown[]): void => {
    for (const value of values) {
      if (ArrayBuffer.isView(value)) seen.push([name, value.buffer])
    }
  }
  const prototypes: [string, object][] = [
    ['Buffer', Buffer.prototype],
    ['Uint8Array', Uint8Array.prototype],
    ['%TypedArray%', Object.getPrototypeOf(Uint8Array.prototype) as object],
    ['TextDecoder', TextDecoder.prototype],
  ]
  let isLooking = false
  for (const [owner, prototype] of prototypes) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const { value, writable } = Object.getOwnPropertyDescriptor(prototype, name) ?? {}
      if (typeof value !== 'function' || writable !== true || name === 'constructor') continue
      const original = value as (...args: unknown[]) => unknown
      const target = prototype as Record<string, unknown>
      target[name] = function (this: unknown, ...args: unknown[]): unknown {
        if (!isLooking) {
          isLooking = true
          try {
            look(`${owner}.${name}`, this, ...args)
          } finally {
            isLooking = false
          }
        }
        return original.apply(this, args)
      }
      restore.push(() => (target[name] = original))
    }
  }
  try {
    await useAll(client)
  } finally {
    for (const one of restore) one()
  }
  t.true(ours.size > 1 && seen.length > 0)
  const found = seen.filter(([, buffer]) => ours.has(buffer)).map(([name]) => name)
  t.deepEqual([...new Set(found)], [])
})

test.serial('a polluted prototype does not confuse listen, nor a router', async (t) => {
  const polluted = Object.prototype as Record<string, unknown>
  const names = { errno: 98, address: 'x', host: '256.1.1.1', conflict: '/x', problem: 'x' }
  Object.assign(polluted, names)
  t.teardown(() => {
    for (const name of Object.keys(names)) delete polluted[name]
  })
  const server = createServer(new Router().get('/', () => 'ok'))
  await within('listen', server.listen({ port: 0, host: '127.0.0.1' }))
  const { port, address } = server.address() as AddressInfo
  t.is(address, '127.0.0.1')
  t.is((await (await connectFor(t, port)).get('/')).text, 'ok')
  await within('close', server.close({ timeout: 100 }))
})
