import test from 'ava'
import * as fc from 'fast-check'
import { decodeRequest, type Handler, Router, type RouterOptions } from '../../ts/index.ts'
import { get } from '../support/client.ts'
import { serve } from '../support/service.ts'
import { ask, site } from '../support/site.ts'

const ok: Handler = () => 'ok'

/** Reads a pattern from left to right. */
function naive(pattern: string, path: string): string[] | undefined {
  const at = pattern.search(/[:*]/)
  if (at < 0) return pattern === path ? [] : undefined
  if (!path.startsWith(pattern.slice(0, at))) return undefined
  const rest = path.slice(at)
  if (pattern[at] === '*') return [`/${rest}`]
  if (rest === '') return undefined
  const [end, name] = [rest, pattern.slice(at)].map((left) => `${left}/`.indexOf('/'))
  const behind = naive(pattern.slice(at).slice(name), rest.slice(end))
  return behind === undefined ? undefined : [rest.slice(0, end), ...behind]
}

/** Static before parameter before catch-all, at the first place where two patterns differ. */
function rank(pattern: string): string {
  const kinds = pattern.replace(/:[^/]*/g, ':').replace(/\*.*/, '*')
  return [...kinds].map((kind) => (kind === ':' ? 'b' : kind === '*' ? 'c' : 'a')).join('')
}

test('a naive linear matcher finds the same', (t) => {
  const piece = fc.constantFrom('a', 'b', 'ab', ':x', ':y', '', 'a:z')
  const pattern = fc
    .tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([pieces, isOpen]) => `/${pieces.join('/')}${isOpen ? '/*rest' : ''}`)
  const anyPath = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'abc', '', 'c%2Fd'), { minLength: 1, maxLength: 5 })
    .map((pieces) => `/${pieces.join('/')}`)
  const overlap = fc.constantFrom<NonNullable<RouterOptions['overlap']>>('never', 'static-first')
  fc.assert(
    fc.property(
      overlap,
      fc.array(pattern, { maxLength: 12 }),
      fc.array(anyPath),
      (mode, all, paths) => {
        const router = new Router({ overlap: mode })
        const patterns = all.filter((one) => {
          try {
            router.get(one, ok)
            return true
          } catch {
            return false
          }
        })
        for (const path of paths) {
          const [best, second] = patterns
            .filter((one) => naive(one, path) !== undefined)
            .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
          const found = router.lookup('GET', path)
          if (found.pattern !== best) return false
          if (mode === 'never' && second !== undefined) return false
          const values = best === undefined ? [] : (naive(best, path) as string[])
          const names = [...(best ?? '').matchAll(/[:*]([^/]+)/g)].map(([, name]) => name as string)
          const params = Object.fromEntries(
            names.map((name, i) => [name, decodeURIComponent(values[i] as string)]),
          )
          t.deepEqual({ ...found.params }, params)
        }
        return true
      },
    ),
    { numRuns: 500 },
  )
  t.pass()
})

test('what conflicts does so in either order', (t) => {
  const piece = fc.constantFrom('a', 'ab', ':x', ':y', '', 'a:z', '*r')
  const pattern = fc.array(piece, { minLength: 1, maxLength: 3 }).map((all) => `/${all.join('/')}`)
  const isAdded = (router: Router, path: string): boolean => {
    try {
      router.get(path, ok)
      return true
    } catch {
      return false
    }
  }
  fc.assert(
    fc.property(pattern, pattern, (one, other) => {
      const both = [new Router(), new Router()].map((router, turn) => {
        const [first, second] = turn === 0 ? [one, other] : [other, one]
        return [isAdded(router, first), isAdded(router, second)]
      })
      const [[a, b], [c, d]] = both as [[boolean, boolean], [boolean, boolean]]
      return !(a && c) || b === d
    }),
  )
  t.pass()
})

const PIECES = [
  'a b A z 1 . .. - _ ~ / / // @ { a.txt sub',
  '%2F %2f %25 %40 %C3%BC %c3%bc %ff %00 %5c %zz %/',
].flatMap((all) => all.split(' '))

/** A path, and the same with some of its unreserved characters escaped. */
const spelt = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom('as it is', 'upper', 'lower')), {
    maxLength: 8,
  })
  .map((pieces) => {
    const path = pieces.map(([piece]) => piece).join('')
    const other = pieces.map(([piece, form]) =>
      form === 'as it is' || piece.includes('%')
        ? piece
        : piece.replaceAll(/[\w.~-]/g, (one) => {
            const digits = one.charCodeAt(0).toString(16)
            return `%${form === 'upper' ? digits.toUpperCase() : digits}`
          }),
    )
    return [`/${path}`, `/${other.join('')}`] as const
  })

const pathOf = (target: string): string => decodeRequest(Buffer.from(get(target)))?.path ?? ''

test('a path has one normal form, however it is spelt', (t) => {
  const property = fc.property(spelt, ([one, other]) => {
    const path = pathOf(one)
    return pathOf(other) === path && pathOf(path) === path && path.length <= one.length
  })
  fc.assert(property, { numRuns: 2000 })
  t.pass()
})

test('no spelling changes the route, its parameters, or the file that is served', async (t) => {
  const root = site(t, { 'a.txt': 'a', 'sub/a.txt': 'sub', 'z/index.html': 'z', 'sub/@': 'at' })
  const router = new Router({ overlap: 'static-first' })
    .get('/a/:x', (req) => JSON.stringify([req.path, req.params]))
    .get('/a/@/*x', (req) => JSON.stringify([req.path, req.params]))
    .get('/:x/%c3%bc', (req) => JSON.stringify([req.path, req.params]))
    .serveFiles('/*filepath', root)
  const { connect } = await serve(t, router)
  const client = await connect()
  const lookUp = (path: string): unknown[] => {
    const { pattern, params, tsr } = router.lookup('GET', path)
    return [pattern, { ...params }, tsr]
  }
  const property = fc.asyncProperty(spelt, async ([one, other]) => {
    const found = lookUp(one)
    t.deepEqual(lookUp(other), found, `${one} ${other}`)
    t.deepEqual(lookUp(pathOf(one)), found, `${one} ${pathOf(one)}`)
    const answers = []
    for (const target of [one, other, pathOf(one)]) {
      const answer = await ask(client, target)
      answers.push([answer.status, answer.text, answer.header('Location')])
    }
    t.deepEqual(answers[1], answers[0], `${one} ${other}`)
    t.deepEqual(answers[2], answers[0], `${one} ${pathOf(one)}`)
  })
  await fc.assert(property, { numRuns: 500 })
})
