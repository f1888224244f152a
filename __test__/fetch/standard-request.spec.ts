import test from 'ava'
import { look } from './served.ts'
import { nameOf, type Row } from './standard.ts'

// What the Fetch standard says of the members of Request, in words of ours. Each row is asked of the platform's object and
// of the lazy one: what either says is compared with the standard, so that a difference between the two shows as well.

/** Fields and body of a request; its method is POST if it has one. */
interface Sent {
  readonly type?: string
  readonly body?: string | Uint8Array
  readonly fields?: readonly [string, string][]
}

const NONE: Sent = {}
const TEXT: Sent = { type: 'text/plain', body: 'hello' }
const JSON_BODY: Sent = { type: 'application/json', body: '{"a":[1]}' }
const FORM: Sent = { type: 'application/x-www-form-urlencoded', body: 'a=1&a=2&b=%C3%A4' }
const PARTS: Sent = {
  type: 'multipart/form-data; boundary=x',
  body: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
}
const FIELDS: Sent = {
  fields: [
    ['X-B', '2'],
    ['x-a', '1'],
    ['X-B', '3'],
  ],
}

const own = (headers: Headers): [string, string][] =>
  [...headers].filter(([name]) => name.startsWith('x-'))

const REQUESTS: Record<string, readonly [Sent, readonly Row<Request>[]]> = {
  'without a body': [
    NONE,
    [
      ['method and url', (r) => [r.method, r.url], ['GET', 'http://a.test/a?b']],
      ['the body is null', (r) => r.body, null],
      [
        'it is never used',
        async (r) => [await r.text(), await r.text(), r.bodyUsed],
        ['', '', false],
      ],
      ['its bytes are none', async (r) => (await r.arrayBuffer()).byteLength, 0],
      ['it is no JSON', (r) => nameOf(() => r.json()), 'SyntaxError'],
      ['a clone is another one', (r) => [r.clone() === r, r.clone().url === r.url], [false, true]],
      [
        'members are not to be set',
        (r) => nameOf(() => Object.assign(r, { method: 'PUT' })),
        'TypeError',
      ],
      ['the tag', (r) => Object.prototype.toString.call(r), '[object Request]'],
      [
        'one signal, that is not aborted',
        ({ signal }) => [signal instanceof AbortSignal, signal.aborted],
        [true, false],
      ],
      [
        'the same objects each time',
        (r) => [r.headers === r.headers, r.signal === r.signal],
        [true, true],
      ],
      [
        'what is not said has its default',
        (r) => [r.credentials, r.cache, r.redirect, r.integrity, r.keepalive, r.duplex],
        ['same-origin', 'default', 'follow', '', false, 'half'],
      ],
    ],
  ],
  'with a text': [
    TEXT,
    [
      ['the text', (r) => r.text(), 'hello'],
      [
        'the bytes',
        async (r) => [...new Uint8Array(await r.arrayBuffer())],
        [...Buffer.from('hello')],
      ],
      [
        'reading is told, and once only',
        async (r) => [
          r.bodyUsed,
          await r.text(),
          r.bodyUsed,
          await nameOf(() => r.text()),
          await nameOf(() => r.arrayBuffer()),
        ],
        [false, 'hello', true, 'TypeError', 'TypeError'],
      ],
      ['what was begun is used', (r) => [r.text() instanceof Promise, r.bodyUsed], [true, true]],
      [
        'a failure is no throw',
        (r) => [void r.text(), r.text().catch(() => 0) instanceof Promise],
        [undefined, true],
      ],
      [
        'what is no JSON',
        async (r) => [await nameOf(() => r.json()), r.bodyUsed],
        ['SyntaxError', true],
      ],
      ['what is no form', (r) => nameOf(() => r.formData()), 'TypeError'],
      [
        'no clone of what was read',
        async (r) => [await r.text(), await nameOf(() => r.clone())],
        ['hello', 'TypeError'],
      ],
      [
        'a clone is read apart',
        async (r) => [await r.clone().text(), r.bodyUsed, await r.text()],
        ['hello', false, 'hello'],
      ],
      [
        'both are read together',
        async (r) => {
          const copy = r.clone()
          return Promise.all([r.text(), copy.text()])
        },
        ['hello', 'hello'],
      ],
      [
        'a clone of a clone',
        async (r) => {
          const first = r.clone()
          const second = first.clone()
          return [await second.text(), await first.text(), await r.text()]
        },
        ['hello', 'hello', 'hello'],
      ],
      ['one body', (r) => [r.body === r.body, r.body?.locked, r.bodyUsed], [true, false, false]],
      [
        'a lock is no use, but nobody else reads',
        async (r) => {
          r.body!.getReader()
          return [
            r.bodyUsed,
            r.body?.locked,
            await nameOf(() => r.text()),
            await nameOf(() => r.clone()),
          ]
        },
        [false, true, 'TypeError', 'TypeError'],
      ],
      [
        'a lock that is given back',
        async (r) => {
          r.body!.getReader().releaseLock()
          return [r.bodyUsed, await r.text()]
        },
        [false, 'hello'],
      ],
      [
        'a chunk that was read is a use',
        async (r) => {
          const reader = r.body!.getReader()
          const { value } = await reader.read()
          reader.releaseLock()
          return [value instanceof Uint8Array, r.bodyUsed, await nameOf(() => r.text())]
        },
        [true, true, 'TypeError'],
      ],
      [
        'giving it up is a use',
        async (r) => [await r.body!.cancel(), r.bodyUsed, await nameOf(() => r.text())],
        [undefined, true, 'TypeError'],
      ],
      [
        'through another stream',
        (r) => new Response(r.body!.pipeThrough(new TransformStream())).text(),
        'hello',
      ],
      [
        'both ends of a fork',
        async (r) => Promise.all(r.body!.tee().map((half) => new Response(half).text())),
        ['hello', 'hello'],
      ],
      ['the type of a blob', async (r) => (await r.blob()).type, 'text/plain'],
    ],
  ],
  'with JSON': [JSON_BODY, [['its value', (r) => r.json(), { a: [1] }]]],
  'with a byte order mark': [
    { type: 'text/plain', body: Buffer.from('\ufeff{"a":1}') },
    [
      ['it is no text', (r) => r.text(), '{"a":1}'],
      ['it is no JSON', (r) => r.json(), { a: 1 }],
      ['it is bytes', async (r) => (await r.arrayBuffer()).byteLength, 10],
    ],
  ],
  'with bytes that are no UTF-8': [
    { type: 'text/plain', body: Uint8Array.of(0x61, 0xff, 0x62) },
    [['they are replaced', (r) => r.text(), 'a\ufffdb']],
  ],
  'with an empty body': [
    { type: 'text/plain', body: '' },
    [
      [
        'an empty text, once',
        async (r) => [await r.text(), r.bodyUsed, await nameOf(() => r.text())],
        ['', true, 'TypeError'],
      ],
      ['it is no JSON', (r) => nameOf(() => r.json()), 'SyntaxError'],
    ],
  ],
  'with a form': [
    FORM,
    [
      [
        'its fields',
        async (r) => [...(await r.formData())],
        [
          ['a', '1'],
          ['a', '2'],
          ['b', 'ä'],
        ],
      ],
    ],
  ],
  'with parts': [PARTS, [['its fields', async (r) => [...(await r.formData())], [['a', '1']]]]],
  'with fields': [
    FIELDS,
    [
      [
        'sorted, in lower case, joined',
        ({ headers }) => own(headers),
        [
          ['x-a', '1'],
          ['x-b', '2, 3'],
        ],
      ],
      ['in any case', ({ headers }) => [headers.get('X-b'), headers.has('X-A')], ['2, 3', true]],
      ['none is null', ({ headers }) => [headers.get('x-c'), headers.has('x-c')], [null, false]],
      ['no name', ({ headers }) => nameOf(() => headers.get('a b')), 'TypeError'],
      ['no name to ask for', ({ headers }) => nameOf(() => headers.has('')), 'TypeError'],
      ['no name to set', ({ headers }) => nameOf(() => headers.set('ä', 'x')), 'TypeError'],
      ['no value to set', ({ headers }) => nameOf(() => headers.set('x', 'a\nb')), 'TypeError'],
      [
        'they can be changed',
        ({ headers }) => {
          headers.append('X-A', '0')
          headers.set('x-c', ' c ')
          headers.delete('X-B')
          return own(headers)
        },
        [
          ['x-a', '1, 0'],
          ['x-c', 'c'],
        ],
      ],
      [
        'those of a clone apart',
        (r) => {
          const copy = r.clone()
          copy.headers.set('x-a', '9')
          return [r.headers.get('x-a'), copy.headers.get('x-a')]
        },
        ['1', '9'],
      ],
      [
        'one after the other',
        ({ headers }) => {
          const seen: unknown[] = []
          headers.forEach((value, name, all) => {
            if (name.startsWith('x-')) seen.push([name, value, all === headers])
          })
          return seen
        },
        [
          ['x-a', '1', true],
          ['x-b', '2, 3', true],
        ],
      ],
      [
        'keys and values',
        ({ headers }) => [
          [...headers.keys()].includes('x-a'),
          [...headers.values()].includes('2, 3'),
          headers.entries().next().done,
        ],
        [true, true, false],
      ],
      ['no cookies that are set', ({ headers }) => headers.getSetCookie(), []],
    ],
  ],
}

