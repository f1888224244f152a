import test from 'ava'
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { within } from '../support/deadline.ts'
import { DOORS } from '../support/doors.ts'

// What is written in one turn goes out together, however many pieces it is, of whatever size and encoding.

/** A piece as it is written. */
type Written = readonly [piece: string | Buffer, encoding?: BufferEncoding]

const LARGE = 9 << 10
const many = (count: number, make: (i: number) => Written): readonly Written[] =>
  Array.from({ length: count }, (_, i) => make(i))
const filler = (i: number, length: number): string => `${i}:`.padEnd(length, 'abcdefg€😀é')
const bytes = (i: number, length: number): Buffer => Buffer.alloc(length, `${i};`)

const CASES: Readonly<Record<string, readonly Written[]>> = {
  'one large piece': [[bytes(1, LARGE)]],
  'large ones': many(7, (i) => [bytes(i, LARGE * 4)]),
  'more large ones than a parcel has places': many(150, (i) => [bytes(i, LARGE)]),
  'small ones, more than are gathered': many(300, (i) => [filler(i, 700)]),
  'more small ones than a parcel has places': many(2000, (i) => [filler(i, 61)]),
  'small and large ones in turns': many(90, (i) => [i % 2 ? bytes(i, LARGE) : filler(i, 99)]),
  'just below large, more than there is room for': many(20, (i) => [bytes(i, (8 << 10) - 1)]),
  'a long text of wide characters': [['€'.repeat(30_000)], ['end']],
  'a text that may have no room, and is small': [['x'.repeat(7000)], ['y'.repeat(6000)], ['z']],
  'other encodings': many(8, (i) => [
    bytes(i, 12 << 10).toString(i % 2 ? 'hex' : 'base64'),
    i % 2 ? 'hex' : 'base64',
  ]),
  'more of other encodings': [
    ['ab'.repeat(9000), 'utf16le'],
    ['\u00e9\u20ac'.repeat(9000), 'latin1'],
    ['\u00e9'.repeat(9000), 'ascii'],
    ['dGV4dA', 'base64url'],
    ['abcd'.repeat(6000), 'utf8'],
    [filler(1, 5)],
  ],
  'a view of a part': [[bytes(1, LARGE * 3).subarray(11, LARGE * 2)], ['x']],
  'nothing between': [[bytes(1, LARGE)], [''], [Buffer.alloc(0)], [bytes(2, LARGE)]],
}

/** How it is written, apart from its pieces. */
const WAYS: Readonly<Record<string, (res: ServerResponse, written: readonly Written[]) => void>> = {
  'in one turn, chunked': (res, written) => {
    for (const [piece, encoding = 'utf8'] of written) res.write(piece, encoding)
    res.end()
  },
  'in one turn with its length, the last by end': (res, written) => {
    res.setHeader('Content-Length', whole(written).length)
    for (const [piece, encoding = 'utf8'] of written.slice(0, -1)) res.write(piece, encoding)
    const [last, encoding = 'utf8'] = written.at(-1)!
    res.end(last, encoding)
  },
  'in two turns': (res, written) => {
    const half = written.length >> 1
    for (const [piece, encoding = 'utf8'] of written.slice(0, half)) res.write(piece, encoding)
    setImmediate(() => {
      for (const [piece, encoding = 'utf8'] of written.slice(half)) res.write(piece, encoding)
      res.end()
    })
  },
}

function whole(written: readonly Written[]): Buffer {
  return Buffer.concat(
    written.map(([piece, encoding]) =>
      typeof piece === 'string' ? Buffer.from(piece, encoding) : piece,
    ),
  )
}

for (const { name, make } of DOORS)
  test(`${name}: pieces arrive whole and in their order`, async (t) => {
    const server = make((req, res) => {
      const [, way, one] = decodeURIComponent(req.url!).split('/')
      WAYS[way!]!(res, CASES[one!]!)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    for (const way of Object.keys(WAYS))
      for (const [one, written] of Object.entries(CASES)) {
        const path = `/${encodeURIComponent(way)}/${encodeURIComponent(one)}`
        const request = http.get({ port, host: '127.0.0.1', path, agent })
        const [response] = (await within(path, once(request, 'response'))) as [http.IncomingMessage]
        const body = await within(path, buffer(response))
        t.is(Buffer.compare(body, whole(written)), 0, `${way}: ${one}`)
      }
    agent.destroy()
    server.close()
    await within('close', once(server, 'close'))
  })

for (const { name, make } of DOORS)
  test(`${name}: whoever is told that there is no room hears of it when there is`, async (t) => {
    const [waiting, all] = [new Map<string, ServerResponse>(), 6 << 20]
    const server = make((req, res) => {
      if (req.url === '/uncork') {
        waiting.get('/corked')!.uncork()
        return void res.end()
      }
      waiting.set(req.url!, res)
      res.on('drain', () => res.end('!'))
      // Half as many bytes as units.
      if (req.url === '/hex') {
        if (res.write('ab'.repeat(60_000), 'hex')) res.end('!')
        return
      }
      t.false(res.write(Buffer.alloc(all)))
      setImmediate(() => {
        res.cork()
        res.write('x')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const at = (path: string): http.RequestOptions => ({ port, host: '127.0.0.1', path })
    const [hex] = (await within('hex', once(http.get(at('/hex')), 'response'))) as [
      http.IncomingMessage,
    ]
    t.is((await within('its end', buffer(hex))).length, 60_001)
    const [corked] = (await within('corked', once(http.get(at('/corked')), 'response'))) as [
      http.IncomingMessage,
    ]
    let came = 0
    corked.on('data', (piece: Buffer) => {
      came += piece.length
      if (came === all) http.get(at('/uncork'), (response) => response.resume())
    })
    await within('its end', once(corked, 'end'))
    t.is(came, all + 2)
    server.close()
    await within('close', once(server, 'close'))
  })

test('of memory that is transferred behind the write nothing is sent, but for a small piece', async (t) => {
  const bodies: string[][] = []
  for (const { make } of DOORS) {
    const server = make((req, res) => {
      const piece = Buffer.from(new ArrayBuffer(Number(req.url!.slice(1))))
      res.write('before')
      res.write(piece)
      structuredClone(piece.buffer, { transfer: [piece.buffer] })
      res.end('behind')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const received = [100, LARGE, 70_000].map(async (length) => {
      const client = net.connect(port, '127.0.0.1')
      client.write(`GET /${length} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
      const answer = await within(`${length}`, text(client))
      return answer.slice(answer.indexOf('\r\n\r\n'))
    })
    bodies.push(await Promise.all(received))
    server.close()
    await within('close', once(server, 'close'))
  }
  const [stock, ...ours] = bodies
  t.regex(stock![0]!, /before.*behind/s)
  const [, ...large] = stock!
  // A small one was copied when it was written; node breaks the framing of that as well.
  const small = `\r\n\r\n6\r\nbefore\r\n64\r\n${'\0'.repeat(100)}\r\n6\r\nbehind\r\n0\r\n\r\n`
  for (const [i, body] of ours.entries()) t.deepEqual(body, [small, ...large], DOORS[i + 1]!.name)
})
