import test from 'ava'
import { once } from 'node:events'
import http, { type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer } from '../../ts/node/index.ts'
import type { ParseError } from '../../ts/node/refusal.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'
import type { Scope } from '../support/service.ts'

// What is refused, in the words of the running Node: each case is played with node's own server too.

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'

/** What a client sends, and which details of the error are node's. */
const CASES: readonly [what: string, sent: string, same?: readonly (keyof ParseError)[]][] = [
  ['a method that nobody knows', 'Oopsie-doopsie\r\n'],
  ['a method that begins as one that is read', 'FOO /\r\n'],
  ['an unknown method with a whole head', 'FOO / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a method that goes on', 'GETX / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['no method', '\x01'],
  ['a field without a colon', 'GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n'],
  ['CR without LF', 'GET / HTTP/1.1\r\nDummy: Header\rContent-Length: 1\r\n\r\n'],
  ['LF without CR', 'GET / HTTP/1.1\r\nDummy: x\nHost: a\r\n\r\n'],
  ['LF behind the version', 'GET / HTTP/1.1\nHost: a\r\n\r\n'],
  ['CR behind the version', 'GET / HTTP/1.1\rHost: a\r\n\r\n'],
  [
    'two framings',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ['code'],
  ],
  [
    'two framings and no Host',
    'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ['code'],
  ],
  [
    'a large head',
    `GET / HTTP/1.1\r\nHost: a\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
    ['code', 'message'],
  ],
  ['a chunk size that is none', `${HEAD}Z\r\nxyz`, ['code', 'message']],
  ['large chunk extensions', `${HEAD}1;${'a'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`, ['code']],
]

/** What became of a request. */
interface Seen {
  answer: string
  requests: number
  error?: Record<string, unknown>
}

async function play(
  t: Scope,
  server: Server,
  sent: string,
  same?: readonly (keyof ParseError)[],
): Promise<Seen> {
  const seen: Seen = { answer: '', requests: 0 }
  server.on('request', (req) => {
    seen.requests++
    req.resume().on('error', () => undefined)
  })
  if (same !== undefined) {
    server.on('clientError', (error: ParseError, socket: Duplex) => {
      const all =
        same.length > 0
          ? same
          : (['code', 'message', 'reason', 'bytesParsed', 'rawPacket'] as const)
      seen.error = Object.fromEntries(all.map((name) => [name, error[name]?.toString()]))
      socket.end('HTTP/1.1 400 Mine\r\nContent-Length: 0\r\n\r\n')
    })
  }
  server.listen(0, '127.0.0.1')
  if (!server.listening) await once(server, 'listening')
  const client = await Client.connect((server.address() as AddressInfo).port)
  t.teardown(() => void client.socket.destroy())
  client.socket.write(sent, 'latin1')
  seen.answer = (await client.rest()).toString('latin1').replace(/^Date: .*$/m, 'Date: -')
  client.socket.destroy()
  await within('close', new Promise((resolve) => server.close(resolve)))
  return seen
}

for (const [what, sent, same = []] of CASES) {
  test(`${what}: the answer is node's`, async (t) => {
    t.deepEqual(await play(t, createServer(), sent), await play(t, http.createServer(), sent))
  })

  test(`${what}: who listens hears what node tells`, async (t) => {
    const ours = await play(t, createServer(), sent, same)
    t.deepEqual(ours, await play(t, http.createServer(), sent, same))
    t.truthy(ours.error)
  })
}

test('no Host is an answer of node, and nobody else sees the request', async (t) => {
  const sent = 'GET / HTTP/1.1\r\n\r\n'
  const ours = await play(t, createServer(), sent)
  t.deepEqual(ours, await play(t, http.createServer(), sent))
  t.true(ours.answer.startsWith('HTTP/1.1 400 ') && ours.requests === 0)
})

for (const ioThreads of [0, 1])
  test(`what comes behind a fault is not read, and told of once: ioThreads ${ioThreads}`, async (t) => {
    const told: unknown[] = []
    const server = createServer({ ioThreads })
    server.listen(0, '127.0.0.1')
    await within('listening', once(server, 'listening'))
    const client = await Client.connect((server.address() as AddressInfo).port)
    server.on('clientError', ({ code }: ParseError) => {
      told.push(code)
      // Nobody replies.
      client.socket.end('\x01')
    })
    client.socket.write('\x01')
    t.is((await client.rest()).length, 0)
    await within('close', new Promise((resolve) => server.close(resolve)))
    t.deepEqual(told, ['HPE_INVALID_METHOD'])
  })
