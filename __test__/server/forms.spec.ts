import test, { type ExecutionContext } from 'ava'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from '../../ts/index.ts'
import { answers, freePort } from '../support/place.ts'
import { within } from '../support/deadline.ts'

// The argument forms of node's listen.

const folder = mkdtempSync(join(tmpdir(), 'fasthttp-forms-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

function server(t: ExecutionContext): Server {
  const made = createServer(() => 'ok')
  t.teardown(() => made.close())
  return made
}

/** Forms of listen, given a free port and a path. */
type Form = (made: Server, port: number, path: string, done: () => void) => Promise<Server>
const FORMS: [name: string, form: Form, kind: 'port' | 'any' | 'path', calls: boolean][] = [
  ['()', (made) => made.listen(), 'any', false],
  ['(callback)', (made, _, __, done) => made.listen(done as never), 'any', true],
  ['(port)', (made, port) => made.listen(port), 'port', false],
  ['(port, callback)', (made, port, _, done) => made.listen(port, done as never), 'port', true],
  ['(port, host)', (made, port) => made.listen(port, '127.0.0.1'), 'port', false],
  [
    '(port, host, callback)',
    (made, port, _, done) => made.listen(port, '127.0.0.1', done as never),
    'port',
    true,
  ],
  ['(port, host, backlog)', (made, port) => made.listen(port, '127.0.0.1', 5), 'port', false],
  [
    '(port, host, backlog, callback)',
    (made, port, _, done) => made.listen(port, '127.0.0.1', 5, done),
    'port',
    true,
  ],
  ['(port, backlog)', (made, port) => made.listen(port, 5 as never), 'port', false],
  [
    '(port, undefined, undefined, callback)',
    (made, port, _, done) => made.listen(port, undefined, undefined, done),
    'port',
    true,
  ],
  ['(null)', (made) => made.listen(null as never), 'any', false],
  ['("port")', (made, port) => made.listen(String(port)), 'port', false],
  ['({ port })', (made, port) => made.listen({ port }), 'port', false],
  [
    '({ port, host, backlog }, callback)',
    (made, port, _, done) => made.listen({ port, host: '127.0.0.1', backlog: 9 }, done),
    'port',
    true,
  ],
  ['({ host })', (made) => made.listen({ host: '127.0.0.1' }), 'any', false],
  ['({})', (made) => made.listen({}), 'any', false],
  ['(path)', (made, _, path) => made.listen(path), 'path', false],
  ['(path, callback)', (made, _, path, done) => made.listen(path, done), 'path', true],
  ['({ path })', (made, _, path) => made.listen({ path }), 'path', false],
]

for (const [i, [name, form, kind, calls]] of FORMS.entries()) {
  test.serial(`listen${name}: promise, event and callback, and it answers there`, async (t) => {
    const made = server(t)
    const [port, path] = [await freePort('127.0.0.1'), join(folder, `form-${i}`)]
    const heard: string[] = []
    made.on('listening', () => heard.push('event'))
    const listening = form(made, port, path, () => heard.push('callback'))
    t.is(await within('listen', listening), made)
    t.deepEqual(heard.toSorted(), calls ? ['callback', 'event'] : ['event'])
    t.true(made.listening)
    const address = made.address()
    if (kind === 'path') t.is(address, path)
    else if (kind === 'port') t.is((address as AddressInfo).port, port)
    t.true(await answers(t, kind === 'path' ? path : (address as AddressInfo).port))
  })
}

const WRONG: [name: string, args: unknown[], code?: string][] = [
  ['a port of 65536', [65536], 'ERR_SOCKET_BAD_PORT'],
  ['a port of -1', [-1], 'ERR_SOCKET_BAD_PORT'],
  ['a port of 1.5', [1.5], 'ERR_SOCKET_BAD_PORT'],
  ['a port of NaN', [Number.NaN], 'ERR_SOCKET_BAD_PORT'],
  ['a port of "70000"', ['70000'], 'ERR_SOCKET_BAD_PORT'],
  ['an option port of "x"', [{ port: 'x' }], 'ERR_SOCKET_BAD_PORT'],
  ['an option port of true', [{ port: true }], 'ERR_SOCKET_BAD_PORT'],
  ['a boolean', [true]],
  ['a host of 7', [{ host: 7 }]],
  ['an empty path', [{ path: '' }]],
  ['a path of 7', [{ path: 7 }]],
  ['path and port', [{ path: '/x', port: 1 }]],
  ['path and host', [{ path: '/x', host: 'h' }]],
  ['a backlog of 0', [{ backlog: 0 }]],
  ['a backlog of text', [{ backlog: '5' }]],
  ['ipv6Only of 1', [{ ipv6Only: 1 }]],
  ['reusePort of 1', [{ reusePort: 1 }]],
  ['exclusive of 1', [{ exclusive: 1 }]],
  ['a signal that is none', [{ signal: {} }]],
]

for (const [name, args, code] of WRONG) {
  test(`listen throws at once for ${name}`, (t) => {
    const made = server(t)
    const listen = made.listen.bind(made) as (...args: unknown[]) => unknown
    const error = t.throws(() => listen(...args)) as { code?: string } | undefined
    t.true(error instanceof TypeError || error instanceof RangeError)
    if (code !== undefined) t.is(error?.code, code)
    t.false(made.listening)
  })
}
