import test from 'ava'
import { requireAbility, requireSharedThread } from '../../ts/crossing/abilities.ts'
import { type ListenOptions, checkAbilities } from '../../ts/server/listen.ts'
import { native } from '../../ts/crossing/native.ts'

const ALL = ['unixSockets', 'abstractSockets', 'reusePort', 'takeover', 'sharedThread']

const ASKED: [options: ListenOptions, lacking: string[], refused?: RegExp][] = [
  [{ port: 1 }, ALL],
  [{ port: 1, reusePort: false }, ALL],
  [{ port: 1, reusePort: true }, []],
  [{ port: 1, reusePort: true }, ['reusePort'], /cannot listen with reusePort$/],
  [{ path: '/s' }, ['abstractSockets', 'reusePort']],
  [{ path: '/s' }, ALL, /cannot listen on a path$/],
  [{ path: '\0s' }, ['reusePort']],
  [{ path: '\0s' }, ['abstractSockets'], /cannot listen on an abstract path$/],
]

for (const [options, lacking, refused] of ASKED) {
  const name = `listen(${JSON.stringify(options)}) without ${lacking.join(', ') || 'nothing'}`
  test(`${name} is ${refused === undefined ? 'tried' : 'ERR_UNSUPPORTED'}`, (t) => {
    const ask = (): void => checkAbilities(options, lacking)
    if (refused === undefined) t.notThrows(ask)
    else t.throws(ask, { code: 'ERR_UNSUPPORTED', message: refused })
  })
}

test('a connection is taken over where a descriptor can be, else it is ERR_UNSUPPORTED', (t) => {
  t.notThrows(() => requireAbility('takeover', ['reusePort']))
  t.throws(() => requireAbility('takeover', ALL), {
    code: 'ERR_UNSUPPORTED',
    message: /cannot take a connection over$/,
  })
})

/** What the runtime says of itself, what the platform lacks, whether libuv is there, and what is said. */
const RUNTIMES: [versions: object, lacking: string[], hasLibuv: boolean, refused?: RegExp][] = [
  [{ node: '26.0.0', uv: '1.52.0' }, [], true],
  [{ node: '26.0.0' }, ['reusePort'], true],
  [{ node: '26.0.0' }, ALL, true, /^\w+ cannot serve without threads/],
  [{ node: '26.0.0' }, [], false, /^this build of Node cannot/],
  [{ node: '24.3.0', bun: '1.3.0' }, [], true, /^Bun cannot/],
  [{ node: '24.3.0', deno: '2.5.0' }, [], true, /^Deno cannot/],
  [{ node: '22.0.0', electron: '36.0.0' }, [], true, /^Electron cannot/],
]

for (const [versions, lacking, hasLibuv, refused] of RUNTIMES) {
  const name = `${JSON.stringify(versions)}, ${hasLibuv ? 'with' : 'without'} libuv, without ${lacking.length}`
  test(`${name}: ioThreads: 0 is ${refused === undefined ? 'tried' : 'ERR_UNSUPPORTED'}`, (t) => {
    let asked = 0
    const ask = (): void =>
      requireSharedThread({ ...versions }, lacking, () => {
        asked++
        return hasLibuv
      })
    if (refused === undefined) t.notThrows(ask)
    else t.throws(ask, { code: 'ERR_UNSUPPORTED', message: refused })
    // Elsewhere such a question may end the process.
    if (Object.keys(versions).some((key) => ['bun', 'deno', 'electron'].includes(key)))
      t.is(asked, 0)
  })
}

/** As the table in native/net/platform.rs says. */
const LACKING: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [],
  freebsd: ['abstractSockets'],
  darwin: ['abstractSockets', 'reusePort'],
  win32: ALL,
}

test('the addon says what this platform lacks', (t) => {
  t.deepEqual(native.lacking(), LACKING[process.platform])
})
