import test from 'ava'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { addHeaders } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { until } from '../support/deadline.ts'
import { atHand, light, OldStream, Page, type Prepared } from './light.ts'
import { serve } from './served.ts'

async function turns(count: number): Promise<void> {
  for (; count > 0; count--) await turn()
}

/** What is no answer: 500, and what is told. */
const WRONG: [what: string, made: () => Response, told: RegExp][] = [
  ['a status that is none', () => light({ status: 99 }), /status must be/],
  ['a wrong name', () => light({ headers: ['a b', 'c'] }), /token/],
  ['a wrong value', () => light({ headers: ['a', 'b\nc'] }), /value of header "?a/],
  ['a value beyond latin1', () => light({ headers: [['a', 'Ā']] }), /value of header "?a/],
  ['a symbol', () => light({ headers: ['a', Symbol('b')] }), /Symbol/],
  ['a name without value', () => light({ headers: ['a'] }), /no value/],
  ['a pair without value', () => light({ headers: [['a']] }), /must hold \[name, value\] pairs/],
  [
    'a pair of three',
    () => light({ headers: [['a', 'b', 'c']] }),
    /must hold \[name, value\] pairs/,
  ],
  [
    'pairs and names',
    () => light({ headers: [['a', 'b'], 'c', 'd'] }),
    /must hold \[name, value\] pairs/,
  ],
  ['another length', () => light({ headers: ['content-length', '3'], body: 'x' }), /is not the 1/],
  ['a number', () => light({ body: 7 }), /nothing that can be sent/],
  ['an object', () => light({ body: {} }), /nothing that can be sent/],
  [
    'a web stream that is locked',
    () => {
      const body = atHand('x')
      body.getReader()
      return light({ body })
    },
    /sent once only/,
  ],
  [
    'a web stream that was read',
    () => {
      const body = atHand('x')
      const reader = body.getReader()
      void reader.read()
      reader.releaseLock()
      return light({ body })
    },
    /sent once only/,
  ],
  [
    'a Readable that was read',
    () => {
      const body = new PassThrough().end('xyz')
      body.read(1)
      return light({ body })
    },
    /sent once only/,
  ],
  [
    'a Readable that was destroyed',
    () => light({ body: new PassThrough().destroy() }),
    /once only/,
  ],
  [
    'a Readable that has failed',
    () => {
      const body = new PassThrough().on('error', () => undefined)
      return light({ body: body.destroy(new Error('broken')) })
    },
    /broken/,
  ],
  [
    'a Readable that fails at once',
    () =>
      light({
        body: new Readable({
          read() {
            process.nextTick(() => this.destroy(new Error('broken')))
          },
        }),
      }),
    /broken/,
  ],
  [
    'a Readable that fails late',
    () => {
      const body = new Readable({ read() {} })
      void turns(9).then(() => body.destroy(new Error('broken')))
      return light({ body })
    },
    /broken/,
  ],
  [
    'a Readable that is destroyed before it has begun',
    () => {
      const body = new Readable({ read() {} })
      void turns(9).then(() => body.destroy())
      return light({ body })
    },
    /was destroyed/,
  ],
  [
    'what fails to write itself',
    () =>
      light({
        body: {
          pipe() {
            throw new Error('broken')
          },
        },
      }),
    /broken/,
  ],
  [
    'an old stream that fails',
    () => {
      const body = new OldStream()
      process.nextTick(() => body.emit('error', new Error('broken')))
      return light({ body })
    },
    /broken/,
  ],
]

for (const [what, made, told] of WRONG) {
  test(`no prepared answer: ${what}`, async (t) => {
    const { connect, errors } = await serve(t, made)
    const client = await connect()
    t.is((await client.get('/')).status, 500)
    t.is((await client.get('/')).status, 500)
    t.regex(String(errors[0]), told)
    t.is(errors.length, 2)
  })
}

class Impostor extends Response {
  readonly #gives: unknown

  constructor(gives: unknown) {
    super('usual', { status: 201 })
    this.#gives = gives
  }

  _toNodeResponse(): unknown {
    return this.#gives
  }
}

/** What has a method of that name, or cannot be marked, and is read as any other. */
const USUAL: [what: string, made: () => Response][] = [
  ['nothing', () => new Impostor(undefined)],
  ['a promise', () => new Impostor(Promise.resolve({ status: 200, headers: [] }))],
  ['no status', () => new Impostor({ headers: [] })],
  ['no fields', () => new Impostor({ status: 200, body: 'x' })],
  [
    'no function',
    () => Object.assign(new Response('usual', { status: 201 }), { _toNodeResponse: 1 }),
  ],
  ['a fixed object', () => Object.freeze(new Impostor({ status: 200, headers: [], body: 'x' }))],
]

for (const [what, made] of USUAL) {
  test(`read as any other Response: ${what}`, async (t) => {
    const { connect } = await serve(t, made)
    const reply = await (await connect()).get('/')
    t.is(`${reply.status} ${reply.text}`, '201 usual')
  })
}

test('a prepared answer is sent once, unless it has no body', async (t) => {
  const full = light({ body: 'x' })
  const empty = light({ status: 204, headers: ['a', 'b'] })
  const { connect, errors } = await serve(t, (req) => (req.url.endsWith('/full') ? full : empty))
  const client = await connect()
  for (const [path, status] of [
    ['/full', 200],
    ['/full', 500],
    ['/empty', 204],
    ['/empty', 204],
  ] as const) {
    const reply = await client.get(path)
    t.is(reply.status, status)
    t.is(reply.header('a'), status === 204 ? 'b' : undefined)
  }
  t.is(errors.length, 1)
  t.regex(String(errors[0]), /sent once only/)
})

test('what was changed in it beforehand is sent', async (t) => {
  class Changed extends Response {
    _toNodeResponse(): Prepared {
      return { status: 200, statusText: '', headers: [...this.headers].flat(), body: 'x' }
    }
  }
  const { connect } = await serve(
    t,
    () => addHeaders(new Changed(), { 'X-Added': 'yes' }) as Response,
  )
  t.is((await (await connect()).get('/')).header('x-added'), 'yes')
})

/** Bodies that never give a chunk, and whether they were ended and nobody waits for one any more. */
const ENDLESS: [what: string, made: () => [body: object, isEnded: () => boolean]][] = [
  [
    'a Readable',
    () => {
      const body = new Readable({ read() {} })
      return [body, () => body.destroyed && body.listenerCount('readable') === 0]
    },
  ],
  [
    'a Readable that fails when it is ended',
    () => {
      const body = new Readable({
        read() {},
        destroy: (_error, callback) => callback(new Error('ended')),
      })
      return [body, () => body.closed && body.listenerCount('readable') === 0]
    },
  ],
  [
    'what writes itself',
    () => {
      const body = new Page()
      return [body, () => body.isAborted]
    },
  ],
  [
    'an old stream',
    () => {
      const body = new OldStream()
      return [body, () => body.isDestroyed]
    },
  ],
  [
    'a web stream',
    () => {
      let isEnded = false
      const cancel = (): void => void (isEnded = true)
      return [new ReadableStream({ cancel }), () => isEnded]
    },
  ],
]

for (const [what, made] of ENDLESS) {
  test(`${what} that gives nothing is ended when the client leaves`, async (t) => {
    const [body, isEnded] = made()
    let isAsked = false
    const { connect, errors } = await serve(t, () => {
      isAsked = true
      return light({ body })
    })
    const client = await connect()
    client.send(get('/'))
    await until('its request', () => isAsked)
    t.false(isEnded())
    client.reset()
    await until('its end', isEnded)
    t.deepEqual(errors, [])
  })

  test(`${what} is ended if the client has left before`, async (t) => {
    const [body, isEnded] = made()
    const { connect, errors } = await serve(t, async (req) => {
      client.reset()
      await until('that it has left', () => req.signal.aborted)
      return light({ body })
    })
    const client = await connect()
    client.send(get('/'))
    await until('its end', isEnded)
    t.deepEqual(errors, [])
  })

  test(`${what} is ended for HEAD`, async (t) => {
    const [body, isEnded] = made()
    const { connect, errors } = await serve(t, () => light({ status: 203, body }))
    const client = await connect()
    const reply = await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
    t.is(reply.status, 203)
    t.is(reply.header('content-length'), undefined)
    await until('its end', isEnded)
    if (body instanceof Page) t.false(body.isPiped)
    t.deepEqual(errors, [])
  })
}

test('a Readable that fails behind its first chunk cuts the connection, and is heard of once', async (t) => {
  const body = new Readable({ read() {} })
  const { connect, errors } = await serve(t, () => light({ body }))
  const client = await connect()
  client.send(get('/'))
  body.push('a')
  await client.through('a\r\n')
  body.destroy(new Error('broken'))
  await client.gone()
  await until('error', () => errors.length > 0)
  t.is(errors.length, 1)
  t.regex(String(errors[0]), /broken/)
})
