import { HELLO } from '../support/answers.ts'
import type { Case, Sample, Settings } from './case.ts'
import { exchange } from '../support/exchange.ts'
import { median } from '../support/median.ts'
import type { Rival } from '../support/rivals.ts'
import { startServer } from '../support/server.ts'

/** The figures of one rival in one case. */
export interface RivalResult {
  readonly rival: string
  readonly runs: readonly Sample[]
  readonly median: Sample
}

/** What a case gave, and who is not in it and why. */
export interface CaseResult {
  readonly name: string
  readonly results: readonly RivalResult[]
  readonly skipped: readonly { readonly rival: string; readonly reason: string }[]
}

/** Runs every rival once per repetition, each time in a fresh process. */
export async function runCase(
  benchmark: Case,
  rivals: readonly Rival[],
  settings: Settings,
): Promise<CaseResult> {
  const skipped: { rival: string; reason: string }[] = []
  let able = rivals.filter(
    ({ name, files }) =>
      !benchmark.without?.includes(name) && (files ?? false) === (benchmark.files ?? false),
  )
  const samples = new Map(able.map(({ name }) => [name, [] as Sample[]]))
  for (let repetition = 0; repetition < settings.repetitions; repetition++) {
    // Who comes first changes, so that a drift of the machine is not always the same rival's.
    for (const rival of [
      ...able.slice(repetition % able.length),
      ...able.slice(0, repetition % able.length),
    ]) {
      console.error(`  ${benchmark.name} ${repetition + 1}/${settings.repetitions} ${rival.name}`)
      try {
        samples.get(rival.name)?.push(await runOnce(benchmark, rival, settings))
      } catch (error) {
        skipped.push({ rival: rival.name, reason: (error as Error).message })
        able = able.filter((other) => other !== rival)
      }
    }
  }
  const results = able.map(({ name }) => {
    const runs = samples.get(name) ?? []
    return { rival: name, runs, median: medianOf(runs) }
  })
  return { name: benchmark.name, results, skipped }
}

async function runOnce(benchmark: Case, rival: Rival, settings: Settings): Promise<Sample> {
  const server = await startServer(rival, settings.serverCore, benchmark.collects === true)
  try {
    await verify(benchmark, rival, server.port)
    return await benchmark.measure(server, settings)
  } catch (error) {
    throw new Error(server.failure() ?? (error as Error).message, { cause: error })
  } finally {
    await server.stop()
  }
}

/** A fast wrong answer is worth nothing: throws unless the rival answers as the case asks. */
async function verify(benchmark: Case, rival: Rival, port: number): Promise<void> {
  const depth = benchmark.depth ?? 1
  const sent = Buffer.concat(Array<Buffer>(depth).fill(benchmark.request))
  const expected = rival.constant && benchmark.name !== 'large' ? HELLO : benchmark.body
  for (const { status, body } of await exchange(port, sent, depth)) {
    if (status === 200 && body === expected) continue
    throw new Error(`wrong answer: ${status} ${JSON.stringify(body.slice(0, 100))}`)
  }
}

function medianOf(runs: readonly Sample[]): Sample {
  const keys = new Set(runs.flatMap((run) => Object.keys(run)))
  return Object.fromEntries(
    Array.from(keys, (key) => [
      key,
      median(runs.map((run) => run[key]).filter((value) => value !== undefined)),
    ]),
  )
}
