import test from 'ava'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { candidates, type Host, loadNative, nativeHost } from '../../ts/crossing/native.ts'
import { start } from '../support/program.ts'
import { root } from '../support/root.ts'

/** A path of the package, as its users see it. */
const within = (id: string): string => relative(root, id).split(sep).join('/')
const places = (host: Host): string[] =>
  candidates(host).map((id) => (id.endsWith('.node') ? within(id) : id))

const HOSTS: [host: Host, places: string[]][] = [
  [
    { platform: 'linux', arch: 'x64', libc: 'glibc' },
    [
      'npm/local/fasthttp.linux-x64-gnu.node',
      'prebuilds/linux-x64/fasthttp.glibc.node',
      'prebuilds/linux-x64/fasthttp.musl.node',
      'fasthttp-linux-x64-gnu',
    ],
  ],
  [
    { platform: 'linux', arch: 'arm64', libc: 'musl' },
    [
      'npm/local/fasthttp.linux-arm64-musl.node',
      'prebuilds/linux-arm64/fasthttp.musl.node',
      'prebuilds/linux-arm64/fasthttp.glibc.node',
      'fasthttp-linux-arm64-musl',
    ],
  ],
  [
    { platform: 'darwin', arch: 'arm64' },
    [
      'npm/local/fasthttp.darwin-arm64.node',
      'prebuilds/darwin-arm64/fasthttp.node',
      'fasthttp-darwin-arm64',
    ],
  ],
  [
    { platform: 'freebsd', arch: 'x64' },
    [
      'npm/local/fasthttp.freebsd-x64.node',
      'prebuilds/freebsd-x64/fasthttp.node',
      'fasthttp-freebsd-x64',
    ],
  ],
  [
    { platform: 'win32', arch: 'x64' },
    [
      'npm/local/fasthttp.win32-x64-msvc.node',
      'prebuilds/win32-x64/fasthttp.node',
      'fasthttp-win32-x64-msvc',
    ],
  ],
]

for (const [host, expected] of HOSTS) {
  const name = Object.values(host).join(' ')
  test(`on ${name} binaries are looked for in this order`, (t) => {
    t.deepEqual(places(host), expected)
  })

  test(`on ${name} any place will do, and nothing behind it is tried`, (t) => {
    for (const [i, there] of candidates(host).entries()) {
      const tried: string[] = []
      const loaded = loadNative(host, undefined, (id) => {
        tried.push(id)
        if (id !== there) throw new Error('cannot open shared object file')
        return { from: id }
      })
      t.deepEqual(loaded as unknown, { from: there })
      t.deepEqual(tried, candidates(host).slice(0, i + 1))
    }
  })
}

const missing = (): never => {
  throw Object.assign(new Error('Cannot find module\nRequire stack:'), { code: 'MODULE_NOT_FOUND' })
}

test('without a binary one error lists what was tried, why it failed, and what to do', (t) => {
  const host: Host = { platform: 'linux', arch: 'x64', libc: 'musl' }
  const error = t.throws(
    () =>
      loadNative(host, undefined, (id) => {
        if (!id.endsWith('glibc.node')) missing()
        throw new Error('libc.so.6: cannot open\nshared object file')
      }),
    { code: 'ERR_NO_BINARY' },
  )
  const [head, ...lines] = error?.message.split('\n') ?? []
  t.is(head, 'fasthttp found no native binary for linux x64 musl. Tried:')
  const [local, musl, glibc, own] = candidates(host)
  t.deepEqual(lines.slice(0, 4), [
    `  ${local}: not there`,
    `  ${musl}: not there`,
    `  ${glibc}: libc.so.6: cannot open`,
    `  ${own}: not there`,
  ])
  t.regex(lines.slice(4).join('\n'), /linux \(x64, arm64.*musl\).*FASTHTTP_NATIVE_PATH/)
  t.regex(lines.slice(4).join('\n'), /bundle.*--external:fasthttp/)
})

test('FASTHTTP_NATIVE_PATH is the only one that is tried', (t) => {
  const host: Host = { platform: 'plan9', arch: 'mips' }
  const tried: string[] = []
  const loaded = loadNative(host, 'some/where.node', (id) => tried.push(id))
  t.is(loaded as unknown, 1)
  t.deepEqual(tried, [join(process.cwd(), 'some/where.node')])
  const error = t.throws(() => loadNative(host, 'some/where.node', missing))
  t.regex(error?.message ?? '', /plan9 mips\. Tried:\n.*where\.node: not there\n.*unset it/)
})

test('a process with a wrong FASTHTTP_NATIVE_PATH says so, and one with a right one serves', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fasthttp-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const wrong = join(folder, 'wrong.node')
  writeFileSync(wrong, 'no binary')
  const refused = await start(t, 'smoke', { env: { FASTHTTP_NATIVE_PATH: wrong } }).ended()
  t.is(refused.code, 1)
  t.regex(refused.stderr, /ERR_NO_BINARY/)
  t.true(refused.stderr.includes(wrong))
  const right = candidates(nativeHost()).at(0) ?? ''
  const served = await start(t, 'smoke', { env: { FASTHTTP_NATIVE_PATH: right } }).ended()
  t.deepEqual([served.code, served.stderr], [0, ''])
})

for (const door of ['', '/asynchttpserver', '/fetch']) {
  test(`fasthttp${door} says that Node forbids addons`, async (t) => {
    const before = ['--no-addons', '--import', `fasthttp${door}`]
    const { code, stderr } = await start(t, 'smoke', { before }).ended()
    t.is(code, 1)
    t.regex(stderr, /Node forbids addons \(--no-addons, [^]*code: 'ERR_NO_BINARY'/)
  })
}
