import test from 'ava'
import { PassThrough, Readable } from 'node:stream'
import type { Reply } from '../support/reply.ts'
import { atHand, bytes, light, OldStream, Page, type Prepared, slowly } from './light.ts'
import { serve } from './served.ts'

interface Row extends Prepared {
  readonly what: string
  readonly status?: number
  readonly body: () => unknown
  readonly text?: string
  readonly fields?: Record<string, string | undefined>
  /** What the status line says. */
  readonly line?: string
  /** Framed by a length, in chunks, or by nothing. */
  readonly framed?: 'length' | 'chunked' | 'none'
}

const ROWS: Row[] = [
  { what: 'a text', body: () => 'grüße', headers: ['a', 'b'], text: 'grüße', fields: { a: 'b' } },
  { what: 'an empty text', body: () => '', headers: ['content-length', '0'], text: '' },
  {
    what: 'a text without type',
    body: () => 'x',
    text: 'x',
    fields: { 'content-type': undefined },
  },
  { what: 'a large text', body: () => 'ü'.repeat(99_999), text: 'ü'.repeat(99_999) },
  { what: 'bytes', body: () => Buffer.from('xy'), headers: ['content-length', '2'], text: 'xy' },
  { what: 'a part of memory', body: () => bytes('abc').subarray(1), text: 'bc' },
  { what: 'a DataView', body: () => new DataView(bytes('abc').buffer, 1, 1), text: 'b' },
  { what: 'nothing', body: () => undefined, text: '' },
  { what: 'null with 204', status: 204, body: () => null, text: '', framed: 'none' },
  { what: 'a text with 204', status: 204, body: () => 'x', text: '', framed: 'none' },
  { what: 'a text with 304', status: 304, body: () => 'x', text: '', framed: 'none' },
  { what: 'a web stream at hand', body: () => atHand('x'), text: 'x' },
  { what: 'a web stream', body: () => slowly('a', 'b'), text: 'ab', framed: 'chunked' },
  {
    what: 'a web stream with its length',
    headers: ['content-length', '2'],
    body: () => slowly('a', 'b'),
    text: 'ab',
  },
  { what: 'a Readable', body: () => Readable.from(['a', 'b']), text: 'ab', framed: 'chunked' },
  {
    what: 'a Readable of bytes',
    body: () => Readable.from([bytes('a'), bytes('b')], { objectMode: false }),
    text: 'ab',
    framed: 'chunked',
  },
  {
    what: 'a Readable that somebody listens to',
    body: () => Readable.from(['a', 'b']).on('data', () => undefined),
    text: 'ab',
    framed: 'chunked',
  },
  { what: 'a Duplex', body: () => new PassThrough().end('x'), text: 'x', framed: 'chunked' },
  { what: 'what writes itself', body: () => new Page('a', 'b'), text: 'ab', framed: 'chunked' },
  {
    what: 'an old stream',
    body: () => {
      const old = new OldStream()
      setImmediate(() => old.emit('data', 'a') && old.emit('end'))
      return old
    },
    text: 'a',
    framed: 'chunked',
  },
  {
    what: 'fields as pairs',
    headers: [
      ['A', 'b'],
      ['set-cookie', 'c=1'],
      ['set-cookie', 'd=2'],
    ],
    body: () => 'x',
    text: 'x',
    fields: { a: 'b', 'set-cookie': 'c=1,d=2' },
  },
  {
    what: 'fields as Headers',
    headers: new Headers({ A: 'b' }),
    body: () => 'x',
    fields: { a: 'b' },
  },
  { what: 'fields as a record', headers: { A: ['b'] }, body: () => 'x', fields: { a: 'b' } },
  {
    what: 'a number and white space',
    headers: ['a', 7, 'b', ' c\n'],
    body: () => 'x',
    fields: { a: '7', b: 'c' },
  },
  {
    what: "Transfer-Encoding, which is the server's",
    headers: ['Transfer-Encoding', 'chunked'],
    body: () => 'x',
    text: 'x',
  },
  {
    what: 'a phrase',
    status: 404,
    statusText: 'Gone away',
    body: () => 'x',
    line: '404 Gone away',
  },
  { what: 'no phrase', statusText: undefined, body: () => 'x', line: '200 OK' },
  {
    what: 'a phrase that would be a field',
    statusText: 'A\r\nX-Inj: pwned\u0100',
    body: () => 'x',
    text: 'x',
    line: '200 AX-Inj: pwned',
    fields: { 'x-inj': undefined },
  },
]

function checkFraming({ framed = 'length' }: Row, { header, body }: Reply): string | undefined {
  if (framed === 'chunked') return header('transfer-encoding')
  const length = framed === 'none' ? undefined : String(body.length)
  return header('content-length') === length ? framed : `length ${header('content-length')}`
}

function valuesOf({ headers }: Reply, name: string): string | undefined {
  const values = headers.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value)
  return values.length > 0 ? values.join() : undefined
}

for (const row of ROWS) {
  const { what, status = 200, text, fields = {}, line, framed = 'length' } = row
  test(`a prepared answer: ${what}`, async (t) => {
    const { connect, errors } = await serve(t, () => light({ ...row, body: row.body() }))
    const client = await connect()
    // Two on one connection: whatever lies behind the first would spoil the second.
    for (let count = 0; count < 2; count++) {
      const reply = await client.get('/')
      t.is(reply.status, status)
      if (line !== undefined) t.is(`${reply.status} ${reply.reason}`, line)
      if (text !== undefined) t.is(reply.text, text)
      for (const [name, value] of Object.entries(fields)) t.is(valuesOf(reply, name), value, name)
      t.is(checkFraming(row, reply), framed)
    }
    const head = await client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
    t.is(head.status, status)
    t.is((await client.get('/')).status, status)
    t.deepEqual(errors, [])
  })
}
