/** The test runners that projects use. */
export type RunnerKind = 'mocha' | 'node-test' | 'borp' | 'vitest' | 'wpt' | 'files'

/** A public project whose own tests are run with our server. Plain data: `--suites` reads it from JSON. */
export interface Suite {
  readonly name: string
  /** `owner/name`, as one finds it. */
  readonly repository: string
  /** A branch or a commit; without it what HEAD names. */
  readonly ref?: string
  /** The folder of a repository that holds more than one package. */
  readonly folder?: string
  /** What of the tree is needed, as git's pathspecs; all of it without. */
  readonly paths?: readonly string[]
  /** Commands that prepare a work copy, each a program and its arguments. */
  readonly install: readonly (readonly string[])[]
  readonly runner: RunnerKind
  /** What the runner is told: which tests, and their own settings. */
  readonly args: readonly string[]
  /** The major version of Node that its tests are for; the running one without. */
  readonly node?: number
  readonly env?: Readonly<Record<string, string>>
  /**
   * Options without which our server refuses on purpose what some tests send. What fails without them is run
   * again with them, as `FASTHTTP_OPTIONS`, and the verdict says what passes by that.
   */
  readonly options?: Readonly<Record<string, boolean | number>>
  /** Stock passes at least so many, else the copy is broken and nothing is proven. */
  readonly stockPasses: number
  /** No more exceptions than these may be listed. */
  readonly exceptions: number
  /** Nor more than these that look into the project's own server; 0 without. */
  readonly outside?: number
  /**
   * By how many requests two runs of stock differ, where a test asks until something has happened; 0 without.
   */
  readonly spread?: number
  /** What is loaded before our side, a file of hooks/; without it what users preload. */
  readonly hook?: string
  /** Servers that node's own may serve, as documented; none without. */
  readonly fallbacks?: number
  /** Minutes for one run of the tests; 10 without. */
  readonly minutes?: number
}

/** How a test ended. */
export type State = 'pass' | 'fail' | 'skip'

/** One test that has run. */
export interface Outcome {
  /** The file it stands in, relative to the copy; empty where its runner does not say. */
  readonly file: string
  /** Its titles, outermost first. */
  readonly title: string
  readonly state: State
  /** The first line of its error. */
  readonly error?: string
}

/** The outcomes of a run by the name that exceptions are listed under. */
export type Outcomes = ReadonlyMap<string, Outcome>

/**
 * Names outcomes; the second test of the same name gets a number. A title that has the folder of the copy in it
 * has a dot there, so that names are those of any copy.
 */
export function named(list: readonly Outcome[], withFile: boolean, copy: string): Outcomes {
  const seen = new Map<string, number>()
  const result = new Map<string, Outcome>()
  for (const outcome of list) {
    const titles = withFile ? [outcome.file, outcome.title] : [outcome.title]
    const name = titles.filter(Boolean).join(': ').replaceAll(copy, '.')
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    result.set(times === 1 ? name : `${name} (${times})`, outcome)
  }
  return result
}
