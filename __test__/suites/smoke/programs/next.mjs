// Next's custom server: it is built first, which takes a while.
import assert from 'node:assert'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import next from 'next'
import { ask, finished, listening } from '../asking.mjs'
import { createServer } from '../server-under-test.mjs'

const dir = fileURLToPath(new URL('../next', import.meta.url))
const cli = fileURLToPath(import.meta.resolve('next/dist/bin/next'))
const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
// Building is none of the server's business.
delete env.NODE_OPTIONS
const built = spawnSync(process.execPath, [cli, 'build', dir], { env, encoding: 'utf8' })
assert.strictEqual(built.status, 0, built.stdout + built.stderr)
process.env.NODE_ENV = 'production'
const app = next({ dev: false, dir, quiet: true })
const handle = app.getRequestHandler()
await app.prepare()
const server = createServer((req, res) => handle(req, res))
const url = await listening(server)
const page = await ask(`${url}/?a=b`)
assert.strictEqual(page.status, 200)
assert.match(page.text, /page (<!-- -->)?\/\?a=b/)
const echo = await ask(`${url}/api/echo`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: '{"a":1}',
})
assert.strictEqual(echo.status, 201)
assert.deepStrictEqual(JSON.parse(echo.text), { method: 'POST', body: { a: 1 } })
assert.strictEqual((await ask(`${url}/nowhere`)).status, 404)
await app.close()
await finished(server)
