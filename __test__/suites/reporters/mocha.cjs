'use strict'
// A reporter for mocha of any version, which loads it with `require`: each test's end goes to a file at
// once, so that what ran before a crash is known.
const { appendFileSync } = require('node:fs')
const { relative } = require('node:path')

/** Milliseconds from the last test to the end of the process. */
const END_MS = 30_000

function tell(outcome) {
  appendFileSync(process.env.FASTHTTP_SUITES_RESULTS, `${JSON.stringify(outcome)}\n`)
}

module.exports = function Reporter(runner) {
  const told = (state) => (test, error) => {
    tell({
      file: test.file === undefined ? '' : relative(process.cwd(), test.file),
      title: test.titlePath().join(' > '),
      state,
      error: error === undefined ? undefined : String(error.message ?? error).split('\n')[0],
    })
  }
  runner.on('pass', told('pass'))
  runner.on('pending', told('skip'))
  runner.on('fail', told('fail'))
  runner.on('end', () => {
    const late = setTimeout(() => {
      const error = 'something was left open'
      tell({ file: '', title: '(the runner ends by itself)', state: 'fail', error })
      process.exit(1)
    }, END_MS)
    late.unref()
  })
}
