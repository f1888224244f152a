import test, { type ExecutionContext } from 'ava'
import type { Chunk } from '../../ts/crossing/chunk.ts'
import type { Lane } from '../../ts/crossing/lane.ts'
import { ANSWER, DOWN, META, REQUEST } from '../../ts/crossing/layout.ts'
import { native } from '../../ts/crossing/native.ts'
import { formatAddress } from '../../ts/request/address.ts'
import { Engine } from '../../ts/server/engine.ts'
import { checkOptions } from '../../ts/server/options.ts'
import { Client } from '../support/client.ts'
import { within } from '../support/deadline.ts'

/** What came up, by kind: words from the index on, and bytes. */
interface Told {
  readonly kind: string
  readonly lane: number
  readonly words: number[]
  readonly bytes: string
}

/** A connection as a record names it. */
type Id = [lane: number, index: number, generation: number]

/** An engine in node's mode, whose records are kept and answered by hand. */
class Stage {
  readonly engine: Engine
  readonly #told: Told[] = []
  #wake: () => void = () => undefined

  constructor() {
    const note =
      (kind: string, count: number, counted?: number) =>
      (lane: Lane, { words, bytes }: Chunk, at: number): void => {
        const from = (at + count) * 4
        const length = counted === undefined ? 0 : (words[at + counted] as number)
        const told = { kind, lane: lane.id, words: [...words.subarray(at, at + count)] }
        this.#told.push({ ...told, bytes: bytes.latin1Slice(from, from + length) })
        this.#wake()
      }
    const request = note('request', REQUEST.count)
    const unexpected = (): void => {
      throw new Error('nothing of that is to come')
    }
    this.engine = new Engine(
      { ...checkOptions({ bodyMode: 'stream', ioThreads: 1 }), nodeAnswers: true },
      [listenAt],
      undefined,
      {
        request: (chunk, at) => request(chunk.lane, chunk, at),
        extended: (chunk, at) => request(chunk.lane, chunk, at),
        rawRefused: unexpected,
        fileFailed: unexpected,
      },
      {
        failed: unexpected,
        ended: () => undefined,
        accepted: unexpected,
        notAccepted: unexpected,
        overload: unexpected,
        connected: note('connected', REQUEST.count),
        left: note('left', 5),
        refused: note('refused', 8, 7),
        trailers: note('trailers', 6, 5),
      },
      (server) => {
        server.introduce()
        server.setRefusals(true)
      },
    )
  }

  get port(): number {
    return (this.engine.address as { port: number }).port
  }

