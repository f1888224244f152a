import anyTest, { type ExecutionContext } from 'ava'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { get } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { start } from '../support/program.ts'
import { connectFor } from '../support/service.ts'
import { hasThreads } from '../support/shared-thread.ts'

// Node has no datagram sockets of that kind: Python, where it is, plays systemd.
const python =
  'import socket,sys\ns=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\np=sys.argv[1]\ns.bind("\\0"+p[1:] if p[0]=="@" else p)\nprint("bound",flush=True)\nwhile True: print(s.recv(4096).decode(),flush=True)'
const test = process.platform === 'linux' ? anyTest : anyTest.skip
/** Somebody has to answer while JavaScript spins. */
const apart = hasThreads ? test : anyTest.skip

/** What a service manager at this path is told. */
async function manager(t: ExecutionContext, path: string): Promise<string[] | undefined> {
  const child = spawn('python3', ['-c', python, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => void child.kill('SIGKILL'))
  const failed = once(child, 'error').then(() => undefined)
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  const bound = once(reader, 'line').then(() => lines)
  reader.on('line', (line) => void (line === 'bound' || lines.push(line)))
  return within('the manager', Promise.race([bound, failed]))
}

const PATHS: ((t: ExecutionContext) => string)[] = [
  (t) => join(folder(t), 'notify'),
  () => `@fasthttp-notify-${process.pid}`,
]

for (const [i, path] of PATHS.entries()) {
  apart(
    `systemd hears of a server, ${i === 0 ? 'by a path' : 'by an abstract name'}`,
    async (t) => {
      const at = path(t)
      const lines = await manager(t, at)
      if (lines === undefined) return void t.pass('there is no Python here')
      const env = { NOTIFY_SOCKET: at, WATCHDOG_USEC: '100000' }
      const program = start(t, 'probed', { env })
      const port = Number(await program.line())
      await until(
        'it is ready and well',
        () => lines.filter((line) => line === 'WATCHDOG=1').length > 2,
      )
      t.is(lines[0], 'READY=1')
      t.is(lines.filter((line) => line === 'READY=1').length, 1)
      const client = await connectFor(t, port)
      client.send(get('/drain'))
      // It drains, and spins from there on.
      await until('it is stopping', () => lines.includes('STOPPING=1'))
      const asking = await connectFor(t, port)
      const ready = await asking.get('/ready')
      t.is(ready.status, 503)
      t.is(lines.at(-1), 'STOPPING=1')
    },
  )
}

apart('the watchdog hears nothing while a handler spins', async (t) => {
  const at = join(folder(t), 'notify')
  const lines = await manager(t, at)
  if (lines === undefined) return void t.pass('there is no Python here')
  const program = start(t, 'probed', { env: { NOTIFY_SOCKET: at, WATCHDOG_USEC: '100000' } })
  const port = Number(await program.line())
  await until('it is well', () => lines.includes('WATCHDOG=1'))
  const spinning = await connectFor(t, port)
  spinning.send(get('/spin?1e9'))
  const asking = await connectFor(t, port)
  const isAsked = async (path: string): Promise<void> => {
    while ((await asking.get(path)).status !== 503)
      await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await within('it is not ready', isAsked('/ready'), 60_000)
  const before = lines.length
  // Many times as long as the watchdog waits.
  await within('it is not alive', isAsked('/alive'), 60_000)
  // One may have been on its way.
  t.true(lines.length - before < 5, `${lines.length - before} lines`)
})

test('another process than the one that is meant tells no watchdog, and nobody is told without a socket', async (t) => {
  const at = join(folder(t), 'notify')
  const lines = await manager(t, at)
  if (lines === undefined) return void t.pass('there is no Python here')
  const env = { NOTIFY_SOCKET: at, WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' }
  const program = start(t, 'probed', { env })
  await program.line()
  await until('it is ready', () => lines.includes('READY=1'))
  const port = Number(await start(t, 'probed', { env: { WATCHDOG_USEC: '1000' } }).line())
  t.is((await (await connectFor(t, port)).get('/')).status, 200)
  t.deepEqual(lines, ['READY=1'])
})
