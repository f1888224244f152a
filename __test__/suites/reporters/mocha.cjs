'use strict'
// A reporter for mocha of any version, which loads it with `require`: each test's end goes to a file at
// once, so that what ran before a crash is known.
const { appendFileSync } = require('node:fs')
const { relative } = require('node:path')

module.exports = function Reporter(runner) {
  const told = (state) => (test, error) => {
    const outcome = {
      file: test.file === undefined ? '' : relative(process.cwd(), test.file),
      title: test.titlePath().join(' > '),
      state,
      error: error === undefined ? undefined : String(error.message ?? error).split('\n')[0],
    }
    appendFileSync(process.env.FASTHTTP_SUITES_RESULTS, `${JSON.stringify(outcome)}\n`)
  }
  runner.on('pass', told('pass'))
  runner.on('pending', told('skip'))
  runner.on('fail', told('fail'))
}
