import test from 'ava'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Socket } from 'node:net'
import {
  createServer,
  type FetchContext,
  serve,
  type ServeOptions,
  toHandler,
} from '../../ts/fetch/index.ts'
import { createServer as createPlainServer, HttpError, Router } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { gate, until, within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { serve as servePlain } from '../support/service.ts'
import { serve as serveHere } from './served.ts'

test('serve listens, and resolves to a server', async (t) => {
  const server = await within(
    'serve',
    serve({ fetch: (req) => new Response(req.url), port: 0, hostname: '127.0.0.1', userData: 7 }),
  )
  t.teardown(() => server.close())
  const address = server.address() as { port: number; address: string }
  t.is(address.address, '127.0.0.1')
  t.is(server.userData, 7)
  const url = `http://127.0.0.1:${address.port}/a`
  t.is(await (await fetch(url)).text(), url)
  const error = await t.throwsAsync(
    serve({ fetch: () => new Response(), port: address.port, hostname: '127.0.0.1' }),
  )
  t.is((error as NodeJS.ErrnoException).code, 'EADDRINUSE')
})

test('serve listens at the path of a Unix socket, without a host to be had', async (t) => {
  const path = join(folder(t), 'fetch.sock')
  t.teardown(() => rmSync(path, { force: true }))
  const { connect } = await serveHere(
    t,
    (req, { remoteAddress, remotePort }) => Response.json([req.url, remoteAddress, remotePort]),
    {},
    { path },
  )
  const client = await connect(path)
  const reply = await client.send('GET /a HTTP/1.0\r\n\r\n').reply()
  t.deepEqual(JSON.parse(reply.text), ['http://localhost/a', '', 0])
})

const ok = (): Response => new Response()

/** What is wrong, and what is said of it. */
const WRONG: [what: string, make: () => unknown, said: RegExp][] = [
  ['no handler', () => createServer(undefined as never), /fetch must be a function, got undefined/],
  [
    'an application',
    () => createServer({ fetch() {} } as never),
    /an object with fetch: give that/,
  ],
  [
    'options that are none',
    () => createServer(() => new Response(), null as never),
    /options must be an object/,
  ],
  [
    'an unknown option',
    () => createServer(() => new Response(), { ports: 1 } as never),
    /"ports" is no option/,
  ],
  [
    'an option that is almost one of its own',
    () => createServer(() => new Response(), { errors: 1 } as never),
    /"errors" is no option of createServer: did you mean error\?/,
  ],
  [
    'an error that is none',
    () => createServer(() => new Response(), { error: 1 as never }),
    /error must be a function/,
  ],
  ['the same of toHandler', () => toHandler(1 as never), /fetch must be a function, got 1/],
  ...(
    [
      [null, /options must be an object, got null/],
      [5, /options must be an object, got 5/],
      [[], /options must be an object, got an array/],
      [{ errors: ok }, /"errors" is no option of toHandler: did you mean error\?/],
      [{ date: true }, /"date" is no option of toHandler: there are error, onError/],
      [{ error: 1 }, /error must be a function, got 1/],
      [{ onError: 'log' }, /onError must be a function, got "log"/],
    ] as const
  ).map(([given, said]): (typeof WRONG)[number] => [
    `toHandler with ${JSON.stringify(given)}`,
    () => toHandler(ok, given as never),
    said,
  ]),
]

for (const [what, make, said] of WRONG) {
  test(`refused: ${what}`, (t) => {
    t.throws(make, { instanceOf: TypeError, message: said })
  })
}

/** Where to listen, and what is said of it. */
const PLACES: [options: Partial<ServeOptions>, said: RegExp][] = [
  [{ fd: 0x7ffffffe }, /EBADF/],
  [{ systemd: 'nobody' }, /systemd has passed no socket on/],
  [{ fd: 3, port: 1 }, /fd excludes port/],
  [{ systemd: true, fd: 3 }, /fd excludes systemd/],
  [{ path: '/x', port: 1 }, /path "\/x" excludes port and hostname/],
  [{ path: '/x', hostname: '::1' }, /path "\/x" excludes port and hostname/],
  [{ fd: 3, hostname: '::1' }, /fd excludes hostname/],
  [{ systemd: true, hostname: '::1' }, /systemd excludes hostname/],
  [{ hostname: 5 as never, port: 0 }, /^hostname must be a string, got 5/],
  [{ hostname: null as never, port: 0 }, /^hostname must be a string, got null/],
  [{ port: null as never }, /^port must be a number, got null/],
  [{ port: 0, notify: 1 as never }, /notify must be a boolean, got 1/],
]

for (const [options, message] of PLACES) {
  test(`serve refuses a place that is none: ${JSON.stringify(options)}`, async (t) => {
    await t.throwsAsync(serve({ fetch: () => new Response(), ...options }), { message })
  })
}

/** Wrong names of options, and what is said to be meant. */
const MISNAMED: [name: string, said: RegExp][] = [
  ['host', /"host" is no option of serve: did you mean hostname\?/],
  ['prt', /did you mean port\?/],
  ['reuseport', /did you mean reusePort\?/],
  ['errror', /did you mean error\?/],
  ['tls', /"tls" is no option of serve: there are fetch, hostname, port, /],
]

for (const [name, message] of MISNAMED) {
  test(`serve says what there is in the place of ${name}`, async (t) => {
    const options = { fetch: () => new Response(), port: 0, [name]: 1 }
    await t.throwsAsync(serve(options), { instanceOf: TypeError, message })
  })
}

test('serve rejects for what is wrong', async (t) => {
  await t.throwsAsync(serve({ fetch: 1 } as never), { message: /fetch must be a function/ })
  await t.throwsAsync(serve(undefined as never), { message: /options must be an object/ })
  await t.throwsAsync(serve({ fetch: () => new Response(), nope: 1 } as never), { message: /nope/ })
})

test('error answers for a handler that fails, and for nothing else', async (t) => {
  const failed = new Error('failed')
  const heard: unknown[] = []
  const { connect, errors } = await serveHere(
    t,
    (req) => {
      const { pathname } = new URL(req.url)
      if (pathname === '/response') throw new Response('thrown', { status: 418 })
      if (pathname === '/error') throw new HttpError(404, 'none')
      if (pathname === '/late') return Promise.reject(failed)
      if (pathname === '/twice') throw new Error('twice')
      throw failed
    },
    {
      error: async (error) => {
        heard.push(error)
        await turn()
        if (error !== failed) throw new Error('error failed')
        return new Response('sorry', { status: 503 })
      },
    },
  )
  const client = await connect()
  const answers: unknown[] = []
  for (const path of ['/', '/late', '/response', '/error', '/twice']) {
    const { status, text } = await client.get(path)
    answers.push([status, text])
  }
  t.deepEqual(answers, [
    [503, 'sorry'],
    [503, 'sorry'],
    [418, 'thrown'],
    [404, 'none'],
    [500, 'Internal Server Error'],
  ])
  t.deepEqual(heard.slice(0, 2), [failed, failed])
  t.is(heard.length, 3)
  t.deepEqual(errors.map(String), ['Error: error failed'])
})

/** What `error` may give that is no answer, and what is said of it. */
const NO_ANSWERS: [given: unknown, said: RegExp][] = [
  ['text', /^TypeError: error must return a Response, got "text"$/],
  [Buffer.from('HTTP/1.1 299 Raw\r\nContent-Length: 0\r\n\r\n'), /got an object$/],
  [undefined, /got undefined$/],
  [null, /got null$/],
  [7, /got 7$/],
]

for (const [given, said] of NO_ANSWERS) {
  for (const how of ['at once', 'later']) {
    test(`error has to give a Response: ${said} ${how}`, async (t) => {
      const failed = new Error('failed')
      let asked = 0
      const { connect, errors } = await serveHere(
        t,
        () => {
          throw failed
        },
        { error: () => (asked++, how === 'later' ? Promise.resolve(given) : given) as Response },
      )
      const { status, text } = await (await connect()).get('/')
      t.deepEqual([status, text, asked], [500, 'Internal Server Error', 1])
      const [error] = errors as [Error]
      t.is(errors.length, 1)
      t.regex(String(error), said)
      t.is(error.cause, failed)
    })
  }
}

test('upgrade throws as long as the body is not read to its end', async (t) => {
  const codes: unknown[] = []
  const { connect, errors } = await serveHere(t, async (req, { upgrade }) => {
    const error = t.throws(upgrade) as NodeJS.ErrnoException
    codes.push(error.code, error.message)
    const text = await req.text()
    upgrade().end(`had ${text}`)
    return new Response()
  })
  const client = await connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel')
  await until('thrown', () => codes.length > 0)
  t.is((await within('taken', client.send('lo').rest())).toString(), 'had hello')
  t.deepEqual(codes, ['ERR_INVALID_STATE', "takeover: the request's body is not read to its end"])
  t.deepEqual(errors, [])
})

test('who has taken the connection and fails need not be answered for', async (t) => {
  const heard: unknown[] = []
  const { connect, errors } = await serveHere(
    t,
    (_, { upgrade }) => {
      upgrade().end('mine')
      throw new Error('failed')
    },
    { error: (error) => void heard.push(String(error)) as never },
  )
  const client = await connect()
  t.is((await within('taken', client.send(get('/')).rest())).toString(), 'mine')
  await until('error', () => heard.length > 0)
  await turn()
  t.deepEqual(heard, ['Error: failed'])
  t.deepEqual(errors, [])
})

test('error is not asked about a client that has left', async (t) => {
  let asked = 0
  let isOver = false
  const { connect, errors } = await serveHere(
    t,
    async (req) => {
      try {
        return new Response(await req.text())
      } finally {
        isOver = true
      }
    },
    { error: () => (asked++, new Response()) },
  )
  const client = await connect()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx').finish()
  await client.gone()
  await until('end', () => isOver)
  await turn()
  t.is(asked, 0)
  t.deepEqual(errors, [])
})

test('an application is mounted below a path of a router', async (t) => {
  const router = new Router()
  router.get('/', () => 'plain')
  router.handle(
    'GET',
    '/app/*rest',
    toHandler((req, { request }) => Response.json([req.url, request.params['rest']])),
  )
  const { connect } = await servePlain(t, router)
  const client = await connect()
  t.is((await client.get('/')).text, 'plain')
  t.is((await client.get('/app/a/b?c')).text, '["http://a.test/app/a/b?c","/a/b"]')
  t.is((await client.get('/other')).status, 404)
})

test('the context says who asks, and its members can be taken off it', async (t) => {
  const { connect, port } = await serveHere(t, (_, context) => {
    const { remoteAddress, remotePort, request, upgrade, waitUntil } = context
    waitUntil(Promise.resolve())
    return Response.json([
      remoteAddress,
      remotePort,
      request.path,
      request.localPort,
      typeof upgrade,
    ])
  })
  const client = await connect()
  const { text } = await client.get('/a')
  t.deepEqual(JSON.parse(text), ['127.0.0.1', client.port, '/a', port, 'function'])
})

test('upgrade gives the connection, whatever is returned', async (t) => {
  let socket: Socket | undefined
  const { connect, errors } = await serveHere(t, (_, { upgrade }) => {
    socket = upgrade()
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n')
    socket.pipe(socket)
    return new Response(null)
  })
  const client = await connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  t.regex((await client.through('\r\n\r\n')).toString(), / 101 /)
  t.is((await client.send('echo').through('echo')).toString(), 'echo')
  client.finish()
  await client.closed()
  t.deepEqual(errors, [])
})

test('close waits for work that goes on behind answers, and onError hears of what fails', async (t) => {
  const work = gate()
  const done: string[] = []
  const errors: unknown[] = []
  const server = createServer(
    (_, { waitUntil }) => {
      waitUntil(Promise.reject(new Error('behind')))
      waitUntil(work.promise.then(() => void done.push('work')))
      return new Response('at once')
    },
    { onError: (error) => void errors.push(error) },
  )
  await server.listen(0, '127.0.0.1')
  const { port } = server.address() as { port: number }
  t.is(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'at once')
  const told = once(server, 'close')
  const closed = server.close().then(() => void done.push('closed'))
  await within('event', told)
  await turn()
  t.deepEqual(done, [])
  work.open()
  await within('close', closed)
  t.deepEqual(done, ['work', 'closed'])
  t.deepEqual(errors.map(String), ['Error: behind'])
})

test('close takes a callback, as that of any server', async (t) => {
  const server = createServer(() => new Response())
  await server.listen(0, '127.0.0.1')
  await within('callback', new Promise<void>((resolve) => void server.close(() => resolve())))
  t.is(server.address(), null)
})

test('work of a mounted application that fails is told to its onError', async (t) => {
  const errors: unknown[] = []
  const app = (_: Request, { waitUntil }: FetchContext): Response => {
    waitUntil(Promise.reject(new Error('behind')))
    return new Response()
  }
  const { connect } = await servePlain(
    t,
    toHandler(app, { onError: (error, req) => void errors.push(`${req?.path} ${error}`) }),
  )
  await (await connect()).get('/a')
  await until('error', () => errors.length > 0)
  t.deepEqual(errors, ['/a Error: behind'])
})

test('a burst of pipelined requests is answered in order, with and without bodies in memory', async (t) => {
  let slow = 0
  const { connect, errors } = await serveHere(t, async (req) => {
    const { pathname } = new URL(req.url)
    if (slow++ % 3 === 0) await turn()
    if (slow % 5 !== 0) return new Response(pathname)
    return new Response(new Blob([pathname]))
  })
  const client = await connect()
  for (let round = 0; round < 20; round++) {
    client.send(Array.from({ length: 16 }, (_, i) => get(`/${round}/${i}`)).join(''))
    for (let i = 0; i < 16; i++) t.is((await client.reply()).text, `/${round}/${i}`)
  }
  t.deepEqual(errors, [])
})

test('to know a Response plain servers need no fetch', async (t) => {
  const server = createPlainServer(
    () =>
      ({
        [Symbol.toStringTag]: 'Response',
        status: 204,
        statusText: '',
        headers: [],
        body: null,
        bodyUsed: false,
      }) as never,
  )
  await server.listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  t.is((await fetch(`http://127.0.0.1:${port}/`)).status, 204)
})
