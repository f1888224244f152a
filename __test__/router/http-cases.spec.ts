import test, { type ExecutionContext } from 'ava'
import { type Handler, reply, Router, type RouterOptions } from '../../ts/index.ts'
import type { Client } from '../support/client.ts'
import type { Reply } from '../support/reply.ts'
import { type Expect, ofKind, type Phase } from './table.ts'
import { serve } from '../support/service.ts'

// Every suite of the reference over HTTP, request by request: the same, or different by a rule that
// is named. A rule that makes no difference fails as well. Suites with files are in serve-files.spec.ts.

/** What the reference does and we do not, and what we do instead. */
type Rule = [
  name: string,
  applies: (target: string, expect: Expect, suite: string) => boolean,
  ours: (expect: Expect, target: string) => Expect,
]

const RULES: Rule[] = [
  [
    'a malformed target is refused',
    (target) => /[#\u0080-\uffff]/.test(target),
    () => ({ status: 400 }),
  ],
  [
    'only OPTIONS has an asterisk-form',
    (target, { allow }, suite) => target === '*' && allow !== undefined && suite === 'GET',
    () => ({ status: 400 }),
  ],
  [
    'a method is not told that it is allowed itself',
    (target, _, method) => target === '/*' && method === 'GET',
    () => ({ status: 404 }),
  ],
  [
    'CONNECT has an authority-form',
    (_target, _expect, method) => method === 'CONNECT',
    () => ({ status: 400 }),
  ],
  [
    'no redirect to itself',
    (target, { location }) => location === target && target !== '',
    () => ({ status: 404 }),
  ],
  [
    'no redirect to a path without a route',
    (target, { location }, suite) =>
      (location === '/' && suite.startsWith('edgeHttp.single')) ||
      (location === '/a/x' && target === '/a/x/'),
    () => ({ status: 404 }),
  ],
  [
    'Location is relative, its query is as sent',
    (target, { location }) =>
      location !== undefined &&
      (location.startsWith('http:') ||
        (target.includes('?') &&
          location.includes('?') &&
          target.split('?')[1]?.split('#')[0] !== location.split('?')[1])),
    (expect, target) => ({ ...expect, location: `/path?${target.split('?')[1] as string}` }),
  ],
  [
    'values are decoded',
    (_, { params }) => Object.values(params ?? {}).some((value) => value.includes('%')),
    (expect) => ({
      ...expect,
      params: Object.fromEntries(
        Object.entries(expect.params ?? {}).map(([name, value]) => [
          name,
          decodeURIComponent(value),
        ]),
      ),
    }),
  ],
  [
    'an error without panicHandler is a 500',
    (_, { panicEscapes }) => panicEscapes !== undefined,
    () => ({ status: 500 }),
  ],
]

function expectation(method: string, target: string, expect: Expect, suite: string): Expect {
  for (const [, applies, ours] of RULES) {
    if (applies(target, expect, suite) || applies(target, expect, method)) {
      return ours(expect, target)
    }
  }
  return expect
}

function optionsOf(given: Phase['options'] = {}): RouterOptions {
  const of = (name: string): boolean => given[name] !== false
  const options: RouterOptions = {
    redirectTrailingSlash: of('RedirectTrailingSlash'),
    redirectFixedPath: of('RedirectFixedPath'),
    handleMethodNotAllowed: of('HandleMethodNotAllowed'),
    handleOptions: of('HandleOPTIONS'),
    // The reference has no such thing.
    headFromGet: false,
  }
  const special =
    (name: string): Handler =>
    (req) =>
      reply(given[name] as number, '', {
        Special: name === 'NotFound' ? 'notfound' : 'mna',
        Params: JSON.stringify(req.params),
      })
  if ('NotFound' in given) options.notFound = special('NotFound')
  if ('MethodNotAllowed' in given) options.methodNotAllowed = special('MethodNotAllowed')
  if (given['PanicHandler'] === true) {
    options.panicHandler = (_, error) => reply(500, '', { Special: `panic:${String(error)}` })
  }
  return options
}

function answering(name: string, panics: boolean): Handler {
  return (req) => {
    if (panics) throw 'oops!'
    return reply(200, '', { Route: name, Params: JSON.stringify(req.params) })
  }
}

function check(t: ExecutionContext, answer: Reply, expect: Expect, note: string): void {
  if (expect.status !== undefined) t.is(answer.status, expect.status, note)
  if (expect.route !== undefined) t.is(answer.header('Route'), expect.route, note)
  if (expect.notRoute !== undefined) t.not(answer.header('Route'), expect.notRoute, note)
  if (expect.special !== undefined) t.is(answer.header('Special'), expect.special, note)
  if (expect.location !== undefined || answer.status < 400)
    t.is(answer.header('Location'), expect.location, note)
  if (expect.allow !== undefined) {
    const { allow } = expect
    const all = typeof allow === 'string' ? allow.split(', ') : [...allow.anyOrder, ...allow.then]
    t.is(answer.header('Allow'), all.toSorted().join(', '), note)
  }
  if (expect.params !== undefined)
    t.deepEqual(JSON.parse(answer.header('Params') ?? '{}'), expect.params, note)
  if (answer.header('Special') === 'notfound') t.is(answer.header('Params'), '{}', note)
}

async function exchange(client: Client, method: string, target: string): Promise<Reply> {
  const bytes = Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
  return client.send(bytes).reply(method)
}

const withFiles = (id: string): boolean => id.toLowerCase().includes('serve')

for (const { id, phases = [] } of ofKind('http').filter((suite) => !withFiles(suite.id))) {
  for (const way of ['matched natively', 'as an ordinary handler']) {
    test(`${id}, ${way}`, async (t) => {
      const routes: [string, string][] = []
      let given: Phase['options'] = {}
      for (const phase of phases) {
        routes.push(...(phase.register ?? []))
        given = { ...given, ...phase.options }
        const router = new Router(optionsOf(given))
        for (const [method, path] of routes) {
          router.handle(method, path, answering(`${method} ${path}`, given['PanicIn'] === path))
        }
        const service = await serve(t, way === 'matched natively' ? router : router.handler)
        for (const { method, target, expect } of phase.requests ?? []) {
          const client = await service.connect()
          const answer = await exchange(client, method, target)
          const note = `${method} ${target}`
          const ours = expectation(method, target, expect, id)
          if (ours !== expect) t.notDeepEqual(ours, expect, note)
          check(t, answer, ours, note)
        }
      }
    })
  }
}

test('every rule makes a difference somewhere', (t) => {
  const rows = ofKind('http')
    .filter(({ id }) => !withFiles(id))
    .flatMap(({ id, phases = [] }) =>
      phases.flatMap(({ requests = [] }) => requests.map((request) => ({ id, ...request }))),
    )
  for (const [name, applies] of RULES) {
    t.true(
      rows.some(
        (row) =>
          applies(row.target, row.expect, row.id) || applies(row.target, row.expect, row.method),
      ),
      name,
    )
  }
})

for (const suite of ofKind('chain')) {
  for (const way of ['matched natively', 'as an ordinary handler']) {
    test(`${suite.id}, ${way}`, async (t) => {
      const [first, second] = [new Router(), new Router()]
      for (const [method, path] of suite.router2 ?? []) {
        second.handle(method, path, answering(`router2 ${method} ${path}`, false))
      }
      for (const [method, path] of suite.router1 ?? []) {
        first.handle(method, path, answering(`router1 ${method} ${path}`, false))
      }
      first.notFound = second.handler
      const { connect } = await serve(t, way === 'matched natively' ? first : first.handler)
      const client = await connect()
      for (const { method, target, expect } of suite.requests ?? []) {
        check(t, await exchange(client, method, target), expect, target)
      }
    })
  }
}
