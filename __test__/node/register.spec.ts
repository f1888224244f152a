import test from 'ava'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folder } from '../support/folder.ts'
import { type Ended, start } from '../support/program.ts'
import type { Scope } from '../support/service.ts'

// Programs that make their own servers, with ours in place of node's.

function run(t: Scope, options: string, log = ''): Promise<Ended> {
  const program = start(t, 'registered', {
    before: ['--import', 'fasthttp/register'],
    env: { FASTHTTP_OPTIONS: options, FASTHTTP_REGISTER_LOG: log },
  })
  return program.ended(60_000)
}

test('options stand for what a program does not say itself', async (t) => {
  const log = join(folder(t), 'log')
  const given = { keepAliveTimeout: 7000, requireHostHeader: false, headersTimeout: 8000 }
  const { code, stdout, stderr } = await run(t, JSON.stringify(given), log)
  t.deepEqual([code, stderr], [0, ''])
  t.deepEqual(JSON.parse(stdout), {
    none: [7000, 8000],
    own: [9000, 8000],
    // By name and by `new` it is the same server.
    made: [7000, 8000],
    answer: 'HTTP/1.1 200 OK',
  })
  const told = JSON.parse(readFileSync(log, 'utf8')) as object
  t.like(told, { servers: 1, requests: 1, fallbacks: 0 })
})

test('without them a program has what node gives it', async (t) => {
  const { code, stdout, stderr } = await run(t, '')
  t.deepEqual([code, stderr], [0, ''])
  t.deepEqual(JSON.parse(stdout), {
    none: [5000, 60_000],
    own: [9000, 60_000],
    made: [5000, 60_000],
    answer: 'HTTP/1.1 400 Bad Request',
  })
})

test('as many requests are told as node tells of, whoever answers them', async (t) => {
  const stock = fileURLToPath(new URL('../suites/hooks/stock.js', import.meta.url))
  const told = await Promise.all(
    [stock, 'fasthttp/register'].map(async (hook, i) => {
      const log = join(folder(t), String(i))
      const program = start(t, 'counting', {
        before: ['--import', hook],
        env: { FASTHTTP_REGISTER_LOG: log },
      })
      const { code, stderr } = await program.ended(60_000)
      t.deepEqual([code, stderr], [0, ''])
      const { servers, requests } = JSON.parse(readFileSync(log, 'utf8')) as Record<string, number>
      return { servers, requests }
    }),
  )
  t.deepEqual(told, [
    { servers: 1, requests: 6 },
    { servers: 1, requests: 6 },
  ])
})

const WRONG: [options: string, said: RegExp][] = [
  ['{', /FASTHTTP_OPTIONS is no JSON: /],
  ['[]', /FASTHTTP_OPTIONS must be an object of options, got an array/],
  ['null', /FASTHTTP_OPTIONS must be an object of options, got null/],
  ['{"keepalive":1}', /FASTHTTP_OPTIONS: there is no option "keepalive" among .*keepAlive, /],
  ['{"constructor":1}', /FASTHTTP_OPTIONS: there is no option "constructor"/],
  ['{"noDelay":1}', /FASTHTTP_OPTIONS: noDelay must be a boolean, got 1/],
  ['{"keepAliveTimeout":-1}', /FASTHTTP_OPTIONS: .*"keepAliveTimeout" is out of range/],
  ['{"ioThreads":65}', /FASTHTTP_OPTIONS: ioThreads must be an integer from 0 to 64, got 65/],
]

for (const [options, said] of WRONG) {
  test(`a program does not start with ${options}`, async (t) => {
    const { code, stdout, stderr } = await run(t, options)
    t.deepEqual([code, stdout], [1, ''])
    t.regex(stderr, said)
  })
}
