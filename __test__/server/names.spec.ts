import test from 'ava'
import {
  bytes,
  createServer,
  empty,
  file,
  html,
  HttpError,
  json,
  redirect,
  Router,
  sse,
  stream,
  text,
} from '../../ts/index.ts'
import { MAKERS } from '../support/makers.ts'

// A name that nobody knows is a mistake, and so is a pattern in another router's syntax.

const ok = (): string => 'ok'
const of = (given: object): never => given as never

const UNKNOWN: [what: string, make: () => unknown, message: RegExp][] = [
  [
    'a server',
    () => createServer(ok, of({ maxBodySizes: 1 })),
    /"maxBodySizes" is no option of createServer: did you mean maxBodySize\?/,
  ],
  ['a server, case', () => createServer(ok, of({ iothreads: 1 })), /did you mean ioThreads\?/],
  ['a server, far', () => createServer(ok, of({ colour: 1 })), /"colour" .*there are .*ioThreads/],
  ['a router', () => new Router(of({ overlaps: 'never' })), /did you mean overlap\?/],
  [
    'listen',
    () => createServer(ok).listen(of({ prot: 1 })),
    /"prot" .*listen: did you mean port\?/,
  ],
  ...['onDemand', 'tunnels', 'reuseAddress'].map((name): (typeof UNKNOWN)[number] => [
    `listen, which has ${name} for this package alone`,
    () => createServer(ok).listen(of({ [name]: true })),
    new RegExp(`"${name}" is no option of listen: there are port, host, `),
  ]),
  ['text', () => text('', of({ header: {} })), /"header" .*response: did you mean headers\?/],
  ['html', () => html('', of({ Status: 1 })), /did you mean status\?/],
  ['json', () => json(1, of({ statustext: '' })), /did you mean statusText\?/],
  ['bytes', () => bytes(new Uint8Array(1), of({ tranfer: true })), /did you mean transfer\?/],
  ['redirect', () => redirect('/', 302, of({ heders: {} })), /did you mean headers\?/],
  ['empty', () => empty(204, of({ heders: {} })), /did you mean headers\?/],
  ['a file', () => file('/x', of({ onmissing: ok })), /did you mean onMissing\?/],
  ['a stream', () => stream(['a'], of({ heders: {} })), /did you mean headers\?/],
  ['events', () => sse(['a'], of({ keepalive: 1 })), /did you mean keepAlive\?/],
  ['an error', () => new HttpError(401, 'x', of({ header: {} })), /"header" .*headers\?/],
  ['text, of files', () => text('', of({ start: 3 })), /"start" is no/],
  ['text, of events', () => text('', of({ keepAlive: 3 })), /"keepAlive" is no/],
  [
    'text, of bytes',
    () => text('', of({ transfer: true })),
    /"transfer" .*there are status, statusText, headers/,
  ],
  ['html, of bytes', () => html('', of({ transfer: true })), /"transfer" is no/],
  ['json, of bytes', () => json(1, of({ transfer: true })), /"transfer" is no/],
  ['redirect, of bytes', () => redirect('/', 302, of({ transfer: true })), /"transfer" is no/],
  ['empty, of bytes', () => empty(204, of({ transfer: true })), /"transfer" is no/],
  ['bytes, of files', () => bytes(new Uint8Array(1), of({ end: 1 })), /"end" is no/],
  ['a file, of bytes', () => file('/x', of({ transfer: true })), /"transfer" is no/],
  ['a file, of events', () => file('/x', of({ keepAlive: 1 })), /"keepAlive" is no/],
  ['a stream, of bytes', () => stream([], of({ transfer: true })), /"transfer" is no/],
  ['a stream, of events', () => stream([], of({ keepAlive: 1 })), /"keepAlive" is no/],
  ['events, of files', () => sse([], of({ start: 1 })), /"start" is no/],
  ['events, of bytes', () => sse([], of({ transfer: true })), /"transfer" is no/],
  [
    'files',
    () => new Router().serveFiles('/*filepath', '/', of({ indx: 'a' })),
    /"indx" is no option of serveFiles: did you mean index\?/,
  ],
]

for (const [what, make, message] of UNKNOWN) {
  test(`an unknown name throws, and the one that is meant is named: ${what}`, (t) => {
    t.throws(make, { instanceOf: TypeError, message })
  })
}

/** What is no such object, and how it is named. */
const NO_INITS: [given: unknown, named: string][] = [
  [null, 'null'],
  [5, '5'],
  ['x', '"x"'],
  ['', '""'],
  [true, 'true'],
  [[], 'an array'],
  [['x'], 'an array'],
  [ok, 'a function'],
]

for (const [what, make] of Object.entries(MAKERS)) {
  test(`an init that is no object is named: ${what}`, (t) => {
    for (const [given, named] of NO_INITS) {
      const message = `init must be an object, got ${named}`
      t.throws(() => make(given as never), { instanceOf: TypeError, message })
    }
    t.notThrows(() => make(undefined as never))
    t.notThrows(() => make({} as never))
  })
}

