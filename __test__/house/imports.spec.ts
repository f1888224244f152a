import test from 'ava'
import { readImports } from './imports.ts'

/** A module, what it imports, and what of it leads nobody knows where. */
const CASES: [what: string, source: string, from: string[], strays?: string[]][] = [
  ['a name', "import { a } from './a.ts'", ['./a.ts']],
  ['names on lines', "import {\n  a,\n  type B,\n} from './a.ts'", ['./a.ts']],
  ['double quotes', 'import { a } from "./a.ts"', ['./a.ts']],
  ['an export', "export { a } from './a.ts'\nexport * from './b.ts'", ['./a.ts', './b.ts']],
  ['a side effect', "import './a.ts'", ['./a.ts']],
  ['behind a semicolon', "const a = 1;import { b } from './b.ts'", ['./b.ts']],
  ['indented', "  import { b } from './b.ts'", ['./b.ts']],
  ['without spaces', "import*as b from'./b.ts'", ['./b.ts']],
  ['a type', "export type X = import('./a.ts').X", ['./a.ts']],
  ['the type of a module', "type X = typeof import('./a.ts')", ['./a.ts']],
  ['at run time', "const a = await import( './a.ts' )", ['./a.ts']],
  ['in a template', 'const a = await import(`./a.ts`)', ['./a.ts']],
  ['within a template', "const a = `${require('./a.js')}`", ['./a.js']],
  ['require', "const a = require('./a.js')", ['./a.js']],
  ['import and require', "import a = require('./a.js')", ['./a.js']],
  ['a declared module', "declare module './a.ts' { interface A {} }", ['./a.ts']],
  ['a reference', '/// <reference path="./a.ts" />', ['./a.ts']],
  ['a comment between', "import { a } from /* here */ './a.ts'", ['./a.ts']],
  ['a comment', "// import './a.ts'\n/* import './b.ts' */", []],
  ['what looks like a comment', "const a = '//'; import './a.ts'", ['./a.ts']],
  ['a pattern', "const a = /['\"`/]/.test(b); import './a.ts'", ['./a.ts']],
  ['a division', "const a = b / 2; import './a.ts'; const c = d / 3", ['./a.ts']],
  ['words', "const a = 'import b from c'", []],
  ['folders', "const a = ['..', '../../', './']", []],
  ['a require of its own', "createRequire(here)('./a.js')", [], ['./a.js']],
  ['a resolved path', "import.meta.resolve('./a.ts')", [], ['./a.ts']],
  ['a worker', "new Worker(new URL('./a.js', here))", [], ['./a.js']],
  ['a path in pieces', "const a = './a' + '.ts'", [], ['./a']],
  ['a computed path', 'import(a)', [], ['import(a)']],
  ['a computed require', 'require(a)', [], ['require(a)']],
  ['a path with a hole', 'import(`./${a}.ts`)', [], ['./\0.ts']],
  ['the package', "import { a } from 'fasthttp'", ['fasthttp']],
  ['the package by a require of its own', "own('fasthttp/x')", [], ['fasthttp/x']],
]

for (const [what, source, from, strays = []] of CASES) {
  test(`imports are told: ${what}`, (t) => {
    const found = readImports(source)
    t.deepEqual(
      found.imports.map((one) => one.from),
      from,
    )
    t.deepEqual([...new Set(found.strays)], strays)
  })
}

const NAMES: [source: string, names: string, isType: boolean][] = [
  ["import { a } from './a.ts'", '{ a }', false],
  ["import { a, type B } from './a.ts'", '{ a, type B }', false],
  ["import { type A, type B } from './a.ts'", '{ type A, type B }', true],
  ["import type { A } from './a.ts'", 'type { A }', true],
  ["export type * from './a.ts'", 'type *', true],
  ["import './a.ts'", 'import', false],
  ["type A = typeof import('./a.ts')", 'import()', true],
  ["type A = import('./a.ts').A", 'import()', false],
  ["const a = require('./a.ts')", 'require()', false],
]

for (const [source, names, isType] of NAMES) {
  test(`the names of an import are told: ${source}`, (t) => {
    t.like(readImports(source).imports, [{ names, isType }])
  })
}

test('what cannot be read is not passed over', (t) => {
  t.throws(() => readImports("const a = 'x\nimport './a.ts'"), { message: /no end of 'x/ })
  t.throws(() => readImports('const a = `x'), { message: /template/ })
})
