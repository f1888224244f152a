// A reporter for `node --test` and what is built on it: each test's end goes to a file.
import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

/** What is read of the events, which differ from version to version. */
interface Told {
  readonly name: string
  readonly nesting: number
  readonly file?: string
  readonly skip?: string | boolean
  readonly todo?: string | boolean
  readonly details?: {
    readonly type?: string
    readonly error?: Error & { readonly cause?: unknown; readonly failureType?: string }
  }
}

/** Writes outcomes of tests, not of suites; yields nothing. */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const path: string[] = []
  for await (const { type, data } of source) {
    const told = data as unknown as Told
    if (type === 'test:start') {
      path[told.nesting] = told.name
      path.length = told.nesting + 1
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const isOfSubtests = told.details?.error?.failureType === 'subtestsFailed'
    // What has failed below is told by itself.
    const passed = type === 'test:pass' || isOfSubtests
    if (passed && told.details?.type === 'suite') continue
    path[told.nesting] = told.name
    path.length = told.nesting + 1
    const error = passed ? undefined : told.details?.error
    const cause = error?.cause instanceof Error ? error.cause : error
    const outcome = {
      file: told.file === undefined ? '' : relative(process.cwd(), told.file),
      title: path.join(' > '),
      state: (told.skip ?? told.todo) ? 'skip' : passed ? 'pass' : 'fail',
      error: cause?.message.split('\n')[0],
    }
    appendFileSync(process.env['FASTHTTP_SUITES_RESULTS'] as string, `${JSON.stringify(outcome)}\n`)
  }
  yield ''
}
