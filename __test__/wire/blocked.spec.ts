import test from 'ava'
import type { ServerStats } from '../../ts/index.ts'
import type { Client } from '../support/client.ts'
import { start } from '../support/program.ts'
import { connectFor } from '../support/service.ts'

/** Longer than every time-out of a request that is being received. */
const BLOCK_MS = 15_000
const BODY = 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\n'
const CHUNKS = 'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n'

/** First half, second half, answer. */
const REQUESTS = [
  ['G', 'ET / HTTP/1.1\r\nHost: a.test\r\n\r\n', 'ok'],
  ['GET / HTTP/1.1\r\nHost: a', '.test\r\n\r\n', 'ok'],
  [BODY, 'abcd', 'abcd'],
  [`${BODY}ab`, 'cd', 'abcd'],
  [`${CHUNKS}4\r\nab`, 'cd\r\n0\r\n\r\n', 'abcd'],
] as const

test('requests half sent to a loop that is blocked for 15 s are all served', async (t) => {
  const program = start(t, 'blocked-server', { args: [String(BLOCK_MS)] })
  const { port } = JSON.parse(await program.line()) as { port: number }
  const begin = async (): Promise<Client[]> => {
    const clients = await Promise.all(REQUESTS.map(() => connectFor(t, port)))
    REQUESTS.forEach(([half], i) => clients[i]?.send(half))
    return clients
  }
  const early = await begin()
  const blocker = await connectFor(t, port)
  blocker.send('GET /block HTTP/1.1\r\nHost: a.test\r\n\r\n')
  t.is(await program.line(), 'blocked')
  const [late, whole] = [await begin(), await begin()]
  REQUESTS.forEach(([, half], i) => whole[i]?.send(half))
  t.is(await program.line(), 'unblocked')
  t.is((await blocker.reply()).text, 'over')
  for (const clients of [early, late]) {
    REQUESTS.forEach(([, half], i) => clients[i]?.send(half))
  }
  for (const clients of [early, late, whole]) {
    for (const [i, [, , answer]] of REQUESTS.entries()) {
      t.is((await clients[i]?.reply())?.text, answer)
    }
  }
  program.say('stats')
  const stats = JSON.parse(await program.line()) as ServerStats
  t.deepEqual(new Set(Object.values(stats.timeouts)), new Set([0]))
})
