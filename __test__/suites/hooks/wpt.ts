// Loaded before files of web-platform-tests: has their requests be lazy ones, of bytes as a client sends them, where
// they are what a server can get, and their responses the light ones of `fasthttp/fetch`.
import { appendFileSync } from 'node:fs'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { FastResponse } from '../../../ts/fetch/index.ts'
import { LazyRequest } from '../../../ts/fetch/request.ts'
import { decodeRequest } from '../../../ts/index.ts'

/** What can be said of a request on the wire. */
const SENT = new Set(['method', 'headers', 'body', 'duplex'])

/** Bytes, and the type that goes with them. */
interface Body {
  readonly bytes: Uint8Array
  readonly type: string | null
}

/** Asks somebody who may wait for what a body is: blobs and forms have no bytes at once. */
function waited(body: Blob | FormData): Body {
  const done = new Int32Array(new SharedArrayBuffer(4))
  const { port1, port2 } = new MessageChannel()
  const entries = body instanceof FormData ? [...body].map(entryOf) : undefined
  const worker = new Worker(WAITER, {
    eval: true,
    workerData: { done, port: port2, entries, blob: entries === undefined ? body : undefined },
    transferList: [port2],
    execArgv: [],
    env: {},
  })
  Atomics.wait(done, 0, 0)
  const { message } = receiveMessageOnPort(port1) as { message: Body }
  port1.close()
  void worker.terminate()
  return message
}

const entryOf = ([name, value]: [string, File | string]): unknown[] =>
  typeof value === 'string' ? [name, value] : [name, new Blob([value], value), value.name]

const WAITER = `
  const { workerData: { done, port, entries, blob } } = require('node:worker_threads')
  const form = new FormData()
  for (const entry of entries ?? []) form.append(...entry)
  const made = new Response(entries === undefined ? blob : form)
  made.arrayBuffer().then((bytes) => {
    port.postMessage({ bytes: new Uint8Array(bytes), type: made.headers.get('content-type') })
    Atomics.store(done, 0, 1)
    Atomics.notify(done, 0)
  })
`

/** The body of an init; `undefined` for one that comes in pieces. */
function bodyOf(body: unknown): Body | undefined {
  if (body === undefined || body === null) return { bytes: new Uint8Array(0), type: null }
  if (body instanceof ReadableStream) return undefined
  if (body instanceof Blob || body instanceof FormData) return waited(body)
  if (body instanceof ArrayBuffer) return { bytes: new Uint8Array(body), type: null }
  if (ArrayBuffer.isView(body)) {
    const { buffer, byteOffset, byteLength } = body
    return { bytes: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength), type: null }
  }
  const isForm = body instanceof URLSearchParams
  const type = isForm ? 'application/x-www-form-urlencoded;charset=UTF-8' : null
  return { bytes: new TextEncoder().encode(String(body)), type }
}

/** The same request as a server gets it; `undefined` if it says what is not on the wire. */
function lazyOf(real: Request, init: Record<string, unknown> = {}): object | undefined {
  if (Object.keys(init).some((name) => !SENT.has(name))) return undefined
  const { protocol, username, hash, href } = new URL(real.url)
  if (!/^https?:$/.test(protocol) || username !== '' || hash !== '') return undefined
  const body = bodyOf(init['body'])
  if (body === undefined) return undefined
  const { bytes, type } = body
  const headers = new Headers(real.headers)
  const own = headers.get('content-type')
  if (own?.startsWith('multipart/') === true && type !== null) headers.set('content-type', type)
  const lines = [...headers].filter(([name]) => name !== 'host' && name !== 'content-length')
  if (init['body'] != null) lines.push(['content-length', String(bytes.length)])
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const { host } = new URL(href)
  const head = `${real.method} ${href} HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`
  try {
    const req = decodeRequest(Buffer.concat([Buffer.from(head, 'latin1'), bytes]))
    return req === null ? undefined : new LazyRequest(req)
  } catch {
    // What no client may send.
    return undefined
  }
}

let made = 0

const known = (input: unknown): unknown => (LazyRequest.isOne(input) ? input.native() : input)

const make = (target: typeof Request, [input, init, ...rest]: unknown[]): object => {
  const args = [known(input), ...(init === undefined ? [] : [init]), ...rest]
  // It says what is wrong.
  const real = Reflect.construct(target, args) as Request
  if (typeof input === 'object' && !(input instanceof URL)) return real
  const lazy = lazyOf(real, init as Record<string, unknown>)
  if (lazy !== undefined) made++
  return lazy ?? real
}

const log = process.env['FASTHTTP_REGISTER_LOG']
process.on('exit', () => {
  // Under the name that is free here: how many requests were lazy ones.
  const counted = { pid: process.pid, servers: made, requests: 0, fallbacks: 0 }
  if (log !== undefined) appendFileSync(log, `${JSON.stringify(counted)}\n`)
})

Object.assign(globalThis, { [Symbol.for('fasthttp.suites.wpt')]: make, Response: FastResponse })
