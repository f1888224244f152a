import test from 'ava'
import { bytes, type HttpResult } from '../../ts/index.ts'
import { until } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

const boom = new Error('boom')
const hostile = {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
  get then(): never {
    throw boom
  },
}
const NONSENSE: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 7],
  ['a bigint', 7n],
  ['a boolean', true],
  ['a symbol', Symbol('s')],
  ['a function', () => 'x'],
  ['an empty object', {}],
  ['an array', []],
  ['a Date', new Date()],
  ['an ArrayBuffer', new ArrayBuffer(8)],
  ['a Uint16Array', new Uint16Array(8)],
  ['a DataView', new DataView(new ArrayBuffer(8))],
  ['a proxy', new Proxy({}, {})],
  ['a revoked proxy', revoked()],
  ['a String object', new String('x')],
  [
    'a thenable whose then throws',
    {
      // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
      then: () => {
        throw boom
      },
    },
  ],
  ['an object whose then getter throws', hostile],
  ['data with a status', { id: 7, status: 200 }],
  ['an error that is returned', Object.assign(new Error('gone'), { status: 404 })],
  ['a status without sense', { status: Number.NaN, headers: undefined, body: 'x' }],
  ['a status 103', { status: 103, headers: undefined, body: null }],
  ['a status 1000', { status: 1000, headers: undefined, body: null }],
  ['a body without sense', { status: 200, headers: undefined, body: 7 }],
  ['headers without sense', { status: 200, headers: 7, body: 'x' }],
  ['a header without sense', { status: 200, headers: { 'a b': 'c' }, body: 'x' }],
  ['a header that injects', { status: 200, headers: { a: 'c\r\nd: e' }, body: 'x' }],
  ['bytes that are no response', Buffer.from('hello')],
  ['no bytes', new Uint8Array(0)],
  ['a detached answer', detached()],
  ['a response whose bytes were detached since', detachedSince()],
  ['a status that throws', Object.defineProperty({}, 'status', { get: raise })],
  ['headers that throw', { status: 200, headers: new Proxy({}, { ownKeys: raise }), body: '' }],
]

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

function raise(): never {
  throw boom
}

function detachedSince(): unknown {
  const memory = new Uint8Array(8)
  const response = bytes(memory)
  structuredClone(memory.buffer, { transfer: [memory.buffer] })
  return response
}

function detached(): Uint8Array {
  const memory = new Uint8Array(8)
  structuredClone(memory.buffer, { transfer: [memory.buffer] })
  return memory
}

for (const how of ['returns', 'resolves with']) {
  test(`a handler that ${how} nonsense: 500, onError says why, the connection lives`, async (t) => {
    let result: unknown
    const { connect, errors } = await serve(t, (): HttpResult | Promise<HttpResult> =>
      how === 'returns'
        ? (result as HttpResult)
        : new Promise((yes) => setImmediate(() => yes(result as HttpResult))),
    )
    const client = await connect()
    for (const [name, value] of NONSENSE) {
      result = value
      errors.length = 0
      const reply = await client.get('/nonsense')
      t.is(reply.status, 500, name)
      t.is(reply.text, 'Internal Server Error', name)
      await until(`onError hears of ${name}`, () => errors.length > 0)
      t.is(errors.length, 1, name)
      result = 'fine'
      t.is((await client.get('/')).text, 'fine', name)
    }
  })
}
