import test from 'ava'
import { FastResponse } from '../../ts/fetch/index.ts'
import { nameOf, type Row } from './standard.ts'

// What the Fetch standard says of the members of Response, in words of ours. Each row is asked of the platform's object and
// of the lazy one: what either says is compared with the standard, so that a difference between the two shows as well.

type Kind = typeof Response

const TYPE = 'text/plain;charset=UTF-8'
const typeOf = (r: Response): string | null => r.headers.get('content-type')

const RESPONSES: readonly Row<Kind>[] = [
  [
    'of nothing',
    (R) => {
      const r = new R()
      return [
        r.status,
        r.statusText,
        r.ok,
        r.type,
        r.url,
        r.redirected,
        r.body,
        r.bodyUsed,
        [...r.headers],
      ]
    },
    [200, '', true, 'default', '', false, null, false, []],
  ],
  ['the type of a text', (R) => typeOf(new R('x')), TYPE],
  ['the type of an empty text', (R) => typeOf(new R('')), TYPE],
  [
    'the type of parameters',
    (R) => typeOf(new R(new URLSearchParams('a=1'))),
    'application/x-www-form-urlencoded;charset=UTF-8',
  ],
  ['the type of a blob', (R) => typeOf(new R(new Blob(['x'], { type: 'a/b' }))), 'a/b'],
  ['bytes have none', (R) => typeOf(new R(Uint8Array.of(1))), null],
  ['a type of its own', (R) => typeOf(new R('x', { headers: { 'Content-TYPE': 'a/b' } })), 'a/b'],
  [
    'statuses',
    (R) => [201, 299, 300, 404, 599].map((status) => new R(null, { status }).ok),
    [true, true, false, false, false],
  ],
  [
    'no such status',
    (R) => Promise.all([0, 100, 199, 600].map((status) => nameOf(() => new R('', { status })))),
    Array.from({ length: 4 }, () => 'RangeError'),
  ],
  [
    'no body there',
    (R) => Promise.all([204, 205, 304].map((status) => nameOf(() => new R('', { status })))),
    Array.from({ length: 3 }, () => 'TypeError'),
  ],
  ['no phrase', (R) => nameOf(() => new R('', { statusText: 'a\nb' })), 'TypeError'],
  ['a phrase', (R) => new R('', { statusText: 'Mine' }).statusText, 'Mine'],
  ['no field', (R) => nameOf(() => new R('', { headers: { 'a b': 'c' } })), 'TypeError'],
  ['no pairs', (R) => nameOf(() => new R('', { headers: [['a']] as never })), 'TypeError'],
  [
    'fields',
    (R) => [
      ...new R(null, {
        headers: [
          ['X-B', ' 2 '],
          ['x-a', '1'],
          ['x-b', '3'],
        ],
      }).headers,
    ],
    [
      ['x-a', '1'],
      ['x-b', '2, 3'],
    ],
  ],
  [
    'cookies stay apart',
    (R) => {
      const { headers } = new R()
      headers.append('Set-Cookie', 'a=1')
      headers.append('Set-Cookie', 'b=2')
      return [headers.getSetCookie(), headers.get('set-cookie')]
    },
    [['a=1', 'b=2'], 'a=1, b=2'],
  ],
  [
    'read once',
    async (R) => {
      const r = new R('x')
      return [
        r.bodyUsed,
        await r.text(),
        r.bodyUsed,
        await nameOf(() => r.text()),
        await nameOf(() => r.clone()),
      ]
    },
    [false, 'x', true, 'TypeError', 'TypeError'],
  ],
  [
    'nothing is read often',
    async (R) => {
      const r = new R(null)
      return [await r.text(), await r.text(), r.bodyUsed]
    },
    ['', '', false],
  ],
  ['what is not text is made one', async (R) => new R(7 as never).text(), '7'],
  [
    'a clone',
    async (R) => {
      const r = new R('x', { status: 201 })
      const c = r.clone()
      return [c === r, c.status, await c.text(), await r.text()]
    },
    [false, 201, 'x', 'x'],
  ],
  [
    'JSON',
    async (R) => {
      const r = R.json({ a: 1 })
      return [typeOf(r), r.status, await r.json()]
    },
    ['application/json', 200, { a: 1 }],
  ],
  ['JSON of a type', (R) => typeOf(R.json(1, { headers: { 'Content-Type': 'a/b' } })), 'a/b'],
  ['what JSON does not know', (R) => nameOf(() => R.json(undefined)), 'TypeError'],
  ['JSON where no body is', (R) => nameOf(() => R.json(1, { status: 204 })), 'TypeError'],
  ['an error', (R) => [R.error().type, R.error().status, R.error().body], ['error', 0, null]],
  ['an error is fixed', (R) => nameOf(() => R.error().headers.set('a', 'b')), 'TypeError'],
  [
    'a redirect',
    (R) => {
      const r = R.redirect('http://a.test/x', 307)
      return [r.status, r.headers.get('location'), r.body]
    },
    [307, 'http://a.test/x', null],
  ],
  ['no redirect', (R) => nameOf(() => R.redirect('http://a.test/', 200 as 302)), 'RangeError'],
  ['no address', (R) => nameOf(() => R.redirect('http://', 302)), 'TypeError'],
  [
    'members are not to be set',
    (R) => nameOf(() => Object.assign(new R(), { status: 1 })),
    'TypeError',
  ],
  ['the tag', (R) => Object.prototype.toString.call(new R()), '[object Response]'],
  [
    'its class',
    (R) => [new R() instanceof Response, R.name === 'Response' || R.name === 'FastResponse'],
    [true, true],
  ],
]

for (const [what, see, says] of RESPONSES) {
  test(`a Response: ${what}`, async (t) => {
    t.deepEqual(await see(Response), says, 'of the platform')
    t.deepEqual(await see(FastResponse), says, 'of ours')
  })
}