/** The bytes of a request, and what the platform is told of it. */
function sent({ type, body, fields = [] }: Sent): [Buffer, () => Request] {
  const method = body === undefined ? 'GET' : 'POST'
  const bytes = Buffer.from(body ?? '')
  const all = type === undefined ? fields : [...fields, ['Content-Type', type] as [string, string]]
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const length = body === undefined ? '' : `Content-Length: ${bytes.length}\r\n`
  const head = `${method} /a?b HTTP/1.1\r\nHost: a.test\r\n${lines}${length}\r\n`
  const init = {
    method,
    headers: all as [string, string][],
    body: body === undefined ? null : bytes,
  }
  return [Buffer.concat([Buffer.from(head), bytes]), () => new Request('http://a.test/a?b', init)]
}

for (const [kind, [given, rows]] of Object.entries(REQUESTS)) {
  const [bytes, platform] = sent(given)
  for (const [what, see, says] of rows) {
    test(`a Request ${kind}: ${what}`, async (t) => {
      t.deepEqual(await see(platform()), says, 'of the platform')
      for (const bodyMode of ['stream', 'buffer'] as const) {
        const seen = await look(t, bytes, async (req) => [await see(req)], { bodyMode })
        t.deepEqual(seen, [says], `of ours, ${bodyMode}`)
      }
    })
  }
}
