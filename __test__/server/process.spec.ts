import test, { type ExecutionContext } from 'ava'
import { Client, get } from '../support/client.ts'
import { type Program, start } from '../support/program.ts'
import { scaled } from '../support/deadline.ts'
import { connectFor, inParallel } from '../support/service.ts'

async function endsWell(t: ExecutionContext, program: Program, code = 0): Promise<void> {
  const { stderr, signal, ...ended } = await program.ended()
  t.deepEqual([ended.code, signal, stderr], [code, null, ''])
}

/** The line behind those that tell of rounds, each of which has a deadline of its own. */
async function lastLine(program: Program): Promise<string> {
  for (;;) {
    const line = await program.line()
    if (!line.startsWith('round ')) return line
  }
}

async function isListening(port: number): Promise<boolean> {
  try {
    const client = await Client.connect(port)
    client.socket.destroy()
    return true
  } catch {
    return false
  }
}

/** Sizes of the last answer, and how it is given. */
const LAST: [size: number, how: string][] = [
  [13, 'at once'],
  [13, 'late'],
  [100_000, 'late'],
  [20 << 20, 'at once'],
  [20 << 20, 'given'],
]

for (const [size, how] of LAST) {
  test(`a process ends by itself behind its last answer: ${size} bytes ${how}`, async (t) => {
    const program = start(t, 'closing-server', { args: [String(size), how] })
    const port = Number(await program.line())
    const client = await connectFor(t, port)
    client.socket.pause()
    client.send(get('/'))
    while (await isListening(port));
    client.socket.resume()
    const reply = await client.reply()
    t.is(reply.body.length, size)
    t.is(reply.header('connection'), 'close')
    await client.closed()
    await endsWell(t, program)
  })
}

for (const [how, listening] of [
  ['before', true],
  ['after', true],
  ['again', true],
  ['aborted', false],
  ['failed', false],
] as const) {
  test(`a server does not keep the process: ${how}`, async (t) => {
    const program = start(t, 'loose-server', { args: [how] })
    t.is(await program.line(), String(listening))
    await endsWell(t, program)
  })
}

test('ref undoes unref: the process lives until the server is closed', async (t) => {
  const program = start(t, 'loose-server', { args: ['ref'] })
  t.is(await program.line(), 'true')
  program.child.kill('SIGTERM')
  await endsWell(t, program)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} lets the example answer what it received, and it ends with 0`, async (t) => {
    const program = start(t, 'examples/hello', { env: { PORT: '0' } })
    const url = new URL((await program.line()).split(' ')[0] as string)
    const [busy, idle] = [
      await connectFor(t, Number(url.port)),
      await connectFor(t, Number(url.port)),
    ]
    // The first answer of a process is a slow one, and there are 2 s for all that follows.
    await idle.get('/')
    busy.send(get('/later'))
    t.is((await idle.get('/')).text, 'Hello, World!\n')
    program.child.kill(signal)
    await idle.closed()
    const reply = await busy.reply()
    t.is(reply.text, 'answered 2 s later\n')
    t.is(reply.header('connection'), 'close')
    await busy.closed()
    await endsWell(t, program)
  })
}

test('100 processes under load that call process.exit end with its code', async (t) => {
  const ways = ['handler', 'immediate', 'closing', 'throw']
  const rounds = Array.from({ length: 100 }, (_, i) => i)
  await inParallel(rounds, 2, async (i) => {
    const after = String(1 + i * 13)
    const way = ways[i % ways.length] as string
    const { code, signal, stderr } = await start(t, 'exit-under-load', {
      args: [after, way],
    }).ended()
    t.deepEqual({ code, signal, stderr }, { code: 7, signal: null, stderr: '' }, `${after} ${way}`)
  })
})

test('100 worker threads are ended while their servers are under load', async (t) => {
  t.timeout(scaled(120_000))
  const program = start(t, 'terminate-workers', { args: ['100'] })
  t.is(await lastLine(program), '100 rounds')
  await endsWell(t, program)
})

test('a server in a worker thread answers, and its thread ends by itself after close', async (t) => {
  const program = start(t, 'closing-worker')
  const client = await connectFor(t, Number(await program.line()))
  t.is((await client.get('/')).text, 'from a worker')
  await client.closed()
  t.is(await program.line(), 'exit 0')
  await endsWell(t, program)
})

test('workers end in the middle of streams, uploads and taken sockets, and leave nothing open', async (t) => {
  t.timeout(scaled(120_000))
  const program = start(t, 'terminate-streams', { args: ['30'] })
  t.is(await lastLine(program), '180 ends, 0 left open')
  await endsWell(t, program)
})
