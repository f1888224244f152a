import test from 'ava'
import { MessageChannel } from 'node:worker_threads'
import { bytes, type HttpRequest, type HttpResult } from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { gate } from '../support/deadline.ts'
import { flood } from '../support/flood.ts'
import { serve } from '../support/service.ts'

interface Kept {
  req: HttpRequest
  path: string
  tag: string
  body: string
}

function isIntact({ req, path, tag, body }: Kept): boolean {
  const { start, len } = req.slices.path
  return (
    req.path === path &&
    req.method === (body === '' ? 'GET' : 'POST') &&
    req.header('x-tag') === tag &&
    req.headers.getAll('X-Tag').join() === tag &&
    req.text() === body &&
    Buffer.from(req.body).toString() === body &&
    Buffer.from(req.buffer).toString('latin1', start, start + len) === path
  )
}

test('a view kept for a million further requests still reads right', async (t) => {
  const kept: Kept[] = []
  const unanswered = gate()
  const { port, connect } = await serve(t, (req) => {
    if (req.path === '/flood') return 'ok'
    const { path } = req
    const tag = `tag of ${path}`
    const size = Number(path.slice(path.lastIndexOf('/') + 1))
    kept.push({ req, path, tag, body: 'b'.repeat(size) })
    return path.startsWith('/late') ? unanswered.promise.then(() => 'late') : 'kept'
  })
  const late = await connect()
  for (let i = 0; i < 8; i++) late.send(get(`/late/${i}/0`, `X-Tag: tag of /late/${i}/0\r\n`))
  const client = await connect()
  for (const size of [0, 1, 100, 5000, 40_000, 300_000]) {
    const path = `/kept/${size}`
    const headers = `X-Tag: tag of ${path}\r\n`
    client.send(size === 0 ? get(path, headers) : post(path, 'b'.repeat(size), headers))
    t.is((await client.reply()).text, 'kept')
  }
  const request = get('/flood', 'X-Tag: another\r\n')
  const load = { port, connections: 4, pipelined: 64, request }
  t.is(await flood(t, { ...load, requests: 1_000_000 }), 1_000_000)
  t.is(kept.length, 14)
  for (const one of kept) t.true(isIntact(one), one.path)
  unanswered.open()
  for (let i = 0; i < 8; i++) t.is((await late.reply()).text, 'late')
  for (const one of kept) t.true(isIntact(one), one.path)
})

/** All memory that leads out of `root` by properties and getters. */
function reachable(root: object): ArrayBufferLike[] {
  const [seen, found] = [new Set<object>([root]), new Set<ArrayBufferLike>()]
  const builtIn = new Set<object>([Object.prototype, Function.prototype, globalThis])
  for (const value of seen) {
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) found.add(value)
    if (builtIn.has(value) || ArrayBuffer.isView(value)) {
      if (ArrayBuffer.isView(value)) seen.add(value.buffer)
      continue
    }
    for (const key of Reflect.ownKeys(value)) seen.add(propertyOf(root, value, key))
    seen.add(Object.getPrototypeOf(value) ?? root)
  }
  return [...found]
}

function propertyOf(root: object, owner: object, key: PropertyKey): object {
  const read = (from: object): unknown => {
    try {
      return Reflect.get(owner, key, from)
    } catch {
      return undefined
    }
  }
  // A getter of a prototype is asked for the request itself.
  const value = read(root) ?? read(owner)
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? value : root
}

