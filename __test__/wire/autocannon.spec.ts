import test from 'ava'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { file, type HttpRequest, type HttpResult, stream } from '../../ts/index.ts'
import { within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { serve } from '../support/service.ts'

// The server under autocannon, a load generator that nobody here wrote; what it counts must be
// right, how fast it goes does not matter.

const CONNECTIONS = 64
const AMOUNT = 10_000
const BODY = 'body '.repeat(200)
const autocannon = createRequire(import.meta.url).resolve('autocannon/autocannon.js')

/** What it counts; there is more. */
interface Counted {
  readonly errors: number
  readonly timeouts: number
  readonly mismatches: number
  readonly non2xx: number
  readonly resets: number
  readonly '2xx': number
}

/** How each kind answers with `BODY`; the path of the file is `path`. */
const KINDS: Record<string, (req: HttpRequest, path: string) => HttpResult | Promise<HttpResult>> =
  {
    text: () => BODY,
    late: () => new Promise((resolve) => setImmediate(resolve, BODY)),
    file: (_req, path) => file(path),
    stream: () => stream([BODY.slice(0, 10), BODY.slice(10)]),
    'a stream of a known length': () =>
      stream([BODY], { headers: { 'Content-Length': String(BODY.length) } }),
    'an answer by hand': (req) => {
      const out = req.raw()
      out.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n`)
      out.end(BODY)
      return ''
    },
    'what was sent': (req) => req.text(),
  }

for (const [name, answer] of Object.entries(KINDS)) {
  const pipelining = name === 'what was sent' ? 1 : 10
  test.serial(
    `${AMOUNT} requests of ${CONNECTIONS} connections, ${pipelining} at a time: ${name}`,
    async (t) => {
      const path = join(folder(t), 'f')
      writeFileSync(path, BODY)
      const { port, server, errors } = await serve(t, (req) => answer(req, path))
      const body = name === 'what was sent' ? ['-m', 'POST', '-b', BODY] : []
      const load = ['-c', CONNECTIONS, '-p', pipelining, '-a', AMOUNT, '-t', '20'].map(String)
      const args = ['-j', ...load, '-E', BODY, ...body, `http://127.0.0.1:${port}/`]
      const child = spawn(process.execPath, [autocannon, ...args], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      t.teardown(() => void child.kill('SIGKILL'))
      let said = ''
      child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
      await within('autocannon', once(child, 'close'), 60_000)
      const counted = JSON.parse(said) as Counted
      const { errors: failed, timeouts, mismatches, non2xx, resets } = counted
      t.deepEqual(
        { failed, timeouts, mismatches, non2xx, resets },
        {
          failed: 0,
          timeouts: 0,
          mismatches: 0,
          non2xx: 0,
          resets: 0,
        },
      )
      // It drops a connection with the last request that it sends there, whoever serves it, and does
      // not read the answers to those before.
      t.is(counted['2xx'], AMOUNT - CONNECTIONS * (pipelining - 1))
      t.is(server.stats().connections.total, CONNECTIONS)
      t.deepEqual(errors, [])
    },
  )
}
