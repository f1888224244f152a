import test from 'ava'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ServerStats } from '../../ts/index.ts'
import { type Client, get } from '../support/client.ts'
import { until, within } from '../support/deadline.ts'
import { connectFor } from '../support/service.ts'

const program = fileURLToPath(new URL('../programs/few-descriptors.js', import.meta.url))
const CLIENTS = 150

test('SEQ-043: without descriptors the server waits without spinning and loses nobody', async (t) => {
  const shell = `ulimit -n 100; exec '${process.execPath}' '${program}'`
  const child = spawn('sh', ['-c', shell], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => void child.kill('SIGKILL'))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async <T>(): Promise<T> =>
    JSON.parse((await within('line', lines.next())).value as string) as T
  const used = (): Promise<{ cpu: number; stats: ServerStats }> => {
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
  await until('somebody is served', () => served.size > 0)
  // It rests 100 ms at a time: three rests are enough to see whether it spins.
  let [begun, before] = [performance.now(), await used()]
  while (before.stats.acceptPauses < 1) [begun, before] = [performance.now(), await used()]
  let after = before
  while (after.stats.acceptPauses < before.stats.acceptPauses + 3) {
    await new Promise((resolve) => setImmediate(resolve))
    after = await used()
  }
  t.true(served.size < CLIENTS)
  t.true(performance.now() - begun > 150, 'it rests between two tries')

  const freed = performance.now()
  const [first] = served
  const count = served.size
  first?.socket.destroy()
  while (served.size === count)
    await Promise.race(watch.filter((_, i) => !served.has(clients[i] as Client)))
  t.log(`served ${(performance.now() - freed).toFixed(1)} ms after a descriptor came free`)
  for (const client of served) client.socket.destroy()
  const rest = setInterval(() => {
    for (const client of served) client.socket.destroy()
  }, 5)
  t.teardown(() => clearInterval(rest))
  await within('everybody', Promise.all(watch))
  t.is(served.size, CLIENTS)
})
