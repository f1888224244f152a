import test from 'ava'
import { Readable } from 'node:stream'
import { sse, stream, type StreamSource } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

// Sources of streams that misbehave: the process lives, the client sees the cut, the source is told
// once, and onError hears of it once.

const boom = new Error('boom')
const raise = (): never => {
  throw boom
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(8)
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

/** Bytes of a class that says something else of itself. */
class Liar extends Uint8Array {
  override get byteLength(): number {
    return 1 << 20
  }
  override get length(): number {
    return -1
  }
  override get buffer(): ArrayBuffer {
    return raise()
  }
}

const word = (text: string): Buffer => Buffer.from(text)
const shared = new Uint8Array(new SharedArrayBuffer(4))
shared.set(word('here'))
const liar = new Liar(4)
liar.set(word('here'))

/** What sources may give, and what the client gets of it. */
const CHUNKS: [name: string, chunk: unknown, got?: string][] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 42],
  ['a boolean', false],
  ['a bigint', 42n],
  ['a symbol', Symbol('s')],
  ['a function', () => 'here'],
  ['an object', {}],
  ['an array of bytes', [104, 101]],
  ['an object like bytes', { byteLength: 4, length: 4, 0: 104 }],
  ['an object whose getters throw', Object.defineProperty({}, 'byteLength', { get: raise })],
  ['an object whose toString throws', { toString: raise, [Symbol.toPrimitive]: raise }],
  ['a proxy of bytes', new Proxy(new Uint8Array(4), {})],
  ['a proxy whose every trap throws', new Proxy({}, { get: raise, getPrototypeOf: raise })],
  ['a String object', new String('here')],
  ['an ArrayBuffer', new ArrayBuffer(4)],
  ['a DataView', new DataView(new ArrayBuffer(4))],
  ['a Uint16Array', new Uint16Array(2)],
  ['an Int8Array', new Int8Array(4)],
  ['detached bytes', detached()],
  ['shared bytes', shared, 'here'],
  ['bytes that lie about themselves', liar, 'here'],
  ['a part of bytes', word('not here').subarray(4), 'here'],
  ['no bytes', new Uint8Array(0), ''],
  ['no text', '', ''],
  ['half a pair of surrogates', '\ud83d', '\ufffd'],
]

for (const [name, chunk, got] of CHUNKS) {
  test(`a stream whose source gives ${name}`, async (t) => {
    let returns = 0
    const source = {
      count: 0,
      [Symbol.asyncIterator]() {
        return this
      },
      async next() {
        const value = ['first', chunk, 'last'][this.count++]
        return { value, done: this.count === 4 }
      },
      async return() {
        returns++
        return { value: undefined, done: true }
      },
    }
    const { connect, errors, server } = await serve(t, (req) =>
      req.path === '/' ? stream(source as unknown as StreamSource) : 'ok',
    )
    const [client, witness] = [await connect(), await connect()]
    client.send(get('/'))
    await within('head', client.through('first\r\n'))
    if (got === undefined) {
      t.is((await within('cut', client.rest())).toString(), '')
      t.deepEqual([returns, errors.length], [1, 1])
      t.true(errors[0]?.error instanceof TypeError)
      t.is(errors[0]?.req?.path, '/')
      client.socket.destroy()
      await until('one connection', () => server.stats().connections.open === 1)
    } else {
      const size = Buffer.byteLength(got)
      const middle = size > 0 ? `${size.toString(16)}\r\n${got}\r\n` : ''
      const rest = Buffer.from(`${middle}4\r\nlast\r\n0\r\n\r\n`)
      t.is((await within('rest', client.exactly(rest.length))).toString(), rest.toString())
      t.deepEqual([returns, errors.length], [0, 0])
      t.is((await client.get('/again')).text, 'ok')
    }
    t.is((await witness.get('/witness')).text, 'ok')
  })
}

type Iterator = { next: unknown; return?: unknown }
const of = (iterator: object): StreamSource =>
  ({ [Symbol.asyncIterator]: () => iterator }) as StreamSource
