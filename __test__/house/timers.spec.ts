import test from 'ava'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from '../support/root.ts'
import { importsOf } from './imports.ts'

// A test that puts false timers in place of the globals means those of its own code: ours take them from
// ts/crossing/timers.ts, where they were put when the package was loaded.

/** A call, but for a method and its declaration. */
const CALL =
  /(?<![.\w#]|function )(setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|queueMicrotask)\((?!\w+: )/g

/** The timers of a module that are the globals. */
function globalsIn(source: string): string[] {
  const code = source.replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '')
  const own = importsOf(source)
    .filter(({ from }) => from.endsWith('crossing/timers.ts') || from === './timers.ts')
    .flatMap(({ names }) => names.replaceAll(/[{}]/g, '').split(','))
    .map((name) => name.trim())
  return [...code.matchAll(CALL)].map(([, name = '']) => name).filter((name) => !own.includes(name))
}

const CASES: [what: string, source: string, found: string[]][] = [
  ['a global', 'setTimeout(f, 1)', ['setTimeout']],
  ['one of ours', "import { setTimeout } from '../crossing/timers.ts'\nsetTimeout(f, 1)", []],
  [
    'another than ours',
    "import { nextTick } from '../crossing/timers.ts'\nvoid setImmediate(f)",
    ['setImmediate'],
  ],
  ['a method', 'socket.setTimeout(1)', []],
  ['its declaration', 'class A { setTimeout(ms: number): void {} }', []],
  ['a comment', '// setTimeout(f, 1)\n/* setInterval(f) */', []],
]

for (const [what, source, found] of CASES) {
  test(`timers are found in ${what}`, (t) => t.deepEqual(globalsIn(source), found))
}

test('no module of ours waits for a timer that somebody may replace', (t) => {
  const files = readdirSync(join(root, 'ts'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'timers.ts')
    .map(({ parentPath, name }) => join(parentPath, name))
  t.true(files.length > 100)
  for (const path of files)
    t.deepEqual(globalsIn(readFileSync(path, 'utf8')), [], relative(root, path))
})
