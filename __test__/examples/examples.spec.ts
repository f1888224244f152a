import test, { type ExecutionContext } from 'ava'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { folder } from '../support/folder.ts'
import { freePort } from '../support/place.ts'
import { start } from '../support/program.ts'
import { root } from '../support/root.ts'
import {
  type Ask,
  askFetch,
  askHello,
  askJsonApi,
  askMetrics,
  askNim,
  askRouter,
  askSpa,
  askSse,
  askUploads,
  askWebSocket,
  type Env,
} from './asked.ts'
import { startExample, stop } from './example.ts'
import { askCluster, askCookies, askImpatient, askShutdown } from './lives.ts'
import { askProxy } from './proxied.ts'

const examples = join(root, 'examples')

/** An example, and how it is asked. */
interface Row {
  readonly name: string
  readonly what?: string
  readonly ask: Ask
  readonly env?: (t: ExecutionContext) => Env | Promise<Env>
  /** Needs ports that workers share. */
  readonly shares?: boolean
  /** Its code in the end. Default 0. */
  readonly code?: number
  /** All that it may print to stderr. Default nothing. */
  readonly stderr?: RegExp
}

const ROWS: Row[] = [
  { name: 'hello', ask: askHello },
  { name: 'router', ask: askRouter },
  { name: 'asynchttpserver', ask: askNim },
  { name: 'fetch', ask: askFetch },
  { name: 'json-api', ask: askJsonApi },
  { name: 'auth-cookies', ask: askCookies, env: () => ({ SECRET: 'of the test' }) },
  { name: 'uploads', ask: askUploads, env: (t) => ({ UPLOADS: folder(t) }) },
  { name: 'sse', ask: askSse },
  { name: 'websocket', ask: askWebSocket },
  { name: 'spa', ask: askSpa },
  {
    name: 'reverse-proxy',
    ask: askProxy,
    env: async () => ({ UPSTREAM: `http://127.0.0.1:${await freePort('127.0.0.1')}` }),
    stderr: /^(?!.*(AbortError|TypeError|ERR_))/s,
  },
  { name: 'metrics-logging', ask: askMetrics },
  { name: 'graceful-shutdown', ask: askShutdown },
  {
    name: 'graceful-shutdown',
    what: 'told twice',
    ask: askImpatient,
    env: () => ({ NOTICE: '600000' }),
    code: 1,
  },
  {
    name: 'cluster',
    ask: askCluster,
    shares: true,
    env: async () => ({ PORT: String(await freePort('127.0.0.1')) }),
    stderr: /^worker \d+ ended with \w+: another one takes its place\n$/,
  },
]

const written = readdirSync(examples).filter((name) => name.endsWith('.ts'))

test('each example is in the table, and has less than 60 lines', (t) => {
  t.deepEqual([...new Set(ROWS.map(({ name }) => `${name}.ts`))].toSorted(), written.toSorted())
  for (const name of written) {
    const text = readFileSync(join(examples, name), 'utf8')
    t.true(text.trimEnd().split('\n').length < 60, name)
    t.regex(text, /^\/\/ /, `${name} says first what it shows`)
    t.notRegex(text, /from '\.\.?\//, `${name} imports what a user would`)
  }
})

for (const { name, what, ask, env = () => ({}), shares = false, code = 0, stderr = /^$/ } of ROWS) {
  const run = shares && process.platform !== 'linux' ? test.skip : test
  run(`${name}${what === undefined ? '' : `, ${what}`} does what it is for`, async (t) => {
    const given = await env(t)
    const example = await startExample(t, name, given)
    await ask(t, example, given)
    const ended = await stop(example)
    t.deepEqual([ended.code, ended.signal], [code, null])
    t.regex(ended.stderr, stderr)
  })
}

const onLinux = process.platform === 'linux' ? test : test.skip

onLinux('cluster gives up on a port that is taken', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  const { code, stdout, stderr } = await start(t, 'examples/cluster', {
    env: { PORT: String(port) },
  }).ended()
  t.is(code, 1)
  t.is(stdout, '')
  t.regex(stderr, /EADDRINUSE/)
  t.regex(stderr, /^worker \d+ ended with 1 before it listened: giving up$/m)
  t.notRegex(stderr, /another one takes its place/)
})