/** Iterators that are none, at their first step; `told` says how often `return` is called. */
const ITERATORS: [name: string, make: (told: () => void) => Iterator][] = [
  ['throws', (told) => ({ next: raise, return: told })],
  ['rejects', (told) => ({ next: () => Promise.reject(boom), return: told })],
  ['rejects with nothing', (told) => ({ next: () => Promise.reject(), return: told })],
  ['gives no object', (told) => ({ next: () => 7, return: told })],
  ['gives null', (told) => ({ next: () => null, return: told })],
  [
    'gives an object whose value throws',
    (told) => ({ next: () => Object.defineProperty({}, 'value', { get: raise }), return: told }),
  ],
  [
    'gives an object whose done throws',
    (told) => ({ next: () => Object.defineProperty({}, 'done', { get: raise }), return: told }),
  ],
  ['has no next', (told) => ({ next: undefined, return: told })],
  [
    'has a return that throws',
    (told) => ({
      next: () => ({ value: 7 }),
      return: () => {
        told()
        throw boom
      },
    }),
  ],
  [
    'has a return that rejects',
    (told) => ({
      next: () => ({ value: 7 }),
      return: () => {
        told()
        return Promise.reject(boom)
      },
    }),
  ],
  [
    'has a return that gives a thenable that rejects',
    (told) => ({
      next: () => ({ value: 7 }),
      return: () => {
        told()
        // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
        return { then: (_yes: unknown, no: (error: Error) => void) => no(boom) }
      },
    }),
  ],
  ['has a return that is none', (told) => (told(), { next: () => ({ value: 7 }), return: 7 })],
  ['has no return', (told) => (told(), { next: () => ({ value: 7 }) })],
]

for (const [name, make] of ITERATORS) {
  test(`a stream whose iterator ${name}`, async (t) => {
    let told = 0
    const { connect, errors, server } = await serve(t, (req) =>
      req.path === '/' ? stream(of(make(() => void told++))) : 'ok',
    )
    const [client, witness] = [await connect(), await connect()]
    client.send(get('/'))
    await within('head', client.through('\r\n\r\n'))
    t.is((await within('cut', client.rest())).toString(), '')
    t.is(errors.length, 1)
    // Whoever failed by itself needs not be told, and may be.
    if (name.startsWith('has a return')) t.is(told, 1)
    t.true(told <= 1)
    client.socket.destroy()
    t.is((await witness.get('/witness')).text, 'ok')
    await until('one connection', () => server.stats().connections.open === 1)
  })
}

/** Sources that fail before there is anything to pull. */
const UNOPENED: [name: string, source: object][] = [
  ['that throws when it is opened', { [Symbol.asyncIterator]: raise }],
  ['that gives no iterator', { [Symbol.asyncIterator]: () => undefined }],
  ['whose iterator is no function', { [Symbol.asyncIterator]: 7 }],
  [
    'whose iterator cannot be looked up',
    Object.defineProperty({}, Symbol.asyncIterator, { get: raise }),
  ],
]

for (const [name, source] of UNOPENED) {
  test(`a source ${name} is reported once, and nobody waits`, async (t) => {
    const { connect, errors } = await serve(t, (req) =>
      req.path === '/' ? stream(source as StreamSource) : 'ok',
    )
    const client = await connect()
    client.send(get('/', 'Connection: close\r\n'))
    await client.gone()
    t.is(errors.length, 1)
    t.is((await (await connect()).get('/next')).text, 'ok')
  })
}

/** Events whose properties fight back. */
const EVENTS: [name: string, event: unknown][] = [
  ['whose data throws', Object.defineProperty({}, 'data', { get: raise })],
  ['whose toJSON throws', { data: { toJSON: raise } }],
  ['that is its own data', ((self: { data?: unknown }) => (self.data = self))({})],
  ['whose data is a bigint', { data: 7n }],
  ['whose data is a symbol', { data: Symbol('s') }],
  ['that is a proxy whose every trap throws', new Proxy({}, { get: raise })],
  ['that is null', null],
]

for (const [name, event] of EVENTS) {
  test(`an event ${name} cuts the connection behind the events before it`, async (t) => {
    const { connect, errors } = await serve(t, () => sse(['good', event as string]))
    const client = await connect()
    client.send(get('/'))
    await within('head', client.through('\r\n\r\n'))
    t.is((await within('rest', client.rest())).toString(), 'c\r\ndata: good\n\n\r\n')
    t.is(errors.length, 1)
  })
}

test('a Readable that fails again after it was left has nobody to tell, and ends no process', async (t) => {
  const sources: Readable[] = []
  const make = (): Readable => {
    const source = new Readable({
      read() {
        this.push('x'.repeat(1000))
      },
      destroy: (_error, done) => void setImmediate(done, new Error('late')),
    })
    sources.push(source)
    return source
  }
  const { connect, errors, server } = await serve(t, () => stream(make()))
  const client = await connect()
  client.send(get('/'))
  await within('head', client.through('\r\n\r\n'))
  client.reset()
  await until('the end', () => sources[0]?.closed === true)
  await until('no connection', () => server.stats().connections.open === 0)
  t.is(sources[0]?.errored?.message, 'late')
  t.deepEqual(errors, [])
})
