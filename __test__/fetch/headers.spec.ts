import test from 'ava'
import { inspect } from 'node:util'
import { look } from './served.ts'

const HEAD =
  'GET / HTTP/1.1\r\nHost: a.test\r\nX-B: 2\r\nx-a:  1 \r\nX-B: 3\r\nCookie: a=1\r\ncookie: b=2\r\n' +
  'X-Empty:\r\nX-Latin: caf\xe9\r\n\r\n'

/** The fields as the platform has them. */
const platform = (): Headers => {
  const headers = new Headers()
  for (const line of HEAD.split('\r\n').slice(1, -2)) {
    const colon = line.indexOf(':')
    headers.append(line.slice(0, colon), line.slice(colon + 1))
  }
  return headers
}

/** Looks at headers; ours and the platform's see the same, each in a fresh request. */
const LOOKS: [what: string, look: (headers: Headers) => unknown][] = [
  [
    'get',
    (h) => ['x-a', 'X-A', 'X-B', 'cookie', 'x-empty', 'x-latin', 'none'].map((n) => h.get(n)),
  ],
  ['has', (h) => ['x-a', 'X-B', 'none'].map((n) => h.has(n))],
  ['entries', (h) => [...h.entries()]],
  ['keys', (h) => [...h.keys()]],
  ['values', (h) => [...h.values()]],
  ['iteration', (h) => [...h]],
  ['Object.fromEntries', (h) => Object.fromEntries(h)],
  ['new Map', (h) => [...new Map(h)]],
  ['new Headers', (h) => [...new Headers(h)]],
  [
    'forEach',
    (h) => {
      const seen: unknown[] = []
      h.forEach((value, name, all) => seen.push(value, name, all === h || 'another'))
      return seen
    },
  ],
  ['set', (h) => (h.set('x-a', '9'), [...h])],
  ['append', (h) => (h.append('x-a', '9'), h.get('x-a'))],
  ['delete', (h) => (h.delete('X-B'), [h.has('x-b'), h.get('x-b')])],
  ['get behind a change', (h) => (h.set('y', '1'), [h.get('y'), h.get('X-A')])],
  [
    'getSetCookie',
    (h) => (h.append('set-cookie', 'a'), h.append('set-cookie', 'b'), h.getSetCookie()),
  ],
  ['tag', (h) => Object.prototype.toString.call(h)],
  ['keys of the object', (h) => Object.keys(h)],
  ['constructor', (h) => h.constructor === Headers],
  ['instanceof', (h) => h instanceof Headers],
  ['a name that is none', (h) => thrown(() => h.get('a b'))],
  ['the same for has', (h) => thrown(() => h.has(''))],
  ['a value that is none', (h) => thrown(() => h.set('a', 'b\r\nc'))],
  ['no name at all', (h) => thrown(() => (h.get as () => unknown)())],
  [
    'a name that is no string',
    (h) => (h.get as (name: unknown) => unknown)({ toString: () => 'x-a' }),
  ],
]

function thrown(run: () => unknown): unknown {
  try {
    return ['returned', run()]
  } catch (error) {
    return [(error as Error).constructor === TypeError, (error as Error).name]
  }
}

for (const [what, see] of LOOKS) {
  test(`headers are as the platform's: ${what}`, async (t) => {
    t.deepEqual(await look(t, HEAD, (req) => see(req.headers)), see(platform()))
  })
}

test('the same object each time, which is printed as Headers', async (t) => {
  const [one, printed] = await look(t, HEAD, (req) => [
    req.headers === req.headers,
    inspect(req.headers),
  ])
  t.true(one)
  t.regex(printed as string, /^Headers /)
  t.regex(printed as string, /x-a/)
})

test('the fields of the platform request are those of ours, before and behind', async (t) => {
  const seen = await look(t, HEAD, (req) => {
    const { headers } = req
    headers.set('x-a', 'before')
    const native = req.native()
    const first = native.headers.get('x-a')
    headers.set('x-a', 'behind')
    native.headers.set('x-c', 'there')
    return [first, native.headers.get('x-a'), headers.get('x-c'), req.headers === headers]
  })
  t.deepEqual(seen, ['before', 'behind', 'there', true])
})

test('changes are not seen in the request below', async (t) => {
  const seen = await look(t, HEAD, (req, { request }) => {
    req.headers.set('x-a', 'changed')
    return request.header('x-a')
  })
  t.is(seen, '1')
})

test('the same when the platform request was there first', async (t) => {
  const seen = await look(t, HEAD, (req) => {
    const native = req.native()
    req.headers.set('x-a', 'ours')
    native.headers.set('x-c', 'there')
    return [native.headers.get('x-a'), req.headers.get('x-c')]
  })
  t.deepEqual(seen, ['ours', 'there'])
})
