import type { ServerResponse } from 'node:http'
import { get, post, type Scenario, type Stage } from '../scenario.ts'

type Answer = (res: ServerResponse, stage: Stage) => void

/** A GET whose answer ends and leaves the connection. */
function answered(name: string, answer: Answer, method = 'GET'): Scenario {
  return {
    name,
    handler: (_req, res, stage) => answer(res, stage),
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get('/', '', method))
      await seen('res 1 close')
      // What comes behind the answer would show here.
      peer.send(get('/last', 'Connection: close\r\n', 'HEAD'))
      await peer.ended()
    },
  }
}

/** A second request ends each of these scenarios, whatever the first was answered. */
function once(answer: Answer): Answer {
  return (res, stage) => (stage.held.all.length === 1 ? answer(res, stage) : void res.end())
}

const thrown = (stage: Stage, act: () => unknown): void => {
  try {
    stage.note(`gives ${String(act())}`)
  } catch (error) {
    stage.note(`throws [${(error as NodeJS.ErrnoException).code}]`)
  }
}

const CASES: [name: string, answer: Answer, method?: string][] = [
  [
    'end twice',
    (res, { note }) => {
      res.end('ok', () => note('first calls back'))
      res.end('more', (error?: NodeJS.ErrnoException) => note(`second [${error?.code}]`))
    },
  ],
  [
    'end twice, the second behind finish',
    (res, { note }) => {
      res.on('finish', () => {
        res.end((error?: NodeJS.ErrnoException) => note(`second [${error?.code}]`))
      })
      res.end('ok')
    },
  ],
  [
    'write behind end',
    (res, { note }) => {
      res.end('ok')
      note(
        `gives ${res.write('x', (error) => note(`write [${(error as NodeJS.ErrnoException)?.code}]`))}`,
      )
    },
  ],
  [
    'fields behind the head',
    (res, stage) => {
      res.write('x')
      thrown(stage, () => res.setHeader('a', 'b'))
      thrown(stage, () => res.writeHead(200))
      thrown(stage, () => res.removeHeader('a'))
      res.end()
    },
  ],
  ['204 with a body', (res) => void res.writeHead(204).end('body')],
  ['204 with a length', (res) => void res.writeHead(204, { 'Content-Length': 0 }).end()],
  ['304 with a body', (res) => void res.writeHead(304).end('body')],
  ['304 with a length', (res) => void res.writeHead(304, { 'Content-Length': 5 }).end()],
  ['205 with a body', (res) => void res.writeHead(205).end('body')],
  ['HEAD with a body', (res) => void res.end('body'), 'HEAD'],
  [
    'HEAD with a body in pieces',
    (res) => {
      res.write('a')
      res.end('b')
    },
    'HEAD',
  ],
  ['HEAD with a length', (res) => void res.setHeader('Content-Length', 9).end(), 'HEAD'],
  [
    'pieces',
    (res, { note }) => {
      res.write('a', () => note('a is written'))
      res.write('b', () => note('b is written'))
      res.end('c', () => note('end calls back'))
    },
  ],
  [
    'pieces in turns of their own',
    (res) => {
      res.write('a')
      setImmediate(() => {
        res.write('b')
        setImmediate(() => res.end())
      })
    },
  ],
  ['flushHeaders, then the body', (res) => (res.flushHeaders(), setImmediate(() => res.end('ok')))],
  [
    'writeHead, then the body later',
    (res) => (res.writeHead(201), setImmediate(() => res.end('ok'))),
  ],
  ['an empty answer', (res) => void res.end()],
  ['a Buffer', (res) => void res.end(Buffer.from('bytes'))],
  [
    'cork, pieces and uncork',
    (res) => {
      res.cork()
      res.write('a')
      res.write('b')
      res.uncork()
      res.end('c')
    },
  ],
  ['a reason of its own', (res) => void res.writeHead(299, 'So so').end()],
  ['a field of two lines', (res) => void res.setHeader('Set-Cookie', ['a=1', 'b=2']).end('ok')],
  ['a list of fields', (res) => void res.writeHead(200, ['A', '1', 'A', '2']).end('ok')],
  ['a status without a name', (res) => void res.writeHead(600).end('ok')],
  ['latin1 in a field', (res) => void res.setHeader('A', 'caf\u00e9').end('ok')],
  [
    'trailers',
    (res) => {
      res.writeHead(200, { Trailer: 'X-T' })
      res.write('x')
      res.addTrailers({ 'X-T': '1' })
      res.end()
    },
  ],
  [
    '103 before 200',
    (res, { note }) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => note('hints are written'))
      res.end('ok')
    },
  ],
  ['102 before 200', (res) => (res.writeProcessing(), void res.end('ok'))],
  ['no date', (res) => ((res.sendDate = false), void res.end('ok'))],
  [
    'a stream that is piped',
    (res) => void import('node:stream').then(({ Readable }) => Readable.from(['a', 'b']).pipe(res)),
  ],
]

