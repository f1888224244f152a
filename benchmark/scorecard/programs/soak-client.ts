// The load of the soak, a process of its own: clients of every kind, good and bad, each in a loop. At the
// word `pause` they finish their turns and what came of all so far is told; at `resume` they go on; at `end`
// the process ends.

import { setTimeout as delay } from 'node:timers/promises'

import { Client, get, post } from '../../../__test__/support/client.ts'
import { gate, within } from '../../../__test__/support/deadline.ts'

const port = Number(process.argv[2])
/** Milliseconds between two turns of a client: a load that the machine bears for long. */
const PAUSE_MS = 10
const EACH = 4

const told = { isOver: false, isPaused: false }
let answered = 0
const lost: string[] = []

/** One turn of a client on a connection of its own or the one it keeps; gives how many answers it had. */
const kinds: Readonly<Record<string, (client: Client, turn: number) => Promise<number>>> = {
  'keep-alive': async (client) => {
    for (let i = 0; i < 20; i++) expect((await client.get('/')).text, 'Hello, World!')
    return 20
  },
  pipelined: async (client) => {
    client.send(get('/').repeat(16))
    for (let i = 0; i < 16; i++) expect((await client.reply()).text, 'Hello, World!')
    return 16
  },
  body: async (client, turn) => {
    const body = `${turn} `.padEnd(1 + ((turn * 7919) % 100_000), 'body ')
    expect((await client.send(post('/echo', body)).reply()).text, body)
    return 1
  },
  chunked: async (client, turn) => {
    const chunk = 'x'.repeat(1 + (turn % 5000))
    const head = 'POST /echo HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n'
    const size = chunk.length.toString(16)
    client.send(`${head}${size}\r\n${chunk}\r\n`).send(`${size};a=b\r\n${chunk}\r\n0\r\n\r\n`)
    expect((await client.reply()).text, chunk + chunk)
    return 1
  },
  slow: async (client) => {
    expect((await client.send(get('/slow').repeat(4)).reply()).text, 'slow')
    for (let i = 1; i < 4; i++) expect((await client.reply()).text, 'slow')
    return 4
  },
  large: async (client, turn) => {
    if (turn % 8 !== 0) return 0
    expect((await client.get('/large')).body.length, 8 << 20)
    return 1
  },
  malformed: async (client, turn) => {
    const bad = ['GET / HTTP/1.1\r\n\r\n', 'BAD\r\n\r\n', get('/', 'A B: c\r\n'), '\0'.repeat(9)]
    expect((await client.get('/')).status, 200)
    expect((await client.send(bad[turn % bad.length] as string).reply()).status, 400)
    expect(await client.gone(), 'FIN')
    return 2
  },
  'aborted request': (client, turn) => aborted(client, turn, post('/echo', 'x'.repeat(500)), 100),
  'aborted handler': (client, turn) => aborted(client, turn, Buffer.from(get('/slow'))),
  'aborted answer': (client, turn) => {
    // Large ones seldom: this client does not wait, so it could ask for more than any server can copy.
    return aborted(client, turn, Buffer.from(get(turn % 16 === 0 ? '/large' : '/').repeat(3)))
  },
}
/** Those who need a new connection for each turn. */
const LEAVES = /malformed|aborted/

const names = Object.keys(kinds).flatMap((kind) => Array<string>(EACH).fill(kind))
let pausing = 0
let resumed = gate()

process.on('message', (word) => {
  if (word === 'pause') return void (told.isPaused = true)
  if (word === 'end') told.isOver = true
  told.isPaused = false
  pausing = 0
  resumed.open()
  resumed = gate()
})
await Promise.all(names.map(run))
process.disconnect()

/** Between two turns: stays there in a pause; the last one to come tells. */
async function rest(): Promise<void> {
  await delay(PAUSE_MS)
  if (!told.isPaused) return
  if (++pausing === names.length) process.send!({ answered, lost })
  await resumed.promise
}

async function run(kind: string): Promise<void> {
  const turnOf = kinds[kind] as (client: Client, turn: number) => Promise<number>
  let kept: Client | undefined
  for (let turn = 0; !told.isOver; turn++) {
    try {
      const client = kept ?? (await Client.connect(port))
      kept = client
      const answers = await within(kind, turnOf(client, turn))
      answered += answers
      if (LEAVES.test(kind) || turn % 100 === 99) {
        client.socket.destroy()
        kept = undefined
      }
    } catch (error) {
      lost.push(`${kind}: ${(error as Error).message}`)
      kept?.socket.destroy()
      kept = undefined
    }
    await rest()
  }
  kept?.socket.destroy()
}

/** Sends and goes away, by RST or FIN, at once or a little later. */
async function aborted(
  client: Client,
  turn: number,
  bytes: Buffer,
  size?: number,
): Promise<number> {
  client.send(bytes.subarray(0, size))
  if (turn % 2 === 0) await delay(turn % 20)
  if (turn % 3 === 0) client.reset()
  else client.socket.destroy()
  return 0
}

function expect<T>(got: T, wanted: T): void {
  if (got !== wanted)
    throw new Error(`${String(got).slice(0, 100)} instead of ${String(wanted).slice(0, 100)}`)
}
