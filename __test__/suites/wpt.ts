// Runs files of web-platform-tests, each in a process of its own: node wpt.js <results> <file>...
// Each test's end is a line of JSON in <results>. Without what needs the server of that project.
import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FILE = fileURLToPath(new URL('./wpt-file.js', import.meta.url))

/** Milliseconds for a file of tests. */
const LIMIT_MS = 30_000

const [results = '', ...files] = process.argv.slice(2)
for (const file of files) {
  const env = { ...process.env, FASTHTTP_SUITES_RESULTS: results }
  const { status, signal, stderr } = spawnSync(process.execPath, [FILE, file], {
    env,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  if (status === 0) continue
  const error = signal === null ? stderr.slice(-200) : 'it does not end'
  const outcome = { file, title: '(the file ends)', state: 'fail', error }
  appendFileSync(results, `${JSON.stringify(outcome)}\n`)
}
