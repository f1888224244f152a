import type { Side } from './side.ts'
import type { Outcome, Outcomes, State, Suite } from './suite.ts'

/** Tests by name, and why. */
export type Expected = Readonly<Record<string, string>>

/** What is known of a suite: `expected/<name>.json` and `expected/<name>.outside.json`. */
export interface Known {
  /** What may fail with our server. */
  readonly expected: Expected
  /**
   * What fails since it looks into the project's own server and not at what that answers: those tests are no
   * part of what the failures are a share of.
   */
  readonly outside: Expected
}

/** What is said of a whole run, under names that no test has. */
const SERVED = '(as many requests as stock)'
const ENDED = '(the runner ends by itself)'

/** A test that stock passes and ours does not. */
export interface Failure {
  readonly name: string
  readonly error: string
}

/** What became of a suite. */
export interface Verdict {
  /** Not listed as exceptions. */
  readonly unlisted: readonly Failure[]
  /** Listed, and failing. */
  readonly listed: readonly Failure[]
  /** Outside of what is compared, and failing. */
  readonly outside: readonly Failure[]
  /** The failing ones, unlisted or listed, of a hundred that stock passes and that are compared. */
  readonly percent: number
  /** Listed, but passing, or unknown to both sides. */
  readonly stale: readonly string[]
  /** What makes the run worthless, whatever its tests say. */
  readonly problems: readonly string[]
}

/** How many tests ended so. */
export function count(outcomes: Outcomes, state: State): number {
  return [...outcomes.values()].filter((outcome) => outcome.state === state).length
}

/** Tests that stock passes and ours does not, and those that only ours fails. */
export function failing(stock: Outcomes, ours: Outcomes): Map<string, Outcome> {
  const found = new Map<string, Outcome>()
  for (const [name, outcome] of stock) {
    const own = ours.get(name)
    if (outcome.state !== 'pass' || own?.state === 'pass') continue
    found.set(name, own ?? { ...outcome, state: 'fail', error: 'it did not run' })
  }
  for (const [name, outcome] of ours)
    if (outcome.state === 'fail' && !stock.has(name)) found.set(name, outcome)
  return found
}

function ofWhole(suite: Suite, stock: Side, ours: Side): Failure[] {
  const found: Failure[] = []
  const [there, here] = [stock.served.requests, ours.served.requests]
  if (Math.abs(there - here) > (suite.spread ?? 0))
    found.push({ name: SERVED, error: `${here} requests, and ${there} with stock` })
  if (ours.isLate && !stock.isLate) found.push({ name: ENDED, error: 'something was left open' })
  return found
}

function problemsOf(suite: Suite, stock: Side, ours: Side, { expected, outside }: Known): string[] {
  const problems: string[] = []
  const passed = count(stock.outcomes, 'pass')
  if (passed < suite.stockPasses)
    problems.push(`stock passes ${passed} tests; ${suite.stockPasses} or more are known to pass`)
  if (stock.served.requests === 0) problems.push('no request was counted with stock')
  if (ours.served.requests === 0) problems.push('our server served no request')
  if (ours.served.fallbacks > (suite.fallbacks ?? 0))
    problems.push(`${ours.served.fallbacks} servers fell back to node's own`)
  for (const [what, listed, most] of [
    ['exceptions', expected, suite.exceptions],
    ['tests outside', outside, suite.outside ?? 0],
  ] as const) {
    const names = Object.keys(listed)
    if (names.length > most)
      problems.push(`${names.length} ${what} are listed; ${most} are allowed`)
    for (const name of names)
      if (/^\s*(not (yet )?implemented\W*)?$/i.test(listed[name] ?? ''))
        problems.push(`the exception ${name} has no reason`)
  }
  return problems
}

/** Compares two sides; `failures` are the failing tests that failed alone as well. */
export function judge(
  suite: Suite,
  [stock, ours]: readonly [Side, Side],
  failures: ReadonlyMap<string, Outcome>,
  known: Known,
): Verdict {
  const { expected, outside } = known
  const all = [...failures].map(([name, { error }]): Failure => ({ name, error: error ?? '' }))
  all.push(...ofWhole(suite, stock, ours))
  const names = new Set(all.map(({ name }) => name))
  const failsAsStock = (name: string): boolean => {
    const [there, here] = [stock.outcomes.get(name), ours.outcomes.get(name)]
    return there !== undefined && there.state !== 'pass' && here?.state !== 'pass'
  }
  const compared = all.filter(({ name }) => !(name in outside))
  const base = count(stock.outcomes, 'pass') - (all.length - compared.length)
  return {
    unlisted: compared.filter(({ name }) => !(name in expected)),
    listed: compared.filter(({ name }) => name in expected),
    outside: all.filter(({ name }) => name in outside),
    percent: Math.round((compared.length / Math.max(base, 1)) * 1000) / 10,
    stale: Object.keys({ ...expected, ...outside }).filter(
      (name) => !names.has(name) && !failsAsStock(name),
    ),
    problems: problemsOf(suite, stock, ours, known),
  }
}

/** Whether nothing is left to say. */
export function isFine({ unlisted, stale, problems }: Verdict): boolean {
  return unlisted.length + stale.length + problems.length === 0
}
