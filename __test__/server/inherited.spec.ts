import anyTest, { type ExecutionContext } from 'ava'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { type AddressInfo, createConnection } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { createServer, type ListenOptions } from '../../ts/index.ts'
import { systemdSocket } from '../../ts/server/systemd.ts'
import { get } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { type Program, start } from '../support/program.ts'
import { connectFor, serve } from '../support/service.ts'

// There are no such descriptors on Windows.
const test = process.platform === 'win32' ? anyTest.skip : anyTest

/** Connects at least, each with one request; `FASTHTTP_CONNECTS` are those of a run by hand. */
const CONNECTS = Number(process.env['FASTHTTP_CONNECTS'] ?? 5000)

/** A program that goes on with these descriptors. */
async function heirOf(t: ExecutionContext, fd: number, options: ListenOptions): Promise<Program> {
  const heir = start(t, 'heir', { args: [JSON.stringify(options)], passed: [fd] })
  const line = await heir.line()
  if (!line.startsWith('listens ')) throw new Error(line)
  return heir
}

/** One request on a connection of its own, from one of many addresses; what it is answered, or how it failed. */
function askFrom(localAddress: string | undefined, port: number): Promise<string> {
  return new Promise((resolve) => {
    const from = localAddress === undefined ? {} : { localAddress }
    const socket = createConnection({ port, host: '127.0.0.1', ...from })
    let text = ''
    socket.on('connect', () => void socket.write(get('/', 'Connection: close\r\n')))
    socket.on('data', (bytes: Buffer) => (text += bytes.toString()))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.syscall} ${error.code}`))
    socket.on('end', () => resolve(text.split('\r\n\r\n')[1] ?? 'nothing'))
  })
}

/** An address of 127.0.0.0/8 where all of them are this machine's. */
function source(i: number): string | undefined {
  return process.platform === 'linux'
    ? `127.${i & 127}.${(i >> 7) & 255}.${1 + (i % 250)}`
    : undefined
}

test('a descriptor that is passed on loses no connect', async (t) => {
  const { server, port } = await serve(t, () => 'parent')
  const counts = new Map<string, number>()
  let done = 0
  const count = async (i: number): Promise<void> => {
    const how = await within('an answer', askFrom(source(i), port))
    counts.set(how, (counts.get(how) ?? 0) + 1)
    done++
  }
  // Without a pause, until half of them have come behind the beginning of the end.
  let [begun, most] = [0, Infinity]
  const client = async (): Promise<void> => {
    while (begun < most) await count(begun++)
  }
  const load = Promise.all(Array.from({ length: 50 }, client))
  await until('some are answered', () => done > CONNECTS / 5)
  const heir = await heirOf(t, server.fd(), { fd: 3 })
  const drained = server.drain()
  most = Math.max(CONNECTS, begun + CONNECTS / 2)
  await load
  await within('drain', drained)
  t.deepEqual([...counts.keys()].toSorted(), ['heir', 'parent'])
  t.is((counts.get('heir') ?? 0) + (counts.get('parent') ?? 0), begun)
  heir.say('end')
  t.is((await heir.ended()).code, 0)
})

test('a Unix socket is taken over by a successor, and its path with it', async (t) => {
  const path = join(folder(t), 'socket')
  const { server } = await serve(t, () => 'parent', {}, { path })
  const heir = await heirOf(t, server.fd(), { fd: 3 })
  await server.close()
  t.true(existsSync(path))
  t.is((await (await connectFor(t, path)).get('/')).body.toString(), 'heir')
  heir.say('end')
  t.is((await heir.ended()).code, 0)
  // Whose it is not it does not remove.
  t.true(existsSync(path))
})

test('workers of a cluster share the descriptor of their primary', async (t) => {
  const primary = start(t, 'cluster-heirs')
  const port = Number(await primary.line())
  const answers = new Set<string>()
  await within(
    'each worker answers',
    (async () => {
      while (answers.size < 2) answers.add(await askFrom(undefined, port))
    })(),
  )
  t.deepEqual([...answers].toSorted(), ['worker 1', 'worker 2'])
  primary.say('end')
  t.is((await primary.ended()).code, 0)
})

test('what is no such socket is refused with an error of node', async (t) => {
  const file = openSync('/dev/null', 'r')
  t.teardown(() => closeSync(file))
  for (const [fd, code] of [
    [file, 'EINVAL'],
    [1 << 20, 'EBADF'],
  ] as const) {
    const error = await t.throwsAsync(createServer(() => 'ok').listen({ fd }), { code })
    t.regex(error?.message ?? '', new RegExp(`^listen ${code}: .* fd ${fd}$`))
  }
  // It was left alone.
  t.notThrows(() => closeSync(openSync('/dev/null', 'r')))
})

test('a connection that is taken for a listener goes on', async (t) => {
  const { port } = await serve(t, () => 'ok')
  const socket = createConnection({ port, host: '127.0.0.1' })
  t.teardown(() => void socket.destroy())
  await within('connect', once(socket, 'connect'))
  const fd = Reflect.get(Reflect.get(socket, '_handle') as object, 'fd') as number
  await t.throwsAsync(createServer(() => 'ok').listen({ fd }), { code: 'EINVAL' })
  socket.write(get('/'))
  const [answer] = await within('an answer', once(socket, 'data'))
  t.regex(String(answer), /^HTTP\/1\.1 200 /)
})

test('the socket of a server of this process is not taken twice', async (t) => {
  const { server, connect } = await serve(t, () => 'ok')
  const heir = createServer(() => 'heir')
  await t.throwsAsync(heir.listen({ fd: server.fd() }), {
    code: 'EBUSY',
    message: /^listen EBUSY: .* fd \d+$/,
  })
  t.is((await (await connect()).get('/')).body.toString(), 'ok')
})

test('fd belongs to a server that listens', async (t) => {
  const server = createServer(() => 'ok')
  t.throws(() => server.fd(), { code: 'ERR_SERVER_NOT_RUNNING' })
  await server.listen(0, '127.0.0.1')
  t.true(server.fd() > 2)
  const closed = server.close()
  t.throws(() => server.fd(), { code: 'ERR_SERVER_NOT_RUNNING' })
  await closed
})

/** Starts the heir as systemd does: with the process's own number in its environment. */
async function activated(
  t: ExecutionContext,
  fd: number,
  env: string,
  options: ListenOptions,
): Promise<string> {
  const file = new URL('../programs/heir.js', import.meta.url).pathname
  const script = `${env} exec "$0" "$@"`
  const args = ['-c', script, process.execPath, file, JSON.stringify(options)]
  const child = spawn('sh', args, { stdio: ['pipe', 'pipe', 'inherit', fd, fd] })
  t.teardown(() => void child.kill('SIGKILL'))
  const [line] = await within('a line', once(child.stdout as Readable, 'data'))
  return String(line).trim()
}

const NAMES = 'LISTEN_FDNAMES=web:admin'
const ACTIVATED: [options: ListenOptions, env: string, line: RegExp][] = [
  [{ systemd: true }, 'LISTEN_PID=$$ LISTEN_FDS=1', /^listens .*127\.0\.0\.1/],
  [{ systemd: 'admin' }, `LISTEN_PID=$$ LISTEN_FDS=2 ${NAMES}`, /^listens /],
  [
    { systemd: true },
    `LISTEN_PID=$$ LISTEN_FDS=2 ${NAMES}`,
    /^ERR_NO_SYSTEMD_SOCKET .*"web", "admin"/,
  ],
  [{ systemd: true }, 'LISTEN_PID=1 LISTEN_FDS=1', /^ERR_NO_SYSTEMD_SOCKET .*for process "1"/],
  [{ systemd: true }, 'A=1', /^ERR_NO_SYSTEMD_SOCKET .*are not set$/],
]

for (const [options, env, line] of ACTIVATED) {
  test(`systemd: ${JSON.stringify(options)} with ${env}`, async (t) => {
    const { server } = await serve(t, () => 'parent')
    t.regex(await activated(t, server.fd(), env, options), line)
  })
}

const SOCKETS: [name: string | true, env: NodeJS.ProcessEnv, fd: number | RegExp][] = [
  [true, { LISTEN_PID: '7', LISTEN_FDS: '1' }, 3],
  ['web', { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'web' }, 3],
  ['b', { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'a:b:c' }, 4],
  ['unknown', { LISTEN_PID: '7', LISTEN_FDS: '1' }, 3],
  [
    'd',
    { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'a:b:c' },
    /passed 0 sockets on under "d"/,
  ],
  [
    'a',
    { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:a' },
    /passed 2 sockets on under "a"/,
  ],
  // Names beyond the count are nobody's.
  ['b', { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'a:b' }, /passed 0 sockets/],
  [true, { LISTEN_PID: '7', LISTEN_FDS: '0' }, /there are 0/],
  [true, { LISTEN_PID: '7', LISTEN_FDS: '+1' }, /there are 0/],
  [true, { LISTEN_PID: '07', LISTEN_FDS: '1' }, /for process "07", and this is 7/],
  [true, { LISTEN_FDS: '1' }, /are not set/],
]

for (const [name, env, expected] of SOCKETS) {
  test(`systemd: ${name} of ${JSON.stringify(env)}`, (t) => {
    if (typeof expected === 'number') t.is(systemdSocket(name, env, 7), expected)
    else
      t.throws(() => systemdSocket(name, env, 7), {
        code: 'ERR_NO_SYSTEMD_SOCKET',
        message: expected,
      })
  })
}

const WRONG: [options: object, message: RegExp][] = [
  [{ fd: -1 }, /^fd must be an integer/],
  [{ fd: '3' }, /^fd must be a number/],
  [{ systemd: false }, /^systemd must be true or a name/],
  [{ systemd: '' }, /^systemd must be true or a name/],
  [{ fd: 3, port: 80 }, /^fd excludes port$/],
  [{ systemd: true, path: '/x' }, /^systemd excludes path$/],
  [{ fd: 3, systemd: true }, /^fd excludes systemd$/],
]

for (const [options, message] of WRONG) {
  test(`listen: ${JSON.stringify(options)} is refused`, (t) => {
    t.throws(() => void createServer(() => 'ok').listen(options), { message })
  })
}

test('the port of a descriptor is known', async (t) => {
  const { server, port } = await serve(t, () => 'parent')
  const heir = start(t, 'heir', { args: ['{"fd":3}'], passed: [server.fd()] })
  const { port: seen } = JSON.parse((await heir.line()).slice('listens '.length)) as AddressInfo
  t.is(seen, port)
})
