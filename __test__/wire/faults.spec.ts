import test from 'ava'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, get, post } from '../support/client.ts'
import { start } from '../support/program.ts'
import { inParallel } from '../support/service.ts'
import { root } from '../support/root.ts'

// The kernel's faults, injected into the system calls of the I/O threads: faults/shim.c.

const scripts = `${root}__test__/`
const folder = mkdtempSync(join(tmpdir(), 'fasthttp-faults-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

const shim = join(folder, 'shim.so')
const log = join(folder, 'log')

/** Why faults cannot be injected here, if they cannot. */
function obstacle(): string | undefined {
  if (process.platform !== 'linux') return 'LD_PRELOAD and epoll are of Linux'
  const { error } = spawnSync('gcc', ['--version'])
  if (error !== undefined) return 'no gcc to compile faults/shim.c with'
  const { status, stderr } = spawnSync(`${scripts}faults/compile.sh`, [shim])
  if (status !== 0) throw new Error(`faults/shim.c does not compile: ${stderr.toString()}`)
  return undefined
}
const reason = obstacle()
const titled = (title: string): string =>
  reason === undefined ? title : `${title} (left out: ${reason})`
const promise = reason === undefined ? test.serial : test.serial.skip

promise(titled('no outcome of the table changes when calls fail in passing'), (t) => {
  const seed = String(1 + Math.floor(Math.random() * 1e6))
  const { stdout, stderr } = spawnSync(`${scripts}faults.sh`, [seed], { encoding: 'utf8' })
  t.log(`seed ${seed}\n${stdout}`)
  const [faults = '', score = '{}'] = stdout.trimEnd().split('\n').slice(-2)
  const { cases, differing } = JSON.parse(score) as { cases: number; differing: number }
  t.is(differing, 0, stderr)
  t.true(cases > 6000)
  const [, injected, calls] = /(\d+) faults in (\d+) calls/.exec(faults) ?? []
  t.true(Number(injected) > Number(calls) * 0.04, 'one call in twenty fails')
})

/** What must have been seen before the test is done. */
const HARD = [
  'recv ECONNRESET',
  'send EPIPE',
  'send ECONNRESET',
  'send ENOBUFS',
  'accept4 EMFILE',
  'accept4 ENFILE',
  'accept4 ENOBUFS',
  'accept4 ENOMEM',
  'accept4 ECONNABORTED',
  'epoll_ctl ENOSPC',
  'epoll_ctl ENOMEM',
  'epoll_ctl(listener) ENOSPC',
  'epoll_ctl(listener) ENOMEM',
]
const ROUNDS = 60
const CLIENTS = 50

/** The requests of one client, whose every answer is checked. */
async function talk(client: Client): Promise<void> {
  const check = (is: boolean, what: string): void => {
    if (!is) throw new RangeError(`a wrong answer to ${what}`)
  }
  for (let i = 0; i < 4; i++) {
    const body = `${client.port} ${i}`
    check((await client.get('/')).text === '', 'GET')
    const bytes = post('/', body)
    client.send(bytes.subarray(0, -2))
    await client
      .send(bytes.subarray(-2))
      .reply()
      .then(({ text }) => check(text === body, 'POST'))
    client.send(get('/large') + get('/'))
    check((await client.reply()).body.length === 300_000, 'GET of much')
    check((await client.reply()).text === '', 'GET behind it')
  }
}

/** Connects by a port that no client had before, for faults are told by it. */
async function connectBy(ports: Set<number>, port: number): Promise<Client> {
  for (;;) {
    const client = await Client.connect(port)
    if (!ports.has(client.port)) {
      ports.add(client.port)
      return client
    }
    client.socket.destroy()
  }
}

promise(titled('an error of a socket ends its connection and no other'), async (t) => {
  const env = {
    LD_PRELOAD: shim,
    FAULTS_MODE: 'hard',
    FAULTS_RATE: '15',
    FAULTS_SEED: '7',
    FAULTS_LOG: log,
  }
  const program = start(t, 'faulty-server', { env })
  const port = Number(await program.line())
  const [ports, seen] = [new Set<number>(), new Set<string>()]
  let [round, ended, all] = [0, 0, 0]
  for (; round < ROUNDS && !HARD.every((fault) => seen.has(fault)); round++) {
    const survivors = new Map<number, Client>()
    const lost: number[] = []
    await inParallel(Array.from({ length: CLIENTS }), 16, async () => {
      const client = await connectBy(ports, port)
      const own = client.port
      await talk(client).then(
        () => survivors.set(own, client),
        (error: unknown) => {
          // Neither a wrong answer nor one that never came.
          t.false(error instanceof RangeError || /not within/.test(String(error)), String(error))
          client.socket.destroy()
          lost.push(own)
        },
      )
    })
    const faults = readFileSync(log, 'latin1').trimEnd().split('\n')
    const hit = new Set(faults.map((line) => Number(line.split(' ')[2])))
    for (const fault of faults) seen.add(fault.replace(/ \d+$/, ''))
    for (const own of lost) t.true(hit.has(own), `${own} ended without an error`)
    for (const [own, client] of survivors) {
      t.false(hit.has(own), `${own} goes on behind an error`)
      t.true(client.isQuiet)
      client.socket.destroy()
    }
    ended += lost.length
    all += CLIENTS
  }
  t.log(`${ended} of ${all} connections ended in ${round} rounds: ${[...seen].join(', ')}`)
  t.deepEqual(
    HARD.filter((fault) => !seen.has(fault)),
    [],
  )
  program.child.stdin?.end()
  const { code, signal, stderr } = await program.ended()
  t.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
})