test('whatever leads out of a request holds the bytes of that request alone', async (t) => {
  const found: { size: number; memory: string[] }[] = []
  const { connect } = await serve(t, (req) => {
    if (req.path !== '/mine') return 'ok'
    void [req.headers, req.body, req.buffer, req.slices, req.searchParams, req.signal]
    const memory = reachable(req).map((buffer) => Buffer.from(buffer).toString('latin1'))
    found.push({ size: req.buffer.length, memory })
    return 'ok'
  })
  const [mine, other] = [await connect(), await connect()]
  await other.send(post('/other', 'secret', 'Cookie: secret\r\n')).reply()
  await mine.send(post('/mine?a=b', 'my own body')).reply()
  await mine.send(post('/mine?a=b', 'my own body'.repeat(9000))).reply()
  t.is(found.length, 2)
  for (const { size, memory } of found) {
    t.true(memory.length >= 2)
    for (const text of memory) {
      t.true(text.length <= size)
      t.false(text.includes('secret'))
    }
  }
})

test('no static member of the request class leads to memory of the server', async (t) => {
  const members: string[] = []
  const { connect } = await serve(t, (req) => {
    members.push(...Object.getOwnPropertyNames(req.constructor))
    return 'ok'
  })
  await (await connect()).get('/')
  t.deepEqual(members.toSorted(), ['length', 'name', 'prototype'])
})

test('transferring and cloning what a request gives out harms nobody', async (t) => {
  const { connect, errors } = await serve(t, (req) => {
    const before = [req.method, req.path, req.text(), req.header('x-tag')].join()
    const { port1, port2 } = new MessageChannel()
    const clone = structuredClone(req.buffer.buffer)
    port1.postMessage(req.buffer.buffer, [req.buffer.buffer as ArrayBuffer])
    structuredClone(req.body.buffer, { transfer: [req.body.buffer as ArrayBuffer] })
    port1.close()
    port2.close()
    const after = [req.method, req.path, req.text(), req.header('x-tag')].join()
    return before === after ? Buffer.from(clone).toString('latin1') : `${before} became ${after}`
  })
  const clients = [await connect(), await connect()]
  for (let i = 0; i < 500; i++) {
    for (const [who, client] of clients.entries()) {
      const sent = post('/x', `body ${i} of ${who}`, `X-Tag: ${who}\r\n`)
      t.is((await client.send(sent).reply()).text, sent.toString())
    }
  }
  t.deepEqual(errors, [])
})

const SIZES = [0, 1, 100, 16_000, 17_000, 70_000, 1 << 20]

/** The answer of `size` bytes in a form, and what it lies in. */
function answerOf(form: string, size: number): [HttpResult, Uint8Array] {
  const memory = new Uint8Array(size).fill(0x61)
  if (form === 'bytes') return [bytes(memory), memory]
  const raw = new Uint8Array(
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'a'.repeat(size)}`),
  )
  return [raw, raw]
}

for (const form of ['bytes', 'raw']) {
  for (const fate of ['overwritten', 'transferred']) {
    test(`an answer (${form}) ${fate} after it was handed over arrives as it was`, async (t) => {
      const { connect, errors } = await serve(t, (req) => {
        const [answer, memory] = answerOf(form, Number(req.path.slice(1)))
        queueMicrotask(() => {
          if (fate === 'overwritten') memory.fill(0x62)
          else structuredClone(memory.buffer, { transfer: [memory.buffer as ArrayBuffer] })
        })
        return answer
      })
      const client = await connect()
      for (const size of SIZES) client.send(get(`/${size}`))
      for (const size of SIZES) {
        const { body } = await client.reply()
        t.is(body.length, size)
        t.is(
          body.findIndex((byte) => byte !== 0x61),
          -1,
        )
      }
      t.deepEqual(errors, [])
    })
  }
}

test('a body given up by transfer is detached, and arrives whole', async (t) => {
  const given: Uint8Array[] = []
  const { connect } = await serve(t, (req) => {
    const memory = new Uint8Array(Number(req.path.slice(1))).fill(0x61)
    given.push(memory)
    return bytes(memory, { transfer: true })
  })
  const client = await connect()
  for (const size of SIZES) {
    const { body } = await client.get(`/${size}`)
    t.is(body.length, size)
    t.is(
      body.findIndex((byte) => byte !== 0x61),
      -1,
    )
  }
  for (const memory of given) t.is(memory.length, 0)
})
