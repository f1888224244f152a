import { median } from '../support/median.ts'
import { runWrk } from '../support/wrk.ts'
import { type CrowdSetup, gather } from './crowd.ts'
import { atMost, type Figure, type Row, type Settings, tell } from './row.ts'
import { type Target, withTarget } from './target.ts'

const PAIRS = 5
const SECONDS = 2
const GET = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
/** Good clients: enough to keep a core at work. */
const GOOD = 16

/** Who is beside the good clients, without the port and the core. */
type Attack = Omit<CrowdSetup, 'port' | 'core' | 'seconds'>

const HEAD = 'GET / HTTP/1.1\r\nHost: localhost\r\n'
const POST = 'POST /echo HTTP/1.1\r\nHost: localhost\r\n'

/** 10,000 connections of which each sends a byte of a head every 4 s and comes again when it is cut. */
const slow: Attack = {
  connections: 10_000,
  payload: Buffer.from(`${HEAD}X: `.padEnd(8192, 'x')),
  sends: 1,
  visits: 2500,
}

/** 64 connections that send 8 MiB/s together: what costs most to read for its size. */
const BUSY = { connections: 64, sends: 16_384, visits: 512 }
const framings: readonly (readonly [name: string, attack: Attack])[] = [
  [
    'chunks of a byte',
    {
      ...BUSY,
      payload: Buffer.from(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunks('1\r\nx\r\n')}`),
    },
  ],
  [
    'chunks of a byte with an extension',
    {
      ...BUSY,
      payload: Buffer.from(
        `${POST}Transfer-Encoding: chunked\r\n\r\n${chunks('1;a="b"\r\nx\r\n')}`,
      ),
    },
  ],
  [
    'heads of 100 fields and 16 KiB',
    { ...BUSY, payload: Buffer.from(`${HEAD}${fields(99, 16_000)}\r\n`) },
  ],
  [
    'heads of 100 empty fields',
    { ...BUSY, payload: Buffer.from(`${HEAD}${fields(99, 0)}\r\n`.repeat(16)) },
  ],
  [
    'refused bodies (413)',
    { ...BUSY, payload: Buffer.from(`${POST}Content-Length: 100000000\r\n\r\n`.padEnd(16_384)) },
  ],
]

/** As many as the limit on framing lets through: 16 KiB beside twice the data. */
function chunks(chunk: string): string {
  const data = 1
  return `${chunk.repeat(Math.floor(16_000 / (chunk.length - data - 2 * data)))}0\r\n\r\n`
}

function fields(count: number, bytes: number): string {
  return Array.from({ length: count }, (_, i) => {
    const field = `X${i}:`
    return `${field.padEnd(Math.max(field.length, Math.floor(bytes / count) - 2), 'v')}\r\n`
  }).join('')
}

/** The same program with one quiet connection: what its mere presence does to the machine is no attack. */
const nobody: Attack = { connections: 1, payload: Buffer.from(HEAD), sends: 1, visits: 0.1 }

/**
 * p99 of 16 connections of wrk, with an attack beside them as a multiple of without. Five pairs in turn
 * on one server, the median of the five quotients. The server has a core, everybody else the other.
 */
async function quotient(target: Target, settings: Settings, attack: Attack): Promise<number> {
  const quotients: number[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const alone = await p99Beside(target, settings, nobody)
    const beside = await p99Beside(target, settings, attack)
    quotients.push(beside / alone)
    tell(`p99 ${alone} us alone, ${beside} us beside`)
  }
  return median(quotients)
}

async function p99Beside({ port }: Target, settings: Settings, attack: Attack): Promise<number> {
  const core = settings.clientCore
  const crowd = await gather({ ...attack, port, core, seconds: 60 })
  try {
    const good = { port, core, connections: GOOD, request: GET, depth: 1, seconds: SECONDS }
    const { requests, refused, failed, p99 } = await runWrk(good)
    if (requests === 0 || refused + failed > 0) {
      throw new Error(`good clients: ${requests} served, ${refused} refused, ${failed} failed`)
    }
    const { sent, connects } = await crowd.counts()
    const others = `${sent} bytes and ${connects} connects beside`
    tell(`  p99 ${p99} us of ${requests} requests, ${others}`)
    return p99
  } finally {
    await crowd.stop()
  }
}

const withServer = (task: (target: Target) => Promise<Figure[]>, settings: Settings) =>
  withTarget({ options: { ioThreads: 1 }, core: settings.serverCore }, task)

/** Good clients beside 10,000 slow ones. */
export const slowloris: Row = {
  name: 'slowloris',
  title: 'good clients beside 10,000 connections that send a byte now and then',
  isAttack: true,
  measure: (settings) =>
    withServer(
      async (target) => [
        atMost(
          'p99 beside 10,000 slow heads / p99 alone',
          await quotient(target, settings, slow),
          1.2,
          'x',
          2,
        ),
      ],
      settings,
    ),
}

/** Good clients beside those who send what is most work to read. */
export const framing: Row = {
  name: 'framing',
  title: 'good clients beside the worst framing',
  isAttack: true,
  measure: (settings) =>
    withServer(async (target) => {
      const figures: Figure[] = []
      for (const [name, attack] of framings) {
        tell(name)
        const times = await quotient(target, settings, attack)
        figures.push(atMost(`p99 beside ${name} / p99 alone`, times, 1.3, 'x', 2))
      }
      return figures
    }, settings),
}
