import test, { type ExecutionContext } from 'ava'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folder } from '../support/folder.ts'
import type { Suite } from './suite.ts'
import { SUITES } from './table.ts'

// The runner of suites, tried with a project of three tests; hooks stand in for our server.

const PROJECT: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'fake', version: '1.0.0' }),
  'fake.test.js': `
    const assert = require('node:assert')
    const { once } = require('node:events')
    const http = require('node:http')
    const test = require('node:test')
    const answered = async (text) => {
      const server = http.createServer((req, res) => res.end(text)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      try {
        const answer = await fetch('http://127.0.0.1:' + server.address().port)
        assert.strictEqual(await answer.text(), text)
      } finally {
        server.close()
        server.closeAllConnections()
      }
    }
    test.describe('a server', () => {
      test('answers', () => answered('a'))
      test('has a name', async () => {
        await answered('b')
        assert.strictEqual(http.createServer().name, undefined)
      })
    })
    test('is left out', { skip: true }, () => {})
  `,
}

const STOCK = fileURLToPath(new URL('./hooks/stock.js', import.meta.url))

/** Preloads: what they do beyond counting as stock is counted. */
const HOOKS = {
  same: `import ${JSON.stringify(STOCK)}`,
  named: `import ${JSON.stringify(STOCK)}
    import { Server } from 'node:http'
    Server.prototype.name = 'other'`,
  strict: `import ${JSON.stringify(STOCK)}
    import { Server } from 'node:http'
    if (process.env.FASTHTTP_OPTIONS !== '{"noDelay":true}') Server.prototype.name = 'other'`,
  worse: `import ${JSON.stringify(STOCK)}
    import { Server, ServerResponse } from 'node:http'
    const { end } = ServerResponse.prototype
    if (process.env.FASTHTTP_OPTIONS === undefined) Server.prototype.name = 'other'
    else ServerResponse.prototype.end = function () { return end.call(this, 'none') }`,
  idle: `import { appendFileSync } from 'node:fs'
    process.on('exit', () => appendFileSync(process.env.FASTHTTP_REGISTER_LOG,
      JSON.stringify({ pid: process.pid, servers: 2, requests: 0, fallbacks: 0 }) + '\\n'))`,
  less: `import { appendFileSync } from 'node:fs'
    if (process.env.NODE_TEST_CONTEXT !== undefined)
      process.on('exit', () => appendFileSync(process.env.FASTHTTP_REGISTER_LOG,
        JSON.stringify({ pid: process.pid, servers: 2, requests: 1, fallbacks: 0 }) + '\\n'))`,
  fallen: `import ${JSON.stringify(STOCK)}
    import { appendFileSync } from 'node:fs'
    process.on('exit', () => appendFileSync(process.env.FASTHTTP_REGISTER_LOG,
      JSON.stringify({ pid: process.pid, servers: 1, requests: 0, fallbacks: 1 }) + '\\n'))`,
} as const

interface Run {
  readonly status: number | null
  readonly text: string
  readonly last: {
    readonly ok: boolean
    readonly suites: readonly {
      readonly stock: Record<string, number>
      readonly ours: Record<string, number>
      readonly verdict: Record<string, readonly unknown[]>
    }[]
  }
}

/** Of a suite, and what is listed as outside of it. */
type Given = Partial<Omit<Suite, 'outside'>> & {
  readonly outside?: Record<string, string>
}

function run(
  t: ExecutionContext,
  hook: keyof typeof HOOKS,
  expected: Record<string, string> = {},
  { outside = {}, ...given }: Given = {},
): Run {
  const place = folder(t)
  const write = (name: string, text: string): string => {
    writeFileSync(join(place, name), text)
    return join(place, name)
  }
  mkdirSync(join(place, 'project'))
  mkdirSync(join(place, 'expected'))
  for (const [name, text] of Object.entries(PROJECT)) write(join('project', name), text)
  write('expected/fake.json', JSON.stringify(expected))
  write('expected/fake.outside.json', JSON.stringify(outside))
  const suite: Suite = {
    name: 'fake',
    repository: 'nobody/fake',
    install: [],
    runner: 'node-test',
    args: ['fake.test.js'],
    stockPasses: 2,
    exceptions: 2,
    outside: 1,
    ...given,
  }
  const args = [
    ['--suites', write('suites.json', JSON.stringify([suite]))],
    ['--from', join(place, 'project')],
    ['--expected', join(place, 'expected')],
    ['--hook', write('hook.mjs', HOOKS[hook])],
  ]
  const file = fileURLToPath(new URL('./run.js', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, 'fake', ...args.flat()], {
    encoding: 'utf8',
    // The runner of AVA is not the one that runs the project.
    env: { PATH: process.env['PATH'] },
  })
  const last = stdout.trim().split('\n').at(-1) ?? ''
  return { status, text: stdout + stderr, last: JSON.parse(last || '{}') as Run['last'] }
}

