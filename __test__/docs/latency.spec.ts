import test, { type ExecutionContext } from 'ava'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { allocated } from '../../benchmark/latency/garbage.ts'
import { countOf, type Histogram, percentile } from '../../benchmark/latency/histogram.ts'
import { ratesOf } from '../../benchmark/latency/measure.ts'
import { histogramOf, offer, type Offer, type Outcome } from '../../benchmark/latency/offer.ts'
import { pictureOf } from '../../benchmark/latency/picture.ts'
import { resultOf } from '../../benchmark/latency/report.ts'
import { scenarios } from '../../benchmark/latency/scenarios.ts'

// The client of `npm run bench:latency`, against servers whose delays are known. A slow machine can only add to them.

const hasCompiler = spawnSync('cc', ['--version']).status === 0
const needsClient = hasCompiler && process.platform === 'linux' ? test.serial : test.serial.skip

const MS = 1e6
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** A server that answers each request by this function, and what a client makes of it. */
async function offered(
  t: ExecutionContext,
  answer: (socket: Socket, path: string, number: number) => void,
  asked: Partial<Offer>,
): Promise<Outcome> {
  let number = 0
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (data) => answer(socket, data.toString('latin1').split(' ')[1]!, number++))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => void server.close())
  const { port } = server.address() as AddressInfo
  return offer({ port, rate: 1000, seconds: 1, connections: 4, path: '/', ...asked })
}

/** How many took so long at least. */
const atLeast = (histogram: Histogram, ms: number): number =>
  countOf(histogram.filter(([upper]) => upper >= ms * MS))

needsClient('figures of a histogram are at most 0.8 % too large', async (t) => {
  const sizes = [1, 127, 128, 255, 256, 257, 1000, 1e5, 1e6, 1e9, 5e9, 2 ** 40]
  const values = sizes.flatMap((size) =>
    Array.from({ length: 50 }, (_, i) => size + i * (size >> 5)),
  )
  const histogram = await histogramOf(values)
  t.is(countOf(histogram), values.length)
  const sorted = values.toSorted((a, b) => a - b)
  for (const share of [0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1]) {
    const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!
    const told = percentile(histogram, share)
    t.true(told >= exact && told <= exact * (1 + 1 / 128), `${share}: ${told} for ${exact}`)
  }
  t.deepEqual([countOf([]), percentile([], 0.5)], [0, NaN])
})

for (const [how, spins] of [
  ['', false],
  [', to a client that spins', true],
] as const) {
  needsClient(`each request is sent, and takes as long as its answer${how}`, async (t) => {
    const later = (socket: Socket): void => void setTimeout(() => socket.write(ANSWER), 20)
    const outcome = await offered(t, later, { rate: 300, connections: 16, spins })
    const { sent, answered, failed, unfinished, plain } = outcome
    t.deepEqual([sent, answered, failed, unfinished], [300, 300, 0, 0])
    t.is(countOf(plain), 300)
    t.is(countOf(outcome.late), 300)
    // A timer of node's may be a millisecond early.
    t.is(atLeast(plain, 19), 300)
  })
}

needsClient(
  'a stall shows in all requests that were to be sent in it, not in those that were',
  async (t) => {
    const stalled = (socket: Socket, _: string, number: number): void => {
      const end = performance.now() + 100
      if (number === 200) while (performance.now() < end);
      socket.write(ANSWER)
    }
    const { sent, answered, plain } = await offered(t, stalled, {})
    t.deepEqual([sent, answered], [1000, 1000])
    // A thousand a second: 50 were to be sent in its first half, over 4 connections.
    const late = atLeast(plain, 50)
    t.log(`${late} of 1000 took 50 ms or more`)
    t.true(late >= 49)
  },
)

