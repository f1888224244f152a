import test from 'ava'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Client, get } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import { connectFor } from '../support/service.ts'

const program = fileURLToPath(new URL('../programs/nim-descriptors.js', import.meta.url))
const LIMIT = 64
const CLIENTS = 100

interface State {
  readonly open: number
  readonly limit: number
  readonly isReadable: boolean
  readonly may: boolean
  readonly refusals: number
}

for (const manner of ['loop', 'guarded', 'unguarded']) {
  test(`with ${LIMIT} descriptors nobody is lost, and some are left: ${manner}`, async (t) => {
    // Both limits: Node raises the soft one to the hard one.
    const shell = `ulimit -n ${LIMIT}; exec '${process.execPath}' '${program}' ${manner}`
    const child = spawn('sh', ['-c', shell], { stdio: ['pipe', 'pipe', 'inherit'] })
    t.teardown(() => void child.kill('SIGKILL'))
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    const line = async <T>(): Promise<T> =>
      JSON.parse((await within('line', lines.next())).value as string) as T
    const state = (): Promise<State> => {
      child.stdin.write('?')
      return line()
    }
    const { port } = await line<{ port: number }>()
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connectFor(t, port)))
    for (const client of clients) client.send(get('/'))
    const served = new Set<Client>()
    const watch = clients.map(async (client) => {
      t.is((await client.reply()).text, 'ok')
      served.add(client)
    })

    // As many as it may have, and then no more.
    const isGuarded = manner !== 'unguarded'
    const isFull = ({ may }: State): boolean => served.size > 0 && !(isGuarded && may)
    let [now, before, quiet] = [await state(), -1, 0]
    for (; !isFull(now) || quiet < 100; now = await state()) {
      quiet = served.size === before ? quiet + 1 : 0
      before = served.size
    }
    t.is(now.limit, LIMIT)
    t.true(now.isReadable)
    t.true(served.size < CLIENTS && now.open < LIMIT)
    if (isGuarded) {
      t.false(now.may)
      t.true(now.open + 5 >= LIMIT - 1, 'what may be used is used')
    }
    if (manner === 'loop') t.true(now.refusals > 0)
    t.log(`${served.size} of ${CLIENTS} served, ${now.open} of ${now.limit} open`)

    // Whoever waits is served when others leave.
    const leave = setInterval(() => {
      for (const client of served) client.socket.destroy()
    }, 5)
    t.teardown(() => clearInterval(leave))
    await within('everybody', Promise.all(watch), 60_000)
    t.is(served.size, CLIENTS)
    clearInterval(leave)
    for (const client of clients) client.socket.destroy()
    t.is((await (await connectFor(t, port)).get('/')).text, 'ok')
    t.is(child.exitCode, null)
  })
}
