// Runs one file of web-platform-tests in this process: node wpt-file.js <file>, in the folder of a copy that has
// `resources/testharness.js` in a folder above it. The requests that its tests make are counted, and made by a
// preload (hooks/wpt.ts) if there is one.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext, runInThisContext } from 'node:vm'
import { setGlobalOrigin } from 'undici'

const ORIGIN = 'http://web-platform.test:8000'

/** What the harness tells of a test, and how it ended: 0 is well, and 4 what it needs is not there. */
interface Told {
  readonly name: string
  readonly status: number
  readonly message?: string | null
}

const global = globalThis as unknown as Record<string, unknown> & {
  add_result_callback(told: (result: Told) => void): void
  add_completion_callback(done: () => void): void
}

function rootOf(folder: string): string {
  if (existsSync(join(folder, 'resources/testharness.js'))) return folder
  const above = dirname(folder)
  if (above === folder) throw new Error('there is no resources/testharness.js above the file')
  return rootOf(above)
}

/** The scripts of a test, in order, those of the harness left out. */
function scriptsOf(path: string, root: string): string[] {
  const text = readFileSync(path, 'utf8').replaceAll(/\{\{[^}]*\}\}/g, 'web-platform.test')
  const script = (name: string): string =>
    readFileSync(name.startsWith('/') ? join(root, name) : resolve(dirname(path), name), 'utf8')
  if (!path.endsWith('.html')) {
    const needed = [...text.matchAll(/^\/\/ META: script=(.*)$/gm)]
    return [...needed.map(([, name = '']) => script(name.trim())), text]
  }
  return [...text.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)].flatMap(([, names = '', body]) => {
    const name = /src="?([^">\s]+)/.exec(names)?.[1]
    if (name === undefined) return [body as string]
    return /testharness(?:report)?\.js$/.test(name) ? [] : [script(name)]
  })
}

let requests = 0

/** A `Request` that counts, and is made otherwise if somebody wants that. */
function countedRequest(): void {
  const make = global[Symbol.for('fasthttp.suites.wpt') as unknown as string] as
    ((target: typeof Request, args: unknown[]) => object) | undefined
  global['Request'] = new Proxy(Request, {
    construct(target, args: unknown[]) {
      requests++
      return make === undefined ? (Reflect.construct(target, args) as object) : make(target, args)
    },
  })
}

const path = resolve(process.argv[2] as string)
const root = rootOf(dirname(path))
const file = relative(process.cwd(), path)
const log = process.env['FASTHTTP_REGISTER_LOG']
const results = process.env['FASTHTTP_SUITES_RESULTS'] as string

// Tests about errors have them unhandled.
process.on('unhandledRejection', () => undefined)
process.on('exit', () => {
  const counted = { pid: process.pid, servers: 0, requests, fallbacks: 0 }
  if (log !== undefined) appendFileSync(log, `${JSON.stringify(counted)}\n`)
})

setFlagsFromString('--expose-gc')
Object.assign(global, {
  self: globalThis,
  window: globalThis,
  gc: runInNewContext('gc') as unknown,
  location: new URL(`/${relative(root, path)}`, ORIGIN),
  GLOBAL: { isWorker: () => false, isShadowRealm: () => false, isWindow: () => false },
})
setGlobalOrigin(global['location'] as URL)
runInThisContext(readFileSync(join(root, 'resources/testharness.js'), 'utf8'))
global.add_result_callback(({ name, status, message }) => {
  const state = status === 0 ? 'pass' : status === 4 ? 'skip' : 'fail'
  const error = message?.split('\n')[0]
  appendFileSync(results, `${JSON.stringify({ file, title: name, state, error })}\n`)
})
global.add_completion_callback(() => process.exit(0))
countedRequest()
for (const script of scriptsOf(path, root)) runInThisContext(script, { filename: path })
// In a page this comes when everything is loaded.
;(global['done'] as () => void)()
