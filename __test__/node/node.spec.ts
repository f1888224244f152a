import test from 'ava'
import { AsyncLocalStorage } from 'node:async_hooks'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Ring } from '../../ts/crossing/ring.ts'
import { createServer, type Server, Server as HttpServer } from '../../ts/node/index.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { start } from '../support/program.ts'
import type { Scope } from '../support/service.ts'

/** A server of this door on a port of its own, and a client of it. */
async function serve(t: Scope, made: Server): Promise<Client> {
  made.listen(0)
  t.teardown(async () => {
    made.closeAllConnections()
    await within('close', new Promise((resolve) => made.close(resolve)))
  })
  const client = await Client.connect((made.address() as AddressInfo).port)
  t.teardown(() => void client.socket.destroy())
  return client
}

test('it is a server of node, made with and without new, with its defaults', (t) => {
  for (const made of [createServer(), new HttpServer(), HttpServer()]) {
    t.true(made instanceof http.Server && made instanceof HttpServer)
    const stock = http.createServer() as unknown as Record<string, unknown>
    for (const [name, value] of Object.entries(stock)) {
      if (name.startsWith('_') || (typeof value === 'object' && value !== null)) continue
      if (typeof value === 'function') continue
      t.is((made as unknown as Record<string, unknown>)[name], value, name)
    }
  }
  t.throws(() => createServer({ keepAliveTimeout: -1 }), { code: 'ERR_OUT_OF_RANGE' })
  t.notThrows(() => createServer({ nobodyKnows: 1 } as object))
})

test('listen binds at once, tells later, and close says when all is over', async (t) => {
  const made = createServer((_, res) => res.end('ok'))
  let told = false
  made.listen(0, () => (told = true))
  t.true(made.listening)
  t.true((made.address() as AddressInfo).port > 0)
  t.false(told)
  await within('listening', new Promise((resolve) => made.once('listening', resolve)))
  t.true(told)
  t.throws(() => made.listen(0), { code: 'ERR_SERVER_ALREADY_LISTEN' })
  const second = createServer()
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => second.once('error', resolve))
  second.listen((made.address() as AddressInfo).port)
  t.like(await within('error', failed), { code: 'EADDRINUSE', syscall: 'listen' })
  await within('close', new Promise((resolve) => made.close(resolve)))
  t.is(made.address(), null)
})

test.serial(
  'an answer that is complete when end is called is one record of the ring',
  async (t) => {
    const made = createServer((req, res) => {
      res.setHeader('X-One', '1')
      if (req.url === '/later') setTimeout(() => res.end('later'))
      else res.end(req.url === '/bytes' ? Buffer.from('bytes') : 'text')
    })
    const client = await serve(t, made)
    const { gather, part } = Ring.prototype
    let [gathered, parts] = [0, 0]
    Ring.prototype.gather = function (...args) {
      gathered++
      return gather.apply(this, args)
    }
    Ring.prototype.part = function (...args) {
      parts++
      part.apply(this, args)
    }
    try {
      for (const path of ['/text', '/bytes', '/later'])
        t.is((await client.get(path)).text, path.slice(1))
    } finally {
      Object.assign(Ring.prototype, { gather, part })
    }
    t.deepEqual([gathered, parts], [3, 0])
  },
)

test('requests of an application that has prototypes of its own are born with them', async (t) => {
  const seen: boolean[] = []
  const app = Object.assign(
    (req: http.IncomingMessage, res: http.ServerResponse) => {
      seen.push(Object.getPrototypeOf(req) === app.request)
      seen.push(Object.getPrototypeOf(res) === app.response)
      seen.push(req instanceof http.IncomingMessage && res instanceof http.ServerResponse)
      app.request = Object.create(http.IncomingMessage.prototype) as http.IncomingMessage
      res.end('ok')
    },
    {
      handle: () => undefined,
      request: Object.create(http.IncomingMessage.prototype) as http.IncomingMessage,
      response: Object.create(http.ServerResponse.prototype) as http.ServerResponse,
    },
  )
  const made = createServer(app)
  const client = await serve(t, made)
  await client.get('/')
  await client.get('/')
  // Somebody else's listener gets node's own.
  made.removeAllListeners('request').on('request', (req, res) => {
    seen.push(Object.getPrototypeOf(req) === http.IncomingMessage.prototype)
    res.end('ok')
  })
  await client.get('/')
  t.deepEqual(seen, Array<boolean>(7).fill(true))
})

test('what a request enters is in its body, its answer and its end, and in no other request', async (t) => {
  const store = new AsyncLocalStorage<string>()
  const seen: string[] = []
  const made = createServer((req, res) => {
    store.enterWith(req.url ?? '')
    const note = (what: string) => (): void => void seen.push(`${what} ${store.getStore()}`)
    req.on('data', note('data')).on('end', () => {
      note('end')()
      res.end('ok')
    })
    res.on('finish', note('finish')).on('close', note('close'))
  })
  const client = await serve(t, made)
  for (const path of ['/1', '/2']) {
    client.socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n`)
    client.socket.write('x')
    await client.reply()
  }
  await within('close', new Promise((resolve) => setImmediate(resolve)))
  t.deepEqual(
    seen,
    ['/1', '/2'].flatMap((path) =>
      ['data', 'end', 'finish', 'close'].map((one) => `${one} ${path}`),
    ),
  )
})

test('close lets nobody in and goes on with who is there', async (t) => {
  const made = createServer((_, res) => res.end('ok'))
  const client = await serve(t, made)
  t.is((await client.get('/')).text, 'ok')
  const { port } = made.address() as AddressInfo
  const held: http.ServerResponse[] = []
  made.removeAllListeners('request').on('request', (_, res: http.ServerResponse) => {
    held.push(res)
    if (held.length === 1) made.emit('held')
    else res.end('later')
  })
  const isHeld = new Promise((resolve) => made.once('held', resolve))
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await within('request', isHeld)
  let isClosed = false
  const closed = new Promise<void>((resolve) => made.close(() => resolve())).then(
    () => (isClosed = true),
  )
  await t.throwsAsync(Client.connect(port), { code: 'ECONNREFUSED' })
  const next = createServer().listen(port)
  t.true(next.listening)
  await within('close', new Promise((resolve) => next.close(resolve)))
  held[0]?.end('held')
  t.is((await client.reply()).text, 'held')
  t.is((await client.get('/')).text, 'later')
  t.false(isClosed)
  made.closeIdleConnections()
  await within('close', closed)
})

test('who says nothing is timed as soon as there is a time-out, whoever listens', async (t) => {
  const made = createServer((_, res) => res.end('ok'))
  await serve(t, made)
  made.timeout = 50
  const silent = await Client.connect((made.address() as AddressInfo).port)
  t.teardown(() => void silent.socket.destroy())
  await silent.closed()
  t.pass()
})

test('limits are properties of the server, as they are set', (t) => {
  const made = createServer()
  const names = [
    'timeout',
    'keepAliveTimeout',
    'headersTimeout',
    'requestTimeout',
    'maxRequestsPerSocket',
  ] as const
  for (const name of names) {
    t.true(Object.keys(made).includes(name))
    made[name] = 7
    t.is(made[name], 7)
  }
})

test('a server that does not keep node alive says that it is closed all the same', async (t) => {
  const program = start(t, '__test__/node/unref')
  const { code, stdout, stderr } = await program.ended()
  t.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'closed\nclosed\n', stderr: '' })
})