  /** The next record. */
  async next(kind: string): Promise<Told> {
    while (this.#told.length === 0) {
      await within(`a record of ${kind}`, new Promise<void>((resolve) => (this.#wake = resolve)))
    }
    const told = this.#told.shift() as Told
    if (told.kind !== kind) throw new Error(`${told.kind} in place of ${kind}`)
    return told
  }

  /** Sends a record by value. */
  answer({ lane, words }: Told, kind: number, text: string): void {
    const body = Buffer.from(text, 'latin1')
    const record = new Int32Array(ANSWER.count)
    record[ANSWER.kind] = kind
    for (const name of ['index', 'generation', 'meta'] as const)
      record[ANSWER[name]] = words[REQUEST[name]] as number
    record[ANSWER.bodyLen] = body.length
    this.engine.native.answer(lane, record, new Uint8Array(0), body, 0)
  }
}

const listenAt = {
  host: '127.0.0.1',
  port: 0,
  scope: 0,
  backlog: 100,
  ipv6Only: false,
  reusePort: false,
  reuseAddress: true,
  onDemand: false,
}

async function connect(t: ExecutionContext, stage: Stage): Promise<{ client: Client; id: Id }> {
  const client = await Client.connect(stage.port)
  const { lane, words } = await stage.next('connected')
  const { ports, family, remote, local, index, generation } = REQUEST
  t.is(words[ports], client.port | (stage.port << 16))
  for (const at of [remote, local]) {
    t.is(formatAddress(Int32Array.from(words), at, (words[family] as number) & 0xff), '127.0.0.1')
  }
  return { client, id: [lane, words[index] as number, words[generation] as number] }
}

/** Its end is told, with its name. */
async function leaves(t: ExecutionContext, stage: Stage, [lane, index, generation]: Id) {
  const told = await stage.next('left')
  t.deepEqual([told.lane, ...told.words.slice(2)], [lane, generation, index, 0])
}

async function run(play: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = new Stage()
  try {
    await play(stage)
  } finally {
    stage.engine.close(0)
    await within('the end', stage.engine.closed)
  }
}

test('what node writes goes out, and the end of the connection is told', (t) =>
  run(async (stage) => {
    const { client, id } = await connect(t, stage)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const told = await stage.next('request')
    stage.answer(told, DOWN.rawData, 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
    stage.answer(told, DOWN.raw, 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n')
    const wanted = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n'
    t.is((await client.exactly(wanted.length)).toString(), wanted)
    stage.engine.native.cut(...id, 0)
    t.is((await client.rest()).toString(), '')
    client.socket.destroy()
    await leaves(t, stage, id)
  }))

test('trailers come behind a body', (t) =>
  run(async (stage) => {
    const { client, id } = await connect(t, stage)
    const head = 'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
    client.send(`${head}2\r\nhi\r\n0\r\nA: b\r\nC:\td\r\n\r\n`)
    const told = await stage.next('request')
    const meta = told.words[REQUEST.meta] as number
    t.is(meta & (META.body | META.whole | META.expects), META.body)
    stage.answer(told, DOWN.pull | (1 << 16), '')
    const trailers = await stage.next('trailers')
    t.deepEqual([trailers.lane, ...trailers.words.slice(2, 4)], id)
    t.is((trailers.words[4] as number) >>> 10, meta & 0x3fffff)
    t.is(trailers.bytes, 'A: b\r\nC:\td\r\n')
    stage.answer(told, DOWN.raw, 'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n')
    t.regex((await client.rest()).toString(), /^HTTP\/1.1 204 /)
    client.socket.destroy()
    await leaves(t, stage, id)
  }))

test('a refusal is answered by hand', (t) =>
  run(async (stage) => {
    const { client, id } = await connect(t, stage)
    const bytes = 'GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n'
    client.send(bytes)
    const told = await stage.next('refused')
    const [status, fault, parsed, length] = told.words.slice(4)
    t.deepEqual([told.lane, ...told.words.slice(2, 4)], id)
    t.deepEqual([status, parsed, length], [400, bytes.indexOf(' : b'), bytes.length])
    t.is(native.faults()[fault as number]?.name, 'field-name')
    t.is(told.bytes, bytes)
    const reply = 'HTTP/1.1 400 Mine\r\nContent-Length: 0\r\n\r\n'
    stage.answer(told, DOWN.aside, reply)
    stage.engine.native.cut(...id, 0)
    t.is((await client.rest()).toString(), reply)
    client.socket.destroy()
    await leaves(t, stage, id)
  }))

test('a wait for 100 is told by a flag, and limits may change', (t) =>
  run(async (stage) => {
    const server = stage.engine.native
    server.setContinues(true)
    server.setExpectations(true)
    const { client, id } = await connect(t, stage)
    client.send('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n')
    const told = await stage.next('request')
    t.not((told.words[REQUEST.meta] as number) & META.expects, 0)
    server.setTimes(1500, 1500, 1500)
    server.setMaxRequests(0)
    stage.answer(told, DOWN.rawData, 'HTTP/1.1 100 Continue\r\n\r\n')
    t.is((await client.exactly(25)).toString(), 'HTTP/1.1 100 Continue\r\n\r\n')
    client.send('hi')
    // A body that nobody reads stays where it is, also behind its answer.
    stage.answer(told, DOWN.pull | (1 << 16), '')
    stage.answer(told, DOWN.raw, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    t.is((await client.exactly(38)).toString(), 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    // Idle for longer than the new limit.
    t.is((await client.rest()).toString(), '')
    await leaves(t, stage, id)
  }))
