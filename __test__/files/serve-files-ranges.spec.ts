import test from 'ava'
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { sparse } from '../support/folder.ts'
import type { Reply } from '../support/reply.ts'
import { serveFrom, site } from '../support/site.ts'

/** Sun, 06 Nov 1994 08:49:37 GMT. */
const MODIFIED = 784_111_777
const SAME = 'Sun, 06 Nov 1994 08:49:37 GMT'
const BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT'
const AFTER = 'Sun, 06 Nov 1994 08:49:38 GMT'
const TEXT = Buffer.from(Uint8Array.from({ length: 1000 }, (_, i) => 97 + (i % 26)))

/** The parts of a multipart body: what each says of itself, and its bytes. */
function partsOf(answer: Reply): [type: string, range: string, body: string][] {
  const kind = /^multipart\/byteranges; boundary=(\w+)$/.exec(answer.header('content-type') ?? '')
  const parts = `\r\n${answer.body.toString('latin1')}`.split(`\r\n--${kind?.[1]}`)
  if (parts.shift() !== '' || parts.pop() !== '--\r\n') throw new Error('not multipart')
  return parts.map((part) => {
    const found = /^\r\nContent-Type: (.*)\r\nContent-Range: (.*)\r\n\r\n([^]*)$/.exec(part)
    if (found === null) throw new Error(`no part: ${part}`)
    return [found[1] as string, found[2] as string, found[3] as string]
  })
}

test('ranges: one, several, none of them there, malformed, too many', async (t) => {
  const root = site(t, { 'f.txt': TEXT, empty: '' })
  const client = await (await serveFrom(t, root)).connect()
  const size = TEXT.length
  const whole: string[] = [
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=x-y',
    'bytes=5-4',
    'bytes=0-0,5-4',
    'bytes=1',
    'bytes=+1-2',
    'bytes=1 - 2',
    'bytes=0x0-0x1',
    'lines=0-0',
    'bytes:0-0',
    `bytes=${Array.from({ length: 17 }, (_, i) => `${i}-${i}`).join(',')}`,
    `bytes=${'0-,'.repeat(1000)}0-0`,
    'bytes=0-,0-',
    'bytes=0-599,400-',
  ]
  const single: [range: string, start: number, end: number][] = [
    ['bytes=0-0', 0, 0],
    ['bytes=0-999', 0, 999],
    ['bytes=0-', 0, 999],
    ['bytes=10-19', 10, 19],
    ['bytes=999-', 999, 999],
    ['bytes=990-5000', 990, 999],
    ['bytes=-1', 999, 999],
    ['bytes=-1000', 0, 999],
    ['bytes=-5000', 0, 999],
    ['Bytes=5-6', 5, 6],
    ['bytes= \t5-6\t', 5, 6],
    ['bytes=,,5-6,', 5, 6],
    ['bytes=5-6,1000-', 5, 6],
    ['bytes=1000-2000,-0,5-6', 5, 6],
    ['bytes=0-99999999999999999999999', 0, 999],
    ['bytes=-99999999999999999999999', 0, 999],
    ['bytes=00000000000000000000000005-6', 5, 6],
  ]
  const nothing = [
    'bytes=1000-',
    'bytes=1000-1000',
    'bytes=-0',
    'bytes=1000-,-0,2000-3000',
    'bytes=18446744073709551615-',
    'bytes=18446744073709551616-18446744073709551617',
    'bytes=99999999999999999999999-',
  ]
  const several: [range: string, parts: [start: number, end: number][]][] = [
    ['bytes=0-0,-1', [[0, 0], [999, 999]]],
    ['bytes=500-599 ,\t0-9', [[500, 599], [0, 9]]],
    ['bytes=0-9,5-14', [[0, 9], [5, 14]]],
    ['bytes=0-499,500-', [[0, 499], [500, 999]]],
    ['bytes=7-7,2000-,7-7', [[7, 7], [7, 7]]],
    [
      `bytes=${Array.from({ length: 16 }, (_, i) => `${i}-${i}`).join(',')}`,
      Array.from({ length: 16 }, (_, i) => [i, i]),
    ],
  ] // prettier-ignore
  for (const range of whole) {
    const got = await client.get('/static/f.txt', `Range: ${range}\r\n`)
    t.deepEqual([got.status, got.header('content-range')], [200, undefined], range.slice(0, 60))
    t.true(got.body.equals(TEXT))
  }
  for (const [range, start, end] of single) {
    const got = await client.get('/static/f.txt', `Range: ${range}\r\n`)
    t.deepEqual([got.status, got.header('content-range')], [206, `bytes ${start}-${end}/${size}`])
    t.is(got.header('content-type'), 'text/plain; charset=utf-8')
    t.true(got.body.equals(TEXT.subarray(start, end + 1)), range)
  }
  for (const range of nothing) {
    const got = await client.get('/static/f.txt', `Range: ${range}\r\n`)
    t.deepEqual([got.status, got.header('content-range')], [416, `bytes */${size}`], range)
  }
  for (const [range, parts] of several) {
    const got = await client.get('/static/f.txt', `Range: ${range}\r\n`)
    t.deepEqual([got.status, got.header('content-range')], [206, undefined], range)
    t.not(got.header('etag'), undefined)
    t.deepEqual(
      partsOf(got),
      parts.map(([start, end]) => [
        'text/plain; charset=utf-8',
        `bytes ${start}-${end}/${size}`,
        TEXT.subarray(start, end + 1).toString(),
      ]),
      range,
    )
  }
  const of = async (range: string): Promise<number> =>
    (await client.get('/static/empty', `Range: ${range}\r\n`)).status
  t.deepEqual([await of('bytes=0-'), await of('bytes=-5'), await of('bytes=-0')], [416, 200, 416])
  for (const range of ['bytes=0-0', 'bytes=5000-', 'bytes=0-0,-1']) {
    const head = `HEAD /static/f.txt HTTP/1.1\r\nHost: a\r\nRange: ${range}\r\n\r\n`
    const got = await client.send(head).reply('HEAD')
    t.deepEqual([got.status, got.header('content-length')], [200, String(size)], range)
  }
})

