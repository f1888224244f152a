import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runFiles, serverTests } from './files.ts'
import { run } from './processes.ts'
import { runnerOf } from './runners.ts'
import type { Outcome, Outcomes, Suite } from './suite.ts'

/** What both sides of a suite share. */
export interface Place {
  readonly suite: Suite
  /** The work copy. */
  readonly copy: string
  /** A folder for results, logs and what is printed. */
  readonly results: string
  /** The node that runs the tests. */
  readonly node: string
  readonly env: NodeJS.ProcessEnv
}

/** What processes said of the servers in them. */
export interface Served {
  readonly servers: number
  readonly requests: number
  readonly fallbacks: number
}

/** One run of all tests. */
export interface Side {
  readonly outcomes: Outcomes
  readonly served: Served
  /** The runner had to be ended: something was left open. */
  readonly isLate: boolean
  readonly seconds: number
  /** What the tests printed. */
  readonly output: string
}

/** Adds up what the preloaded hook wrote, a line a process. */
export function readServed(log: string): Served {
  const sum = { servers: 0, requests: 0, fallbacks: 0 }
  if (!existsSync(log)) return sum
  for (const line of readFileSync(log, 'utf8').split('\n').filter(Boolean)) {
    const told = JSON.parse(line) as Served
    sum.servers += told.servers
    sum.requests += told.requests
    sum.fallbacks += told.fallbacks
  }
  return sum
}

const TERMINATED = new URL('./hooks/terminated.js', import.meta.url).href

function environment(place: Place, hook: string, log: string, results: string): NodeJS.ProcessEnv {
  // vitest ends its workers by a signal, and we end what does not end by itself.
  const hooks = place.suite.runner === 'files' ? [hook] : [TERMINATED, hook]
  return {
    ...place.env,
    ...place.suite.env,
    NODE_OPTIONS: hooks.map((url) => `--import=${url}`).join(' '),
    FASTHTTP_REGISTER_LOG: log,
    FASTHTTP_SUITES_RESULTS: results,
  }
}

const MINUTES = 10

/** Runs all tests with a hook loaded before them. */
export async function runSide(place: Place, name: string, hook: string): Promise<Side> {
  const { suite, copy, results, node } = place
  const log = join(results, `${name}.served.jsonl`)
  const output = join(results, `${name}.txt`)
  const env = environment(place, hook, log, join(results, `${name}.results`))
  const begun = performance.now()
  const seconds = (): number => Math.round((performance.now() - begun) / 1000)
  if (suite.runner === 'files') {
    const folder = suite.args[0] as string
    const outputs = join(results, name)
    mkdirSync(outputs, { recursive: true })
    const where = { node, cwd: copy, folder, env, outputs }
    const outcomes = await runFiles(serverTests(join(copy, folder)), where)
    const served = readServed(log)
    return { outcomes, served, isLate: false, seconds: seconds(), output: outputs }
  }
  const runner = runnerOf(suite.runner)
  const path = env['FASTHTTP_SUITES_RESULTS'] as string
  const { isLate } = await run({
    program: node,
    args: runner.all(suite.args, path),
    cwd: copy,
    env,
    output,
    limitMs: (suite.minutes ?? MINUTES) * 60_000,
  })
  const outcomes = runner.read(path, copy)
  return { outcomes, served: readServed(log), isLate, seconds: seconds(), output }
}

/** Milliseconds for one test alone, with all that its runner loads. */
const ALONE_MS = 120_000

/** Runs one test again, by itself; says whether it passes now. */
export async function passesAlone(
  place: Place,
  number: number,
  hook: string,
  [name, test]: [string, Outcome],
): Promise<boolean> {
  const { suite, copy, results, node } = place
  const path = join(results, `alone-${number}.results`)
  // Reporters add to what is there, be it of another test that was alone with other options.
  rmSync(path, { force: true })
  const env = environment(place, hook, join(results, `alone-${number}.jsonl`), path)
  if (suite.runner === 'files') {
    const where = { node, cwd: copy, folder: suite.args[0] as string, env, outputs: results }
    return (await runFiles([test.title], where)).get(name)?.state === 'pass'
  }
  const runner = runnerOf(suite.runner)
  await run({
    program: node,
    args: runner.alone(suite.args, path, test),
    cwd: copy,
    env,
    output: join(results, `alone-${number}.txt`),
    limitMs: ALONE_MS,
  })
  return runner.read(path, copy).get(name)?.state === 'pass'
}
