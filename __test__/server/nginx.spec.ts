import test from 'ava'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { until, within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { nginxProxy } from '../support/nginx.ts'
import { start } from '../support/program.ts'
import { serve } from '../support/service.ts'

// A proxy that keeps connections open, and sends no POST a second time.
const conf = (at: string, port: number): string =>
  nginxProxy(at, port, { keepalive: 32, location: 'proxy_next_upstream off;' })
const POSTS = 3000

const run = spawnSync('nginx', ['-v']).status === 0 ? test : test.skip

run('a listener that is passed on loses no POST of nginx, which keeps connections', async (t) => {
  const { server, port } = await serve(t, () => 'parent')
  const at = folder(t)
  writeFileSync(join(at, 'conf'), conf(at, port))
  const nginx = spawn('nginx', ['-c', join(at, 'conf')], { stdio: 'ignore' })
  t.teardown(() => void nginx.kill('SIGKILL'))
  const socketPath = join(at, 'in.sock')
  await until('nginx listens', () => existsSync(socketPath) || nginx.exitCode !== null)
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  t.teardown(() => agent.destroy())
  const counts = new Map<string, number>()
  const passedOn = new AbortController()
  let sent = 0

  const post = (): Promise<string> =>
    new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void => resolve(String(error.code))
      const asked = request({ socketPath, method: 'POST', agent }, (answer) => {
        let body = `${answer.statusCode} `
        answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
        answer.on('end', () => resolve(body))
        answer.on('error', failed)
      })
      asked.on('error', failed)
      asked.end('x'.repeat(100))
    })
  const client = async (): Promise<void> => {
    for (; sent < POSTS || !passedOn.signal.aborted; sent++) {
      const how = await post()
      counts.set(how, (counts.get(how) ?? 0) + 1)
    }
  }

  const clients = Promise.all(Array.from({ length: 20 }, client))
  await until('some are answered', () => sent > POSTS / 3)
  const heir = start(t, 'heir', { args: ['{"fd":3}'], passed: [server.fd()] })
  t.regex(await heir.line(), /^listens /)
  await within('drain', server.drain())
  passedOn.abort()
  await within('all is answered', clients, 60_000)
  t.deepEqual([...counts.keys()].toSorted(), ['200 heir', '200 parent'])
})
