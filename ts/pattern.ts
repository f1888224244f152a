import { show } from './errors.ts'

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

/** Refuses a pattern in the syntax of another router, which would match its text. Throws `TypeError`. */
export function checkPattern(path: string): void {
  for (const [syntax, meant] of FOREIGN) {
    if (syntax.test(path)) throw new TypeError(`route ${show(path)}: ${meant}`)
  }
}