test('parts keep their place among pipelined answers, and go to HTTP/1.0 as well', async (t) => {
  const big = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 251))
  const root = site(t, { big, small: 'small' })
  const { connect } = await serveFrom(t, root)
  const client = await connect()
  const asked = 'Host: a\r\nRange: bytes=2000000-,0-999999\r\n'
  for (let i = 0; i < 3; i++) {
    client.send(
      `GET /static/big HTTP/1.1\r\n${asked}\r\nGET /static/small HTTP/1.1\r\nHost: a\r\n\r\n`,
    )
  }
  for (let i = 0; i < 3; i++) {
    const bodies = partsOf(await client.reply()).map(([, , body]) => Buffer.from(body, 'latin1'))
    t.true(bodies[0]?.equals(big.subarray(2_000_000)))
    t.true(bodies[1]?.equals(big.subarray(0, 1_000_000)))
    t.is((await client.reply()).text, 'small')
  }
  const old = await connect()
  const got = await old.send(`GET /static/big HTTP/1.0\r\n${asked}\r\n`).reply()
  t.is(partsOf(got).length, 2)
  await old.closed()
})

test('If-Range: a part of the very same state, or all of the new one', async (t) => {
  const root = site(t, { f: TEXT })
  utimesSync(join(root, 'f'), MODIFIED, MODIFIED)
  const client = await (await serveFrom(t, root)).connect()
  const etag = (await client.get('/static/f')).header('etag') ?? ''
  const rows: [validator: string, status: number][] = [
    [etag, 206],
    [`W/${etag}`, 200],
    ['"x"', 200],
    [`"x", ${etag}`, 200],
    ['*', 200],
    [etag.slice(1, -1), 200],
    [SAME, 206],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 206],
    [BEFORE, 200],
    [AFTER, 200],
    ['yesterday', 200],
  ]
  for (const [validator, status] of rows) {
    for (const range of ['bytes=0-9', 'bytes=0-0,-1']) {
      const fields = `Range: ${range}\r\nIf-Range: ${validator}\r\n`
      t.is((await client.get('/static/f', fields)).status, status, fields)
    }
    t.is((await client.get('/static/f', `If-Range: ${validator}\r\n`)).status, 200)
  }
  const gone = await client.get('/static/f', `Range: bytes=5000-\r\nIf-Range: ${etag}\r\n`)
  t.is(gone.status, 416)
  const late = await client.get('/static/f', 'Range: bytes=5000-\r\nIf-Range: "x"\r\n')
  t.is(late.status, 200)
})

test('ranges far into a file of more than 4 GiB', async (t) => {
  const root = site(t, {})
  const size = 6 * 2 ** 30
  sparse(join(root, 'f'), size)
  const { connect } = await serveFrom(t, root)
  const client = await connect()
  const at = 5 * 2 ** 30
  const rows: [range: string, start: number, end: number][] = [
    [`bytes=${at}-${at + 99}`, at, at + 99],
    ['bytes=-100', size - 100, size - 1],
    [`bytes=${2 ** 32}-${2 ** 32}`, 2 ** 32, 2 ** 32],
    [`bytes=${size - 1}-`, size - 1, size - 1],
  ]
  for (const [range, start, end] of rows) {
    const got = await client.get('/static/f', `Range: ${range}\r\n`)
    t.is(got.header('content-range'), `bytes ${start}-${end}/${size}`)
    t.is(got.body.length, end - start + 1)
  }
  const parts = await client.get('/static/f', `Range: bytes=0-0,${at}-${at}\r\n`)
  t.deepEqual(
    partsOf(parts).map(([, range]) => range),
    [`bytes 0-0/${size}`, `bytes ${at}-${at}/${size}`],
  )
  const head = await client.send('HEAD /static/f HTTP/1.1\r\nHost: a\r\n\r\n').reply('HEAD')
  t.is(head.header('content-length'), String(size))
})
