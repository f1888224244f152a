import test from 'ava'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Scope } from '../support/service.ts'
import { staged } from '../support/staged.ts'

/** What a registry does with the n-th package that it is given, counted from 0. */
type Fault = 'refuse' | 'take it and say nothing'

interface Registry {
  readonly url: string
  /** What it has taken, in order. */
  readonly taken: string[]
  /** Faults to come, by the number of the package that they meet. */
  readonly faults: Map<number, Fault>
  /** Does not show what it has taken, as one that is a mirror. */
  isBlind: boolean
}

interface Packument {
  readonly name: string
  readonly versions: Record<string, object>
}

async function textOf(req: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of req.setEncoding('utf8')) text += String(chunk)
  return text
}

/** A registry on loopback that keeps what it is given. */
async function startRegistry(t: Scope): Promise<Registry> {
  const packages = new Map<string, Packument>()
  const registry = {
    url: '',
    taken: [] as string[],
    faults: new Map<number, Fault>(),
    isBlind: false,
  }
  const answer = (res: ServerResponse, status: number, body: object): void =>
    void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

  async function take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const given = JSON.parse(await textOf(req)) as Packument
    const [version = ''] = Object.keys(given.versions)
    if (packages.get(given.name)?.versions[version] !== undefined) {
      const error = `You cannot publish over the previously published versions: ${version}.`
      return answer(res, 403, { error })
    }
    const at = registry.taken.length
    const fault = registry.faults.get(at)
    registry.faults.delete(at)
    if (fault === 'refuse') return answer(res, 403, { error: 'not today' })
    packages.set(given.name, given)
    registry.taken.push(given.name)
    if (fault === undefined) return answer(res, 201, { ok: true })
    res.destroy()
  }

  const server = createServer((req, res) => {
    const name = decodeURIComponent((req.url ?? '').slice(1).split('?')[0] ?? '')
    const known = registry.isBlind ? undefined : packages.get(name)
    if (req.method === 'PUT') void take(req, res)
    else if (known === undefined) answer(res, 404, { error: 'Not found' })
    else answer(res, 200, known)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  registry.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return registry
}

/** Runs npm/publish.mjs of a staged repository against a registry. */
async function publish(
  folder: string,
  { url }: Registry,
): Promise<{ code: unknown; said: string }> {
  writeFileSync(join(folder, '.npmrc'), `${url.replace('http:', '')}:_authToken=any\n`)
  const child = spawn(process.execPath, ['npm/publish.mjs'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      npm_config_registry: url,
      npm_config_cache: join(folder, 'target', 'cache'),
      // A registry that is silent is asked again at once, or not at all.
      npm_config_fetch_retries: '0',
      npm_config_update_notifier: 'false',
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'close')) as [unknown]
  return { code, said }
}

const NAMES =
  'linux-x64-gnu linux-arm64-gnu linux-x64-musl linux-arm64-musl darwin-x64 darwin-arm64 freebsd-x64 win32-x64-msvc'
    .split(' ')
    .map((name) => `fasthttp-${name}`)
const ALL = [...NAMES, 'fasthttp']

test('the packages of the platforms are published first, and a second run has nothing to do', async (t) => {
  const [folder, registry] = [staged(t), await startRegistry(t)]
  const first = await publish(folder, registry)
  t.is(first.code, 0, first.said)
  t.deepEqual(registry.taken, ALL)
  const second = await publish(folder, registry)
  t.is(second.code, 0, second.said)
  t.deepEqual(registry.taken, ALL)
  t.is(second.said.match(/: is there already$/gm)?.length, ALL.length)
})

/** Where a run breaks off, how, and what has been taken by then. */
const BROKEN: [at: number, fault: Fault, taken: number][] = [
  [8, 'refuse', 8],
  [8, 'take it and say nothing', 9],
]

for (const [at, fault, taken] of BROKEN) {
  test(`a run that breaks off at package ${at} (${fault}) is finished by another`, async (t) => {
    const [folder, registry] = [staged(t), await startRegistry(t)]
    registry.faults.set(at, fault)
    const broken = await publish(folder, registry)
    t.is(broken.code, 1, broken.said)
    t.true(
      broken.said.includes(`${ALL[at]} is not published, run this again for the rest`),
      broken.said,
    )
    t.deepEqual(registry.taken, ALL.slice(0, taken))
    const again = await publish(folder, registry)
    t.is(again.code, 0, again.said)
    t.deepEqual(registry.taken, ALL)
  })
}

test('a registry that does not show yet what it has taken is believed when it refuses a second time', async (t) => {
  const [folder, registry] = [staged(t), await startRegistry(t)]
  registry.faults.set(4, 'refuse')
  t.is((await publish(folder, registry)).code, 1)
  registry.isBlind = true
  const again = await publish(folder, registry)
  t.is(again.code, 0, again.said)
  t.deepEqual(registry.taken, ALL)
  t.is(again.said.match(/: is there already$/gm)?.length, 4)
})

/** What nothing is published with. */
const REFUSED: [what: string, spoil: (folder: string) => void, said: RegExp][] = [
  [
    'a source that is not compiled',
    (folder) => writeFileSync(join(folder, 'ts/errors.ts'), ''),
    /fasthttp: ts\/ does not compile|is not what ts\/ compiles to/,
  ],
  [
    'another binary in the package of a platform',
    (folder) => writeFileSync(join(folder, 'npm/darwin-x64/fasthttp.darwin-x64.node'), 'other'),
    /fasthttp: npm\/darwin-x64 has not the binary of prebuilds\//,
  ],
]

for (const [what, spoil, said] of REFUSED) {
  test(`with ${what} nothing is published`, async (t) => {
    const [folder, registry] = [staged(t), await startRegistry(t)]
    spoil(folder)
    const refused = await publish(folder, registry)
    t.is(refused.code, 1)
    t.regex(refused.said, said)
    t.deepEqual(registry.taken, [])
  })
}

test('a registry that cannot be asked is not published to', async (t) => {
  const folder = staged(t)
  const registry = await startRegistry(t)
  const gone = { ...registry, url: 'http://127.0.0.1:1/' }
  const { code, said } = await publish(folder, gone)
  t.is(code, 1)
  t.regex(said, /fasthttp: cannot tell whether fasthttp-linux-x64-gnu is published/)
})