needsClient('in a closed loop a stall shows once a connection', async (t) => {
  let isStalled = false
  const stalled = (socket: Socket, _: string, number: number): void => {
    const end = performance.now() + 300
    if (number === 20) {
      isStalled = true
      while (performance.now() < end);
    }
    socket.write(ANSWER)
  }
  const { plain } = await offered(t, stalled, { rate: 0, connections: 2, seconds: 2 })
  t.true(isStalled)
  t.true(atLeast(plain, 290) >= 1)
  t.true(countOf(plain) > 20)
})

needsClient('what is never answered counts with the time that it was waited for', async (t) => {
  const outcome = await offered(t, () => undefined, { rate: 100, seconds: 0.2, connections: 2 })
  t.deepEqual([outcome.answered, outcome.unfinished], [0, 20])
  t.is(atLeast(outcome.plain, 5000), 20)
})

const WRONG: Record<string, (socket: Socket) => void> = {
  'another status': (socket) => socket.write(ANSWER.replace('200 OK', '503 No')),
  'no length': (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nok'),
  'more than its length': (socket) => socket.write(`${ANSWER}more`),
  'an end': (socket) => socket.end(),
  'half an answer': (socket) => socket.end(ANSWER.slice(0, -1)),
}
for (const [what, answer] of Object.entries(WRONG)) {
  needsClient(`${what} is no answer`, async (t) => {
    const outcome = await offered(t, answer, { rate: 200, seconds: 0.2 })
    const { sent, answered, failed, reopened } = outcome
    t.deepEqual([sent, answered, failed], [40, 0, 40])
    t.true(reopened >= 40)
  })
}

needsClient('one request in so many is another, and the figures are apart', async (t) => {
  let others = 0
  const mixed = (socket: Socket, path: string): void => {
    if (path !== '/other') return void socket.write(ANSWER)
    others++
    setTimeout(() => socket.write(ANSWER), 20)
  }
  const other = { path: '/other', oneIn: 20 }
  const outcome = await offered(t, mixed, { connections: 64, other })
  t.is(outcome.answered, 1000)
  t.deepEqual([countOf(outcome.other), countOf(outcome.plain)], [others, 1000 - others])
  t.true(others > 25 && others < 100, `${others}`)
  t.is(atLeast(outcome.other, 19), others)
})

test('loads are shares of the capacity, and rates that it bears', (t) => {
  const settings = { loads: [10, 90], rates: [1000, 9000, 9900] }
  const [hello] = scenarios
  t.deepEqual(ratesOf(hello!, settings, 10_000), [
    ['10 %', 1000],
    ['90 %', 9000],
    ['1000/s', 1000],
    ['9000/s', 9000],
  ])
  const own = { ...hello!, loads: [50], rates: [] }
  t.deepEqual(ratesOf(own, settings, 10_000), [['50 %', 5000]])
})

test('what was allocated is what grew between collections', (t) => {
  const collection = (before: number, after: number) => ({
    kind: 'x',
    microseconds: 1,
    before,
    after,
  })
  t.is(allocated({ before: 10, after: 15, each: [] }), 5)
  t.is(allocated({ before: 10, after: 15, each: [collection(30, 12), collection(20, 5)] }), 38)
})

test('the picture has a line for each server, and results are medians', (t) => {
  const run = (p99: number) => ({
    capacity: { rate: 1000 },
    points: [10, 90].map((load) => ({ load: `${load} %`, figures: { rate: load * 10, p99 } })),
  })
  const servers = ['ours-sync-0', 'bun', 'unknown'].map((name) =>
    resultOf(name, [run(100), run(500), run(300)]),
  )
  t.is(servers[0]!.points[0]!.figures['p99'], 300)
  const picture = pictureOf(
    { name: 'hello', title: 'a <text>', servers, skipped: [] },
    'p99',
    'where & when',
  )
  t.is(picture.split('<polyline').length - 1, 2)
  for (const part of ['fasthttp, ioThreads: 0', '>Bun<', 'a &#60;text&#62;', 'where &#38; when'])
    t.true(picture.includes(part), part)
  t.false(/NaN|Infinity|undefined/.test(picture))
})
