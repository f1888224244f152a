import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scaled } from '../support/deadline.ts'
import { root } from '../support/root.ts'
import { readServed } from './side.ts'

const FOLDER = join(root, '__test__/suites/smoke')

/** A small program that uses a package as its users do, and checks what it answers. */
interface Program {
  readonly name: string
  /** One of the few that run for each change. */
  readonly isQuick?: boolean
  /** The package makes the server, so that only a preload can take its place. */
  readonly hasOwn?: boolean
  /** It is served by `fasthttp/fetch`, and by nothing else. */
  readonly isFetch?: boolean
  /** The least major version of Node that the package is for. */
  readonly since?: number
}

const PROGRAMS: readonly Program[] = [
  { name: 'express5', isQuick: true },
  { name: 'express4', isQuick: true },
  { name: 'express-listen', isQuick: true, hasOwn: true },
  { name: 'koa', isQuick: true },
  { name: 'fastify', isQuick: true },
  { name: 'ws', isQuick: true },
  { name: 'supertest', isQuick: true },
  { name: 'nest', hasOwn: true },
  { name: 'connect' },
  { name: 'polka' },
  { name: 'next' },
  { name: 'apollo' },
  { name: 'yoga' },
  { name: 'trpc' },
  { name: 'http-proxy' },
  { name: 'socket.io' },
  { name: 'multer' },
  { name: 'helmet-cors' },
  { name: 'express-session' },
  { name: 'logging' },
  { name: 'passport' },
  { name: 'rate-limit' },
  { name: 'opentelemetry' },
  { name: 'sentry' },
  { name: 'dd-trace' },
  { name: 'newrelic' },
  ...[
    'hono',
    'h3',
    'srvx',
    'trpc',
    'yoga',
    'itty-router',
    'better-auth',
    'react-router',
    'ws',
    'crossws',
  ].map((name) => ({ name: `fetch-${name}`, isFetch: true })),
]

/** What a program is run with: node's own server, ours by name, or ours by preload. */
type Side = 'stock' | 'door' | 'hook'

/** How a program ended: well, left out, or not. */
type Ending = { readonly is: 'ok' } | { readonly is: 'skip' | 'fail'; readonly why: string }

/** What the programs are run with. */
export interface SmokeOptions {
  readonly isQuick: boolean
  readonly node: string
  /** The module that is imported in node:http's place. */
  readonly door: string
  /** What programs of the Fetch API are served by. */
  readonly fetch: string
  /** The preload. */
  readonly hook: string
}

/** Milliseconds for a program; one of them builds a site. */
const LIMIT = 90_000

function endingOf(program: Program, side: Side, options: SmokeOptions): Ending {
  if (program.isFetch === true && side !== 'door')
    return { is: 'skip', why: 'it has no server of node' }
  if (side === 'door' && program.hasOwn) return { is: 'skip', why: 'it makes its own server' }
  if (Number(spawnVersion(options.node)) < (program.since ?? 0))
    return { is: 'skip', why: `it needs Node ${program.since}` }
  const scratch = mkdtempSync(join(tmpdir(), 'smoke-'))
  try {
    const fetched = program.isFetch === true ? { ...options, door: options.fetch } : options
    return run(program, side, fetched, join(scratch, 'served.jsonl'))
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

const versions = new Map<string, string>()

function spawnVersion(node: string): string {
  const known = versions.get(node)
  if (known !== undefined) return known
  const asked = spawnSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' })
  versions.set(node, asked.stdout.trim())
  return asked.stdout.trim()
}

function run(program: Program, side: Side, options: SmokeOptions, log: string): Ending {
  const stock = new URL('./hooks/stock.js', import.meta.url).href
  const hook = { stock, door: undefined, hook: options.hook }[side]
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NODE_ENV: 'test',
    FASTHTTP_REGISTER_LOG: log,
    ...(side === 'door' ? { SMOKE_DOOR: options.door } : {}),
    ...(hook === undefined ? {} : { NODE_OPTIONS: `--import=${hook}` }),
  }
  const { status, signal, stdout, stderr } = spawnSync(
    options.node,
    [join(FOLDER, 'programs', `${program.name}.mjs`)],
    { cwd: FOLDER, env, encoding: 'utf8', timeout: scaled(LIMIT), killSignal: 'SIGKILL' },
  )
  const said = `${stdout}${stderr}`.trim()
  if (signal !== null) return { is: 'fail', why: `it did not end; ${said}` }
  if (status !== 0) return { is: 'fail', why: said }
  const last = stdout.trim().split('\n').at(-1) ?? ''
  const { asked, isExact } = JSON.parse(last) as { asked: number; isExact: boolean }
  const { requests, fallbacks } = readServed(log)
  if (fallbacks > 0) return { is: 'fail', why: `${fallbacks} servers fell back to node's own` }
  // A program that has our server by name is not counted by the preload; it looks at what it was given.
  const isServed = isExact ? requests === asked : requests >= asked
  if (side === 'door' ? asked === 0 : !isServed)
    return { is: 'fail', why: `the server had ${requests} requests, and was asked ${asked}` }
  return { is: 'ok' }
}

/** Installs the packages as the lockfile has them, if they are not there; scripts of theirs are not run. */
function install(isQuick: boolean): void {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(FOLDER, 'package.json'), 'utf8'),
  ) as { dependencies: Record<string, string>; devDependencies: Record<string, string> }
  const needed = Object.keys(isQuick ? dependencies : { ...dependencies, ...devDependencies })
  if (needed.every((name) => existsSync(join(FOLDER, 'node_modules', name)))) return
  const args = ['ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund']
  const { status, stderr } = spawnSync('npm', isQuick ? [...args, '--omit=dev'] : args, {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`npm ci failed: ${stderr}`)
}

/** Runs the programs; prints a line for each, and a line of JSON. Says whether all went well. */
export function smoke(options: SmokeOptions): boolean {
  install(options.isQuick)
  const counts = { ok: 0, fail: 0, skip: 0 }
  for (const program of PROGRAMS) {
    if (options.isQuick && !program.isQuick) continue
    const begun = performance.now()
    const endings = (['stock', 'door', 'hook'] as const).map(
      (side) => [side, endingOf(program, side, options)] as const,
    )
    const line = endings.map(([side, { is }]) => `${side} ${is}`.padEnd(12)).join('')
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    console.log(`${program.name.padEnd(16)}${line}${seconds} s`)
    for (const [side, ending] of endings) {
      counts[ending.is]++
      if (ending.is !== 'ok') console.log(`  ${side} ${ending.is}: ${ending.why.slice(0, 3000)}`)
    }
  }
  console.log(JSON.stringify({ ...counts, node: options.node }))
  return counts.fail === 0
}