const NAME = 'fake.test.js: a server > has a name'

test.serial('equal sides pass, with every test and request counted', (t) => {
  const { status, last, text } = run(t, 'same')
  t.is(status, 0, text)
  const [suite] = last.suites
  for (const side of [suite?.stock, suite?.ours]) {
    const { passed, failed, skipped, requests, servers } = side ?? {}
    t.deepEqual(
      { passed, failed, skipped, requests, servers },
      { passed: 2, failed: 0, skipped: 1, requests: 2, servers: 2 },
    )
  }
})

const CASES: [
  what: string,
  hook: keyof typeof HOOKS,
  expected: Record<string, string>,
  given: Given,
  status: number,
  said: RegExp,
][] = [
  ['an unlisted failure fails', 'named', {}, {}, 1, /UNLISTED {2}fake\.test\.js: a server > has a/],
  ['a listed failure passes', 'named', { [NAME]: 'names differ' }, {}, 0, /listed {4}fake\.test/],
  [
    'a listed test that passes fails',
    'same',
    { [NAME]: 'names' },
    {},
    1,
    /STALE {5}fake\.test\.js/,
  ],
  ['a listed test that nobody knows fails', 'same', { gone: 'names' }, {}, 1, /STALE {5}gone/],
  ['an exception without a reason fails', 'named', { [NAME]: ' ' }, {}, 1, /PROBLEM.*no reason/],
  [
    'an exception that says it is not done fails',
    'named',
    { [NAME]: 'Not implemented.' },
    {},
    1,
    /PROBLEM.*no reason/,
  ],
  [
    'more exceptions than allowed fail',
    'named',
    { [NAME]: 'names differ' },
    { exceptions: 0 },
    1,
    /1 exceptions are listed; 0 are allowed/,
  ],
  [
    'what is outside does not count',
    'named',
    {},
    { outside: { [NAME]: 'names differ' } },
    0,
    /outside {3}fake\.test\.js: a server > has a[^]*PASS {2}fake: 0 % fail/,
  ],
  [
    'what is outside without a reason fails',
    'named',
    {},
    { outside: { [NAME]: '' } },
    1,
    /PROBLEM.*no reason/,
  ],
  [
    'more outside than allowed fails',
    'named',
    {},
    { outside: { [NAME]: 'names differ', gone: 'names' } },
    1,
    /2 tests outside are listed; 1 are allowed/,
  ],
  [
    'what is outside and passes fails',
    'same',
    {},
    { outside: { [NAME]: 'names differ' } },
    1,
    /STALE {5}fake\.test\.js/,
  ],
  ['failures are a share of what stock passes', 'named', { [NAME]: 'n' }, {}, 0, /fake: 50 % fail/],
  ['no request served fails', 'idle', {}, {}, 1, /PROBLEM {3}our server served no request/],
  [
    'fewer requests than stock fail',
    'less',
    {},
    {},
    1,
    /UNLISTED {2}\(as many requests as stock\)/,
  ],
  ['as many as are allowed to differ pass', 'less', {}, { spread: 1 }, 0, /PASS {2}fake/],
  ['a server that fell back fails', 'fallen', {}, {}, 1, /PROBLEM.*fell back to node's own/],
  [
    'what passes with the options of a suite passes, and is told',
    'strict',
    {},
    { options: { noDelay: true } },
    0,
    /without {3}fake\.test\.js: a server > has a name\n {2}with FASTHTTP_OPTIONS='\{"noDelay":true\}'/,
  ],
  [
    'what fails with other options fails',
    'strict',
    {},
    { options: { noDelay: false } },
    1,
    /UNLISTED {2}fake\.test\.js: a server > has a/,
  ],
  [
    'what passes alone without the options of a suite does not pass with them',
    'worse',
    {},
    { options: { noDelay: true } },
    1,
    /UNLISTED {2}fake\.test\.js: a server > answers/,
  ],
  [
    'as many as may fall back pass',
    'fallen',
    {},
    // One in the process of the runner, and one in that of the test.
    { fallbacks: 2 },
    0,
    /PASS {2}fake/,
  ],
  ['a suite that stock fails is broken', 'same', {}, { stockPasses: 3 }, 1, /stock passes 2 tests/],
  [
    'a preparation that fails is told',
    'same',
    {},
    { install: [['node', '-e', 'process.exit(3)']] },
    1,
    /fake: node -e process\.exit\(3\) failed/,
  ],
]

for (const [what, hook, expected, given, status, said] of CASES) {
  test.serial(what, (t) => {
    const ran = run(t, hook, expected, given)
    t.is(ran.status, status, ran.text)
    t.regex(ran.text, said)
  })
}

test('every suite has a name of its own, and room for few exceptions', (t) => {
  t.is(new Set(SUITES.map(({ name }) => name)).size, SUITES.length)
  for (const { name, exceptions, stockPasses } of SUITES)
    t.true(exceptions <= stockPasses / 9, name)
})