/** What is no handler, and how it is named. */
const NO_HANDLERS: [given: unknown[], named: string][] = [
  [[], 'undefined'],
  [[null], 'null'],
  [['x'], '"x"'],
  [[3], '3'],
  [[[]], 'an array'],
  [[{}], 'an empty object'],
  [[{ fetch: ok }], 'an object with fetch'],
  [[{ fetch: ok }, { date: true }], 'an object with fetch and an object with date'],
  [[{ date: true, noDelay: true }], 'an object with date, noDelay'],
  [[{ date: true }, 'x'], 'an object with date and "x"'],
]

for (const [given, named] of NO_HANDLERS) {
  test(`what is no handler is named: ${named}`, (t) => {
    const make = createServer as (...args: unknown[]) => unknown
    const message = `handler must be a function or a Router, got ${named}`
    t.throws(() => make(...given), { instanceOf: TypeError, message })
  })
}

test('each takes the names of its own', (t) => {
  const init = { status: 200, statusText: 'Fine', headers: { 'X-A': 'b' } }
  const part = { ...init, type: 'text/plain', etag: true, lastModified: true, conditions: true }
  const made = [
    () => text('', init),
    () => html('', init),
    () => json(1, init),
    () => redirect('/', 302, { ...init, status: 302 }),
    () => empty(200, init),
    () => stream([], init),
    () => bytes(new Uint8Array(1), { ...init, transfer: true }),
    () => sse([], { ...init, keepAlive: 1000 }),
    () => file('/x', { ...part, ranges: true, start: 1, end: 2, onMissing: 'none' }),
    () => new HttpError(401, 'x', { headers: {}, cause: 1, expose: true }),
  ]
  for (const make of made) t.notThrows(make, String(make))
})

test('names that are inherited are nobody’s options', (t) => {
  const init = Object.create({ more: 1 }) as { status: number }
  init.status = 201
  t.is(text('', init).status, 201)
  t.notThrows(() => createServer(ok, Object.create({ more: 1 }) as object))
})

const FOREIGN: [pattern: string, message: RegExp][] = [
  ['/a/:b?', /optional/],
  ['/:b?/c', /optional/],
  ['/a/:b(\\d+)', /expression/],
  ['/a/:b([a-z]{2})/c', /expression/],
  ['/:b*', /"\*name"/],
  ['/:b+', /"\*name"/],
  ['/{id}', /":name"/],
  ['/a/{id}/b', /":name"/],
  ['/[id]', /":name"/],
  ['/[...all]', /"\*name"/],
]

for (const [pattern, message] of FOREIGN) {
  test(`a pattern of another router throws, and says what is meant: ${pattern}`, (t) => {
    const router = new Router()
    const expected = { instanceOf: TypeError, message }
    t.throws(() => router.get(pattern, ok), expected)
    t.throws(() => router.group('/x').any(pattern, ok), expected)
    t.throws(() => router.static(pattern, 'x'), expected)
    t.deepEqual(Object.keys(router.list()), [])
  })
}

test('one handler is taken; what stands before it is middleware', (t) => {
  const router = new Router()
  const { get, handle } = router as unknown as Record<string, (...args: unknown[]) => unknown>
  const expected = { instanceOf: TypeError, message: /takes one handler, got 2: .*use\(\)/ }
  t.throws(() => get?.call(router, '/a', ok, ok), expected)
  t.throws(() => handle?.call(router, 'GET', '/a', ok, ok), expected)
  t.deepEqual(Object.keys(router.list()), [])
})

/** Routes of a method, and of `any`, of which the first would hide the second. */
const HIDDEN: [own: string, any: string][] = [
  ['/*all', '/x'],
  ['/*all', '/x/:id'],
  ['/a/*all', '/a/b/*rest'],
  ['/:name', '/x'],
  ['/:a/:b', '/x/:b'],
]
/** Those that are no more special than the others, or have nothing to do with them. */
const SEEN: [own: string, any: string][] = [
  ['/x', '/*all'],
  ['/x', '/:name'],
  ['/:a', '/:b'],
  ['/*a', '/*b'],
  ['/a/*all', '/b/c'],
  ['/a/:x', '/a'],
  ['/a/:x', '/a/b/c'],
]

for (const overlap of ['never', 'static-first'] as const) {
  test(`a route of any() that one of a method would hide says so: ${overlap}`, (t) => {
    const expected = { code: 'ERR_ROUTE_CONFLICT', message: /any\(\).* hidden by GET/ }
    for (const [own, any] of HIDDEN) {
      const [first, second] = [new Router({ overlap }), new Router({ overlap })]
      first.get(own, ok)
      t.throws(() => first.any(any, ok), expected, `${own} ${any}`)
      second.any(any, ok)
      t.throws(() => second.get(own, ok), expected, `${any} ${own}`)
    }
    for (const [own, any] of SEEN) {
      t.notThrows(() => new Router({ overlap }).get(own, ok).any(any, ok), `${own} ${any}`)
      t.notThrows(() => new Router({ overlap }).any(any, ok).get(own, ok), `${any} ${own}`)
    }
  })
}
