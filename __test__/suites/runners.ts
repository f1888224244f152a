import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../support/root.ts'
import { named, type Outcome, type Outcomes, type RunnerKind } from './suite.ts'

/** What a test runner is told, and how what it says is read. */
export interface Runner {
  /** Arguments of node for all tests. */
  all(args: readonly string[], results: string): readonly string[]
  /** Arguments of node for one test, or at least not many more. */
  alone(args: readonly string[], results: string, test: Outcome): readonly string[]
  /** What the file of results says. */
  read(results: string, cwd: string): Outcomes
}

const NODE_REPORTER = fileURLToPath(new URL('./reporters/node-test.js', import.meta.url))
// mocha loads reporters with `require`; this one is not compiled.
const MOCHA_REPORTER = join(root, '__test__/suites/reporters/mocha.cjs')

/** For machines that are busy: a test that waits for something has as long as this, unless it says itself. */
const TIMEOUT_MS = 20_000
/** The same for a whole file of them. */
const FILE_TIMEOUT_MS = 120_000

/** What our own reporters write: a line of JSON an outcome. */
function readLines(results: string): Outcome[] {
  if (!existsSync(results)) return []
  return readFileSync(results, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Outcome)
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

const mocha: Runner = {
  all: (args) => [
    'node_modules/mocha/bin/_mocha',
    '--reporter',
    MOCHA_REPORTER,
    '--timeout',
    String(TIMEOUT_MS),
    ...args,
  ],
  alone: (args, results, test) => [
    ...mocha.all(args, results),
    '--fgrep',
    test.title.replaceAll(' > ', ' '),
  ],
  read: (results, cwd) => named(readLines(results), false, cwd),
}

const nodeTest: Runner = {
  all: (args) => ['--test', `--test-reporter=${NODE_REPORTER}`, ...args],
  alone: (_args, results, test) => nodeTest.all([test.file], results),
  read: (results, cwd) => named(readLines(results), true, cwd),
}

const borp: Runner = {
  all: (args) => [
    'node_modules/borp/borp.js',
    `--reporter=${NODE_REPORTER}`,
    `--timeout=${FILE_TIMEOUT_MS}`,
    ...args,
  ],
  // Its settings name all files, whatever else it is told.
  alone: nodeTest.alone,
  read: nodeTest.read,
}

/** What vitest's JSON reporter writes; of it what is read. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

const vitest: Runner = {
  all: (args, results) => {
    const own = ['--reporter=json', `--outputFile=${results}`, `--testTimeout=${TIMEOUT_MS}`]
    return ['node_modules/vitest/vitest.mjs', 'run', ...own, ...args]
  },
  alone: (_args, results, test) => {
    const titles = test.title.split(' > ').join(' ')
    return [...vitest.all([test.file], results), '-t', `^\\s*${quoted(titles)}$`]
  },
  read(results, cwd) {
    if (!existsSync(results)) return new Map()
    const report = JSON.parse(readFileSync(results, 'utf8')) as VitestReport
    const list = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
      const file = isAbsolute(name) ? relative(cwd, name) : name
      const tests = assertionResults.map((test): Outcome => {
        const error = test.failureMessages?.[0]?.split('\n')[0]
        return {
          file,
          title: [...test.ancestorTitles, test.title].join(' > '),
          state: test.status === 'passed' ? 'pass' : test.status === 'failed' ? 'fail' : 'skip',
          ...(error === undefined ? {} : { error }),
        }
      })
      // A file that cannot be loaded has no tests to fail.
      const whole: Outcome = { file, title: '', state: 'fail', error: message ?? '' }
      return status === 'failed' && tests.length === 0 ? [whole] : tests
    })
    return named(list, true, cwd)
  },
}

const WPT = fileURLToPath(new URL('./wpt.js', import.meta.url))

const wpt: Runner = {
  all: (args, results) => [WPT, results, ...args],
  alone: (_args, results, test) => [WPT, results, test.file],
  read: nodeTest.read,
}

const RUNNERS = { mocha, 'node-test': nodeTest, borp, vitest, wpt } as const

/** The runner of a suite whose tests share a process or start their own. */
export function runnerOf(kind: Exclude<RunnerKind, 'files'>): Runner {
  return RUNNERS[kind]
}
