import test, { type ExecutionContext } from 'ava'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { folder } from '../support/folder.ts'
import { nodeOf, VERSIONS } from '../support/nodes.ts'
import { type Program, start } from '../support/program.ts'

// Where ours cannot serve, node's own server does, and the process says so once.

/** What is done to node's internals before ours is loaded, and what the warning says of it. */
const BROKEN: [what: string, preload: string, said: RegExp | undefined][] = [
  ['nothing', '', undefined],
  [
    'a function that is gone',
    `const { freeParser } = process.getBuiltinModule('_http_common')
    Object.defineProperty(process.getBuiltinModule('_http_common'), 'freeParser', {
      get: () => (/internals\\.js/.test(new Error().stack) ? undefined : freeParser),
    })`,
    /there is no freeParser/,
  ],
  ['modules that cannot be had', 'process.getBuiltinModule = undefined', /there is no freeParser/],
  [
    'symbols of another name',
    `const find = Object.getOwnPropertySymbols
    Object.getOwnPropertySymbols = (of) => find(of).filter((one) => one.description !== 'ServerResponse')`,
    /there is no symbol of ServerResponse/,
  ],
  [
    'a class that cannot be called',
    `const http = process.getBuiltinModule('http')
    http.Server = class extends http.Server {}`,
    /TypeError: Class constructor/,
  ],
  [
    'a socket that must have a descriptor',
    `const { ServerResponse } = process.getBuiltinModule('http')
    const { assignSocket } = ServerResponse.prototype
    ServerResponse.prototype.assignSocket = function (socket) {
      if (!socket._handle) throw new Error('no handle')
      return assignSocket.call(this, socket)
    }`,
    /Error: no handle/,
  ],
  [
    'an end that is not told',
    `const { OutgoingMessage } = process.getBuiltinModule('http')
    const { end } = OutgoingMessage.prototype
    OutgoingMessage.prototype.end = function (...args) {
      if (this.socket && !this.socket._handle) this.socket.corkedByNode = () => {}
      return end.apply(this, args)
    }`,
    /which of its pieces is the last one/,
  ],
]

/** Waits for the program, which has been answered all the same. */
async function played(t: ExecutionContext, program: Program): Promise<Played> {
  const { code, stdout, stderr } = await program.ended(60_000)
  t.is(code, 0, stderr)
  const { answers, ...rest } = JSON.parse(stdout) as Played & { answers: string[] }
  t.deepEqual(answers, ['GET /a', 'POST /b hi', 'GET /a', 'POST /b hi'])
  return rest
}

/** What it says of its servers. */
interface Played {
  readonly warnings: readonly { code: string; message: string }[]
  readonly fallbacks: number
}

/** By what Node forbids addons, from which version on. */
const FORBIDDING: [flags: string[], since: number][] = [
  [['--no-addons'], 20],
  [['--permission', '--allow-fs-read=*', '--allow-net'], 26],
]

/** Asks a program with that version, which is told `before` its file, what it has heard. */
async function fellBack(
  t: ExecutionContext,
  version: number,
  before: string[],
  said: RegExp | undefined,
): Promise<void> {
  const node = nodeOf(version)
  if (node === undefined) {
    t.log(`SKIPPED: no Node ${version}; run __test__/fetch-nodes.sh`)
    t.pass()
    return
  }
  const env = { FASTHTTP_OPTIONS: '{"ioThreads":0}' }
  const { warnings, fallbacks } = await played(t, start(t, 'fallback', { node, before, env }))
  if (said === undefined) {
    t.deepEqual([warnings, fallbacks], [[], 0])
    return
  }
  t.is(fallbacks, 2)
  t.deepEqual(
    warnings.map((warning) => warning.code),
    ['FASTHTTP_NODE_FALLBACK'],
  )
  t.regex(warnings[0]?.message ?? '', said)
}

for (const version of VERSIONS) {
  for (const [what, preload, said] of BROKEN) {
    test(`node's own server serves with one warning: ${what}; Node ${version}`, async (t) => {
      const path = join(folder(t), 'preload.mjs')
      writeFileSync(path, preload)
      await fellBack(t, version, [`--import=${pathToFileURL(path).href}`], said)
    })
  }

  for (const [flags] of FORBIDDING.filter(([, since]) => version >= since)) {
    test(`node's own server serves with one warning: ${flags[0]}; Node ${version}`, async (t) => {
      const register = ['--import', 'fasthttp/register']
      await fellBack(t, version, [...flags, ...register], /: Node forbids addons \(/)
    })
  }
}
