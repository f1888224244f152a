import test from 'ava'
import type { Socket } from 'node:net'
import type { HttpRequest, Server, UpgradeRequest } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { serve } from '../support/service.ts'

const UPGRADE = 'Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n'
const PUT = `PUT / HTTP/1.1\r\nHost: a\r\n${UPGRADE}Content-Length: 4\r\n\r\n`

test('shouldUpgradeCallback says which requests become something else, as in node', async (t) => {
  const asked: string[] = []
  const { server, connect, errors } = await serve(t, (req) => `handler ${req.path}`, {
    shouldUpgradeCallback: (req) => {
      asked.push(`${req.path} ${req.header('upgrade')}`)
      if (req.path === '/fails') throw new Error('no')
      return req.path !== '/no'
    },
  })
  const client = await connect()
  // Nobody listens to the last one yet.
  for (const path of ['/no', '/fails', '/yes']) {
    t.is((await client.get(path, UPGRADE)).text, `handler ${path}`)
  }
  server.on('upgrade', (_req: UpgradeRequest, socket: Socket) => socket.end('taken'))
  const other = await connect()
  other.send(get('/yes', 'Connection: upgrade\r\nUpgrade: anything\r\n'))
  t.is((await within('taken', other.rest())).toString(), 'taken')
  t.deepEqual(asked, ['/no websocket', '/fails websocket', '/yes websocket', '/yes anything'])
  t.is(String(errors[0]?.error), 'Error: no')
})

/** What becomes of those who listen. */
const LISTENERS: [what: string, change: (server: Server, listener: () => void) => void][] = [
  ['nobody has ever listened', () => undefined],
  [
    'nobody listens any more',
    (server, listener) => server.on('upgrade', listener).off('upgrade', listener),
  ],
  ['one listened once', (server, listener) => server.once('upgrade', listener).emit('upgrade')],
]

for (const [what, change] of LISTENERS) {
  for (const ioThreads of [0, 1]) {
    test(`what should upgrade is an ordinary request when ${what}: ${ioThreads} threads`, async (t) => {
      const options = { ioThreads, shouldUpgradeCallback: () => true }
      const { server, connect, errors } = await serve(t, (req) => `ordinary ${req.text()}`, options)
      change(server, () => undefined)
      const client = await connect()
      t.is((await client.get('/', UPGRADE)).text, 'ordinary ')
      t.is((await client.send(`${PUT}body`).reply()).text, 'ordinary body')
      t.is((await client.get('/')).text, 'ordinary ')
      t.deepEqual(errors, [])
      t.is(server.stats().takeovers, 0)
    })
  }
}

test('the callback may be what listens first', async (t) => {
  const { server, connect } = await serve(t, () => 'ordinary', {
    shouldUpgradeCallback: () => {
      server.once('upgrade', (_req: UpgradeRequest, socket: Socket) => socket.end('taken'))
      return true
    },
  })
  const client = await connect()
  t.is((await within('taken', client.send(get('/', UPGRADE)).rest())).toString(), 'taken')
})

const OWN = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine'

/** How the callback answers itself, and what the client and `onError` then hear. */
const ANSWERED: [
  what: string,
  answer: (req: HttpRequest) => unknown,
  got: RegExp,
  told: string[],
][] = [
  ['takeover', (req) => void req.takeover().end('mine'), /^mine$/, []],
  ['raw', (req) => void req.raw().end(OWN), /mine$/, []],
  [
    'takeover, and throws',
    (req) => {
      req.takeover().end('mine')
      throw new Error('then')
    },
    /^mine$/,
    ['Error: then'],
  ],
  [
    'a part by raw, and throws',
    (req) => {
      req.raw().write(OWN.slice(0, -1))
      throw new Error('then')
    },
    /^(HTTP.* 200 [^]*min)?$/,
    ['Error: then'],
  ],
]

for (const [what, answer, got, told] of ANSWERED) {
  for (const says of [true, false]) {
    for (const ioThreads of [0, 1]) {
      test(`goes to nobody else what the callback has answered: ${what}, ${says}, ${ioThreads} threads`, async (t) => {
        const others: string[] = []
        const { server, connect, errors } = await serve(t, () => (others.push('handler'), ''), {
          ioThreads,
          shouldUpgradeCallback: (req) => (answer(req), says),
        })
        server.on('upgrade', (_req: UpgradeRequest, socket: Socket) => {
          others.push('upgrade')
          socket.destroy()
        })
        const client = await connect()
        const rest = client.send(get('/', UPGRADE)).finish().rest()
        t.regex((await within('answer', rest)).toString(), got)
        t.deepEqual(others, [])
        t.deepEqual(
          errors.map(({ error }) => String(error)),
          told,
        )
      })
    }
  }
}

test('whoever gets a request behind the callback gets the same one', async (t) => {
  const asked: HttpRequest[] = []
  const got: HttpRequest[] = []
  const { server, connect } = await serve(
    t,
    async (req) => {
      got.push(req)
      await new Promise((resolve) => setImmediate(resolve))
      return [...req.headers].join(' ') + req.headers.get('host')
    },
    { shouldUpgradeCallback: (req) => (asked.push(req), req.path === '/yes') },
  )
  server.on('upgrade', (req: UpgradeRequest, socket: Socket) => {
    got.push(req)
    socket.end('taken')
  })
  const client = await connect()
  t.regex((await client.get('/no', UPGRADE)).text, /^Host,a\.test .*a\.test$/)
  t.is((await within('taken', client.send(get('/yes', UPGRADE)).rest())).toString(), 'taken')
  t.is(asked.length, 2)
  t.true(asked.every((req, i) => req === got[i]))
})