/** Answers whose length is not the one they say: the connection cannot be used any more. */
const WRONG: readonly Scenario[] = [
  {
    name: 'a body that is shorter than it says',
    handler: (_req, res) => res.setHeader('Content-Length', 9).end('ok'),
    async client({ connect, seen }) {
      await (await connect()).send(get()).got('ok')
      await seen('res 1 close')
    },
  },
  {
    name: 'a length that is checked',
    handler(_req, res, stage) {
      res.strictContentLength = true
      res.setHeader('Content-Length', 9)
      thrown(stage, () => res.end('ok'))
      res.destroy()
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get())
      await seen('res 1 close')
    },
  },
]

/** How handlers answer. */
export const ANSWERS: readonly Scenario[] = [
  ...CASES.map(([name, answer, method]) => answered(name, once(answer), method)),
  ...WRONG,
  {
    name: 'a request with trailers',
    handler(req, res, { note }) {
      req.on('end', () => {
        note(`trailers ${JSON.stringify(req.trailers)} ${JSON.stringify(req.rawTrailers)}`)
        res.end('ok')
      })
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get('/', 'Transfer-Encoding: chunked\r\nTrailer: X-T\r\n', 'POST'))
      await peer.send('1\r\na\r\n0\r\nX-T: 1\r\nx-t: 2\r\n\r\n').got('ok')
      await seen('res 1 close')
    },
  },
  {
    name: 'fields of a request, by name and as they came',
    handler(req, res, { note }) {
      note(JSON.stringify([req.headers, req.rawHeaders, req.headersDistinct]))
      note([req.httpVersion, req.httpVersionMajor, req.httpVersionMinor, req.url].join(' '))
      res.end('ok')
    },
    async client({ connect, seen }) {
      const fields =
        'A: 1\r\na: 2\r\nCookie: x=1\r\ncookie: y=2\r\nSet-Cookie: q\r\nAge: 1\r\nage: 2\r\nEmpty:\r\n'
      const peer = await connect()
      await peer.send(get('/a?b=%20#c', fields)).got('ok')
      await seen('res 1 close')
    },
  },
  {
    name: 'a large answer waits for the client: drain',
    handler(_req, res, { note }) {
      const block = Buffer.alloc(1024 * 1024, 'x')
      res.setHeader('Content-Length', block.length * 16)
      let left = 16
      let hasWaited = false
      const write = (): void => {
        while (left > 0) {
          left -= 1
          if (!res.write(block)) {
            // How often depends on the buffers of the kernel.
            if (!hasWaited) note(`waits ${res.writableNeedDrain}`)
            hasWaited = true
            res.once('drain', write)
            return
          }
        }
        res.end()
      }
      write()
    },
    async client({ connect, seen }) {
      const peer = await connect()
      peer.send(get())
      await peer.gotBytes(16 * 1024 * 1024)
      await seen('res 1 close')
    },
  },
  {
    name: 'a large body is read only when it is asked for',
    watched: { reqData: false },
    handler(req, res, { note }) {
      req.once('readable', () => {
        let size = 0
        req.on('data', (chunk: Buffer) => (size += chunk.length))
        req.on('end', () => {
          note(`${size} bytes`)
          res.end('ok')
        })
      })
    },
    async client({ connect, seen }) {
      const peer = await connect()
      await peer.send(post(1_000_000, 'x'.repeat(1_000_000))).got('ok')
      await seen('res 1 close')
    },
  },
]
