import { cpuBetween, readCpu } from '../support/cpu.ts'
import { exchange } from '../support/exchange.ts'
import type { Rival } from '../support/rivals.ts'
import { type RunningServer, startServer } from '../support/server.ts'
import { allocated, type Collections, watch } from './garbage.ts'
import { percentile } from './histogram.ts'
import { offer, type Offer, type Outcome } from './offer.ts'
import type { Scenario } from './scenarios.ts'

/** How a run measures. */
export interface Settings {
  /** Of each load. */
  readonly seconds: number
  /** Of the load that warms a server up, as much as it can take. */
  readonly warm: number
  readonly repetitions: number
  readonly connections: number
  /** Whether the client never sleeps. */
  readonly spins: boolean
  readonly serverCore: string
  readonly clientCore: string
  /** In per cent of the capacity. */
  readonly loads: readonly number[]
  /** In requests a second, the same for all. */
  readonly rates: readonly number[]
}

/** Times in microseconds; what a server does not tell is left out. */
export type Figures = Readonly<Record<string, number>>

/** A load and what was measured under it. */
export interface Point {
  /** `30 %` of the capacity, or `5000/s`. */
  readonly load: string
  readonly figures: Figures
}

/** What one process gave. */
export interface Run {
  readonly capacity: Figures
  readonly points: readonly Point[]
}

/** More than this share of the capacity is not asked for as a common rate. */
const BEARABLE = 0.95

/** Starts the server, finds its capacity in a closed loop, and measures it under every load. */
export async function measure(rival: Rival, scenario: Scenario, settings: Settings): Promise<Run> {
  const watched = watch(scenario, rival.javascript && rival.name !== 'bun')
  try {
    const server = await startServer(rival, settings.serverCore, false, watched.env)
    try {
      return await under(server, scenario, settings, watched)
    } catch (error) {
      throw new Error(server.failure() ?? (error as Error).message, { cause: error })
    } finally {
      await server.stop()
    }
  } finally {
    watched.remove()
  }
}

async function under(
  server: RunningServer,
  scenario: Scenario,
  settings: Settings,
  watched: ReturnType<typeof watch>,
): Promise<Run> {
  await verify(server, scenario)
  const { connections, clientCore, seconds, spins, warm } = settings
  const asked = { ...scenario, port: server.port, connections, spins }
  await offer({ ...asked, rate: 0, seconds: warm }, clientCore)
  const capacity = await loaded(server, { ...asked, rate: 0, seconds }, clientCore)
  const points: Point[] = []
  for (const [load, rate] of ratesOf(scenario, settings, capacity['rate']!)) {
    await watched.begin(server.pid)
    const measured = await loaded(server, { ...asked, rate, seconds }, clientCore)
    const collections = await watched.end(server.pid)
    const figures = { ...measured, ...(collections && garbageOf(collections, measured)) }
    points.push({ load, figures })
  }
  return { capacity, points }
}

/** Which loads a scenario is measured under, by their names. */
export function ratesOf(
  scenario: Scenario,
  { loads, rates }: Pick<Settings, 'loads' | 'rates'>,
  capacity: number,
): [load: string, rate: number][] {
  const shares = (scenario.loads ?? loads).map((share): [string, number] => [
    `${share} %`,
    Math.max(1, Math.round((capacity * share) / 100)),
  ])
  const common = (scenario.rates ?? rates)
    .filter((rate) => rate < capacity * BEARABLE)
    .map((rate): [string, number] => [`${rate}/s`, rate])
  return [...shares, ...common]
}

async function verify({ port }: RunningServer, { path, other, body }: Scenario): Promise<void> {
  const wanted: [path: string, body: string | undefined][] = [[path, body]]
  if (other !== undefined) wanted.push([other.path, undefined])
  for (const [asked, right] of wanted) {
    const request = Buffer.from(`GET ${asked} HTTP/1.1\r\nHost: localhost:8080\r\n\r\n`)
    const [answer] = await exchange(port, request)
    if (answer?.status === 200 && (right ?? answer.body) === answer.body) continue
    throw new Error(`wrong answer: ${answer?.status} ${JSON.stringify(answer?.body.slice(0, 100))}`)
  }
}

/** Measures a load; `rate` 0: as much as the server can take. */
async function loaded(server: RunningServer, asked: Offer, core: string): Promise<Figures> {
  const [before, from] = [readCpu(server.pid), performance.now()]
  const outcome = await offer(asked, core)
  const cpu = cpuBetween(before, readCpu(server.pid)).total
  const { answered, failed, unfinished, plain, other, late } = outcome
  if (answered === 0) throw new Error('no answer')
  return {
    rate: asked.rate === 0 ? answered / outcome.seconds : asked.rate,
    sent: outcome.sent,
    answered,
    failed: failed + unfinished,
    ...timesOf('p', plain),
    ...(other.length > 0 && timesOf('other', other)),
    late99: percentile(late, 0.99) / 1000,
    late999: percentile(late, 0.999) / 1000,
    client: 100 * outcome.busy,
    cpu: cpu / answered,
    busy: cpu / 10 / (performance.now() - from),
  }
}

function timesOf(kind: string, histogram: Outcome['plain']): Figures {
  const at = (share: number): number => percentile(histogram, share) / 1000
  return {
    [`${kind}50`]: at(0.5),
    [`${kind}99`]: at(0.99),
    [`${kind}999`]: at(0.999),
    [`${kind}Max`]: at(1),
  }
}

function garbageOf(collections: Collections, { answered }: Figures): Figures {
  const pauses = collections.each.map(({ microseconds }) => microseconds)
  return {
    bytes: allocated(collections) / answered!,
    collections: pauses.length,
    pauseMax: Math.max(0, ...pauses),
    paused: pauses.reduce((sum, pause) => sum + pause, 0) / answered!,
  }
}
