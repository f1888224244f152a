import test from 'ava'
import {
  bytes,
  type Handler,
  HttpError,
  type HttpRequest,
  type HttpResult,
} from '../../ts/index.ts'
import { get, post } from '../support/client.ts'
import { gate, within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

const boom = new Error('boom')

/** How a handler fails, and what the client and `onError` get. */
const FAILURES: [name: string, handler: Handler, status: number, body: string, heard: boolean][] = [
  [
    'throws',
    () => {
      throw boom
    },
    500,
    'Internal Server Error',
    true,
  ],
  ['rejects', () => Promise.reject(boom), 500, 'Internal Server Error', true],
  [
    'rejects later',
    () => new Promise((_, no) => setImmediate(no, boom)),
    500,
    'Internal Server Error',
    true,
  ],
  [
    'throws HttpError 404',
    () => {
      throw new HttpError(404, 'no ☃')
    },
    404,
    'no ☃',
    false,
  ],
  [
    'throws HttpError 499',
    () => {
      throw new HttpError(499)
    },
    499,
    '',
    false,
  ],
  [
    'rejects with HttpError 418',
    () => Promise.reject(new HttpError(418, 'tea')),
    418,
    'tea',
    false,
  ],
  [
    'throws HttpError 503',
    () => {
      throw new HttpError(503, 'later')
    },
    503,
    'Service Unavailable',
    true,
  ],
  [
    'asks for JSON that is none',
    (req) => req.json() as HttpResult,
    400,
    'The request body is not valid JSON',
    false,
  ],
  [
    'throws nothing',
    () => {
      throw undefined
    },
    500,
    'Internal Server Error',
    true,
  ],
  [
    'throws a null prototype',
    () => {
      throw Object.create(null)
    },
    500,
    'Internal Server Error',
    true,
  ],
]

/** Errors that fail once more when they are looked at. */
const HOSTILE: [name: string, make: () => unknown][] = [
  ['a proxy whose prototype throws', () => new Proxy({}, { getPrototypeOf: raise })],
  ['a proxy whose members throw', () => new Proxy(new HttpError(400), { get: raise })],
  ['an HttpError with a message of 7', () => Object.assign(new HttpError(400), { message: 7 })],
  ['an HttpError with a status of 7', () => Object.assign(new HttpError(400), { status: 7 })],
  [
    'an HttpError with a status of text',
    () => Object.assign(new HttpError(400), { status: '400' }),
  ],
  ['an imitation of HttpError', () => Object.create(HttpError.prototype)],
]

function raise(): never {
  throw boom
}

for (const how of ['throws', 'rejects with']) {
  test(`a handler that ${how} an error that fails itself: 500, the connection lives`, async (t) => {
    let error: unknown
    const { connect } = await serve(t, (req) => {
      if (req.path === '/fine') return 'fine'
      if (how === 'throws') throw error
      return new Promise((_, no) => setImmediate(() => no(error)))
    })
    const client = await connect()
    for (const [name, make] of HOSTILE) {
      error = make()
      client.send(get('/fails') + get('/fine'))
      t.is((await client.reply()).status, 500, name)
      t.is((await client.reply()).text, 'fine', name)
    }
  })
}

for (const [name, handler, status, body, heard] of FAILURES) {
  test(`a handler that ${name}: the client gets ${status}, the connection lives`, async (t) => {
    const { connect, errors } = await serve(t, (req) =>
      req.path === '/fine' ? 'fine' : handler(req),
    )
    const client = await connect()
    client.send(get('/fine') + get('/fails') + get('/fine'))
    t.is((await client.reply()).text, 'fine')
    const reply = await client.reply()
    t.is(reply.status, status)
    t.is(reply.text, body)
    t.is(reply.header('connection'), undefined)
    t.is((await client.reply()).text, 'fine')
    t.is(errors.length, heard ? 1 : 0)
    if (heard) t.is(errors[0]?.req?.path, '/fails')
  })
}

test('an HttpError whose fields cannot be sent: 500, and both errors are told', async (t) => {
  const { connect, errors } = await serve(t, () => {
    throw new HttpError(401, 'who?', { headers: { 'WWW-Authenticate': 'Basic realm="€"' } })
  })
  t.is((await (await connect()).get('/')).status, 500)
  const told = errors.map(({ error }) => (error as AggregateError).errors.map(String))
  t.is(told.length, 1)
  t.regex(told.join(), /HttpError: who\?,TypeError: value of header "WWW-Authenticate" must be/)
})

test('a wrong init of an HttpError is refused where it is made', (t) => {
  const wrong: [init: object, said: RegExp][] = [
    [{ headers: 5 }, /^headers must be an object or pairs, got 5$/],
    [{ headers: null }, /^headers must be an object or pairs, got null$/],
    [{ expose: 'yes' }, /^expose must be a boolean, got "yes"$/],
  ]
  for (const [init, message] of wrong)
    t.throws(() => new HttpError(401, '', init), { instanceOf: TypeError, message })
})

test('a response made with transfer that is sent twice: 500 the second time', async (t) => {
  const once = bytes(new Uint8Array(100).fill(0x61), { transfer: true })
  const { connect, errors } = await serve(t, () => once)
  const client = await connect()
  t.is((await client.get('/')).text, 'a'.repeat(100))
  t.is((await client.get('/')).status, 500)
  t.is((errors[0]?.error as { code?: string } | undefined)?.code, 'ERR_INVALID_STATE')
})

test('a handler that never answers holds its connection and no other', async (t) => {
  const { connect } = await serve(t, (req) =>
    req.path === '/never' ? new Promise<string>(() => undefined) : 'ok',
  )
  const [stuck, other] = [await connect(), await connect()]
  stuck.send(get('/never') + get('/behind'))
  for (let i = 0; i < 100; i++) t.is((await other.get('/')).text, 'ok')
  t.true(stuck.isQuiet)
})

test('a handler that answers twice: the first answer counts, onError hears of the second', async (t) => {
  const { connect, errors } = await serve(t, (req) =>
    req.path === '/fine'
      ? 'fine'
      : ({
          // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
          then(yes: (value: string) => void, no: (error: Error) => void) {
            yes('first')
            yes('second')
            no(boom)
          },
        } as Promise<string>),
  )
  const client = await connect()
  client.send(get('/twice') + get('/fine'))
  t.is((await client.reply()).text, 'first')
  t.is((await client.reply()).text, 'fine')
  t.deepEqual(
    errors.map(({ error, req }) => [
      (error as Error).message.includes('answered twice'),
      req?.path,
    ]),
    [
      [true, '/twice'],
      [true, '/twice'],
    ],
  )
})

for (const end of ['RST', 'FIN'] as const) {
  test(`an answer after the client left with ${end} harms nobody`, async (t) => {
    const [arrived, left, settled] = [gate(), gate(), gate<HttpRequest>()]
    const { connect, errors } = await serve(t, async (req) => {
      if (req.path === '/') return 'ok'
      arrived.open()
      await left.promise
      setImmediate(() => settled.open(req))
      return 'x'.repeat(100_000)
    })
    const client = await connect()
    client.send(get('/gone'))
    await within('arrival', arrived.promise)
    if (end === 'RST') client.reset()
    else client.socket.destroy()
    const others = [await connect(), await connect()]
    for (const other of others) t.is((await other.get('/')).text, 'ok')
    left.open()
    t.is((await within('the answer', settled.promise)).path, '/gone')
    for (const other of others) t.is((await other.get('/')).text, 'ok')
    t.deepEqual(errors, [])
  })

  for (const touched of ['before', 'after']) {
    test(`a signal touched ${touched} a ${end} of the client is aborted by it`, async (t) => {
      const [arrived, aborted] = [gate<HttpRequest>(), gate()]
      const { connect } = await serve(t, async (req) => {
        if (req.path !== '/held') return 'ok'
        if (touched === 'before') req.signal.addEventListener('abort', () => aborted.open())
        arrived.open(req)
        await aborted.promise
        return 'buffered'
      })
      const [client, witness] = [await connect(), await connect()]
      client.send(post('/held', 'x'))
      const req = await within('arrival', arrived.promise)
      if (end === 'RST') client.reset()
      else client.finish()
      for (let i = 0; i < 3; i++) await witness.get('/')
      if (touched === 'before') await within('abort', aborted.promise)
      t.true(req.signal.aborted)
      aborted.open()
      // Go's rule: a client that has only stopped sending still gets its answer.
      if (end === 'FIN') {
        t.is((await client.reply()).text, 'buffered')
        await client.closed()
      }
    })
  }
}

test('the signal of an answered request does not abort when the client leaves', async (t) => {
  let kept: HttpRequest | undefined
  const { connect } = await serve(t, async (req) => {
    await Promise.resolve()
    if (req.path === '/kept') kept = req
    return 'ok'
  })
  const client = await connect()
  t.is((await client.get('/kept')).text, 'ok')
  const signal = (kept as HttpRequest).signal
  await client.finish().closed()
  t.is((await (await connect()).get('/')).text, 'ok')
  t.false(signal.aborted)
})

test('a failing onError does not harm the server', async (t) => {
  const print = console.error
  const printed: unknown[] = []
  console.error = (...args) => void printed.push(args)
  t.teardown(() => void (console.error = print))
  const { connect } = await serve(
    t,
    () => {
      throw boom
    },
    {
      onError: () => {
        throw new Error('onError itself')
      },
    },
  )
  const client = await connect()
  for (let i = 0; i < 3; i++) t.is((await client.get('/')).status, 500)
  t.is(printed.length, 3)
})
