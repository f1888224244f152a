import test from 'ava'
import { requireAbility } from '../../ts/crossing/abilities.ts'
import { type ListenOptions, checkAbilities } from '../../ts/server/listen.ts'
import { native } from '../../ts/crossing/native.ts'

const ALL = ['unixSockets', 'abstractSockets', 'reusePort', 'takeover']

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
