import test, { type ExecutionContext } from 'ava'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { empty, type HttpRequest, type HttpResult, stream } from '../../ts/index.ts'
import { Client } from '../support/client.ts'
import { until } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { nginxProxy } from '../support/nginx.ts'
import { serve } from '../support/service.ts'
import { hasThreads } from '../support/shared-thread.ts'

// Bodies made of requests, through proxies that nobody here wrote: none of them runs.

/** A proxy by the name of its program: how it is told, and started. */
const PROXIES: Record<string, { conf: (at: string, port: number) => string; args: string[] }> = {
  haproxy: {
    conf: (at, port) => `
defaults
  mode http
  timeout connect 20s
  timeout client 20s
  timeout server 20s
  http-reuse always
listen proxy
  bind ${at}/in.sock
  server one 127.0.0.1:${port}
`,
    args: ['-db', '-f'],
  },
  nginx: {
    conf: (at, port) =>
      nginxProxy(at, port, {
        keepalive: 4,
        server: 'client_max_body_size 0;',
        location: 'proxy_request_buffering off;',
      }),
    args: ['-c'],
  },
}

// Of 64 bytes, so that one of 64 bodies has one where a read of the server's may begin.
const SMUGGLED = `GET /smuggled HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(22)}\r\n\r\n`
/** One body: its chunks, and whether they keep to the rules to the end. */
const BODIES: ((round: number) => Buffer)[] = [
  (round) => chunk('x'.repeat(round) + SMUGGLED.repeat(8000)),
  (round) => Buffer.concat([chunk('x'.repeat(round) + SMUGGLED.repeat(400)), LAST]),
  (round) => Buffer.concat([chunk('x'.repeat(8000 + round)), Buffer.from(`no\r\n${SMUGGLED}`)]),
  (round) => Buffer.concat(Array.from({ length: 3000 }, () => chunk(SMUGGLED + 'y'.repeat(round)))),
]
const LAST = Buffer.from('0\r\n\r\n')

function chunk(data: string): Buffer {
  return Buffer.from(`${data.length.toString(16)}\r\n${data}\r\n`, 'latin1')
}

/**
 * As many run at least. Without threads the server reads when this client has written: a proxy that was quicker to find
 * the fault behind the body has reset the connection by then, and what it reset does not run.
 */
const LEAST = hasThreads ? 90 : 1

/** Milliseconds in which a request is handled, or refused by the proxy. */
const PATIENCE = 5000

/** How handlers answer, early. */
const ANSWERS: ((req: HttpRequest) => HttpResult | Promise<HttpResult>)[] = [
  () => 'early',
  () => empty(204),
  () => stream(['one', 'two']),
  () => stream([], { status: 204 }),
  async (req) => {
    for await (const piece of req) if (piece.length > 0) break
    return 'behind the first piece'
  },
]

async function attack(t: ExecutionContext, name: string): Promise<void> {
  const proxy = PROXIES[name] as (typeof PROXIES)[string]
  const seen: string[] = []
  const { port } = await serve(
    t,
    (req) => {
      seen.push(req.path)
      const answer = ANSWERS[Number(req.query) % ANSWERS.length]
      return answer === undefined ? 'plain' : answer(req)
    },
    { bodyMode: 'stream' },
  )
  const at = folder(t)
  writeFileSync(join(at, 'conf'), proxy.conf(at, port))
  const child = spawn(name, [...proxy.args, join(at, 'conf')], { stdio: 'ignore' })
  t.teardown(() => void child.kill('SIGKILL'))
  await until(`${name} listens`, () => existsSync(join(at, 'in.sock')) || child.exitCode !== null)
  t.is(child.exitCode, null)
  const sent = new Set<string>()
  for (let round = 0; round < 128; round++) {
    const path = `/${round}`
    sent.add(path).add(`${path}/next`)
    const client = await reached(join(at, 'in.sock'))
    const body = (BODIES[round < 64 ? 0 : round % BODIES.length] as (typeof BODIES)[0])(round % 64)
    const query = round < 64 ? 0 : Math.floor(round / BODIES.length)
    client.send(`POST ${path}?${query} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`)
    client.send(body).send(`GET ${path}/next HTTP/1.1\r\nHost: a\r\n\r\n`)
    const gone = client.gone()
    const end = performance.now() + PATIENCE
    while (client.isOpen && !seen.includes(path) && performance.now() < end) await delay(1)
    // Whatever the proxy makes of it behind that; some never say anything.
    await Promise.race([gone, delay(100)])
    client.socket.destroy()
  }
  t.deepEqual(
    seen.filter((path) => !sent.has(path)),
    [],
  )
  t.true(seen.length <= sent.size && seen.length >= LEAST, `${seen.length} ran`)
}

async function reached(path: string): Promise<Client> {
  await until('the proxy accepts', () => existsSync(path))
  for (let tries = 0; ; tries++) {
    try {
      return await Client.connect({ path })
    } catch (error) {
      if (tries > 1000) throw error
      await delay(10)
    }
  }
}

for (const name of Object.keys(PROXIES)) {
  const found = spawnSync(name, ['-v'], { encoding: 'utf8' })
  const isHere = found.status === 0
  const run = isHere ? test : test.skip
  run(`nothing of a body runs behind ${name}`, (t) => attack(t, name))
}
