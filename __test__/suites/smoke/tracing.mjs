// Runs a traced program with a tool before it, and compares what the tool has seen with what was asked.
import assert from 'node:assert'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const EXPECTED = ['/fine 200', '/pieces 200', '/teapot 418', '/error 500']

/** Lines of the log exporter of dd-trace, or those of our own preloads. */
function spansOf(line) {
  const told = JSON.parse(line)
  if (told.traces === undefined) return [`${told.path} ${told.status}`]
  const served = told.traces.flat().filter((span) => span.meta?.['span.kind'] === 'server')
  return served.map(
    ({ meta }) => `${new URL(meta['http.url']).pathname} ${meta['http.status_code']}`,
  )
}

/** One span for each request, with its status. */
export function traced(name, preload, env = {}) {
  // The tool comes first, as its users have it; then what takes the place of node's server.
  const options = [preload.join(' '), process.env.NODE_OPTIONS ?? ''].join(' ').trim()
  const { status, stdout, stderr } = spawnSync(process.execPath, ['traced/app.cjs'], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, ...env, NODE_OPTIONS: options },
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.strictEqual(status, 0, `${name}: ${(stdout + stderr).slice(0, 2000)}`)
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  assert.deepStrictEqual(
    lines.flatMap(spansOf).toSorted(),
    EXPECTED.toSorted(),
    `${name}: ${(stdout + stderr).slice(0, 2000)}`,
  )
  console.log(JSON.stringify({ asked: EXPECTED.length, isExact: true }))
}
