import { coded, show } from '../errors.ts'
import type { Route } from './route.ts'

/** What patterns of other routers have, and how that is said here. */
const FOREIGN: [syntax: RegExp, meant: string][] = [
  [
    /:[^/]*\(|\*[^/]*\(/,
    'a parameter has no expression of its own: take ":name" and look at its value',
  ],
  [/:[^/]+\?(?=\/|$)/, 'there are no optional parameters: add a route with it and one without'],
  [/:[^/]+[*+](?=\/|$)/, 'what takes the rest of a path is "*name" at its end'],
  [/(?:^|\/)\{[^/{}]*\}(?=\/|$)/, 'a parameter is ":name", the rest of a path "*name"'],
  [/(?:^|\/)\[[^/[\]]*\](?=\/|$)/, 'a parameter is ":name", the rest of a path "*name"'],
]

/** How special an element is: static text, a parameter, the rest of a path. */
function rank(element: string): number {
  return element.startsWith('*') ? 0 : element.includes(':') ? 1 : 2
}

/**
 * Whether `wide` matches every path that `narrow` matches, and is less special: a route of the method is
 * tried before one of `any`, so that one would never be reached.
 */
function hides(wide: string, narrow: string): boolean {
  const [one, two] = [wide.split('/'), narrow.split('/')]
  let isWider = false
  for (let i = 0; i < one.length; i++) {
    const [own, other] = [one[i] as string, two[i]]
    if (rank(own) === 0) return other !== undefined && (isWider || rank(other) > 0)
    if (other === undefined || rank(other) < rank(own)) return false
    if (rank(own) === 2 && own !== other) return false
    // Text in front of a parameter has to be the same.
    if (rank(own) === 1) {
      const text = own.slice(0, own.indexOf(':'))
      if (!other.startsWith(text) || other === text) return false
      isWider ||= rank(other) > 1 || other.indexOf(':') > text.length
    }
  }
  return one.length === two.length && isWider
}

/** Refuses a pattern in the syntax of another router, which would match its text. Throws `TypeError`. */
export function checkPattern(path: string): void {
  for (const [syntax, meant] of FOREIGN) {
    if (syntax.test(path)) throw new TypeError(`route ${show(path)}: ${meant}`)
  }
}

/** Refuses a route that would hide one of `any`, or be hidden as that. Throws `ERR_ROUTE_CONFLICT`. */
export function checkHidden(method: string, path: string, routes: Iterable<Route>): void {
  for (const other of routes) {
    if ((other.method === '*') === (method === '*')) continue
    const [any, own] = method === '*' ? [path, other.pattern] : [other.pattern, path]
    if (!hides(own, any)) continue
    const verb = method === '*' ? other.method : method
    const both = `${JSON.stringify(any)} of any() would be hidden by ${verb} ${JSON.stringify(own)}`
    const message = `route ${both}, which is tried first: add it for ${verb} too`
    throw coded('ERR_ROUTE_CONFLICT', new Error(message))
  }
}
