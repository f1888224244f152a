import test, { type ExecutionContext } from 'ava'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import type { ServerOptions } from '../../ts/index.ts'
import { until, within } from '../support/deadline.ts'
import { folder } from '../support/folder.ts'
import { nginxProxy, nginxStream, STREAM_MODULE } from '../support/nginx.ts'
import { start } from '../support/program.ts'
import { serve } from '../support/service.ts'

/** Posts at least, and servers that take over one after the other; a run by hand has more of both. */
const POSTS = Number(process.env['FASTHTTP_POSTS'] ?? 3000)
const RESTARTS = Number(process.env['FASTHTTP_RESTARTS'] ?? 3)
const CLIENTS = 20

interface Way {
  readonly conf: (at: string, port: number) => string
  readonly options: ServerOptions
  readonly isHere: boolean
}

const isHere = spawnSync('nginx', ['-v']).status === 0
const WAYS: Record<string, Way> = {
  // A proxy that keeps connections open, and sends no POST a second time.
  'keeps connections': {
    conf: (at, port) =>
      nginxProxy(at, port, { keepalive: 32, location: 'proxy_next_upstream off;' }),
    options: {},
    isHere,
  },
  'passes bytes on behind a header of the PROXY protocol': {
    conf: (at, port) => nginxStream(at, port, `unix:${at}/in.sock`),
    options: { proxyProtocol: { from: ['loopback'] } },
    isHere: isHere && existsSync(STREAM_MODULE),
  },
}

/** Posts without pause by clients that keep connections; counts what they were answered. */
class Load {
  readonly counts = new Map<string, number>()
  sent = 0
  isOver = false
  readonly ended: Promise<unknown>
  readonly #socketPath: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })

  constructor(t: ExecutionContext, socketPath: string) {
    this.#socketPath = socketPath
    this.ended = Promise.all(Array.from({ length: CLIENTS }, () => this.#client()))
    t.teardown(() => {
      this.isOver = true
      this.#agent.destroy()
    })
  }

  /** Waits until so many are sent; each of them may take its time. */
  async until(count: number): Promise<void> {
    while (this.sent < count) {
      const { sent } = this
      await until('a post', () => this.sent > sent)
    }
  }

  async #client(): Promise<void> {
    while (!this.isOver) {
      this.sent++
      const how = await this.#post()
      this.counts.set(how, (this.counts.get(how) ?? 0) + 1)
    }
  }

  #post(): Promise<string> {
    return new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void => resolve(String(error.code))
      const options = { socketPath: this.#socketPath, method: 'POST', agent: this.#agent }
      const asked = request(options, (answer) => {
        let body = `${answer.statusCode} `
        answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
        answer.on('end', () => resolve(body))
        answer.on('error', failed)
      })
      asked.on('error', failed)
      asked.end('x'.repeat(100))
    })
  }
}

for (const [name, way] of Object.entries(WAYS)) {
  const run = way.isHere ? test : test.skip
  run(`a listener that is passed on loses no POST of nginx, which ${name}`, async (t) => {
    const { server, port } = await serve(t, () => 'parent', way.options)
    const at = folder(t)
    writeFileSync(join(at, 'conf'), way.conf(at, port))
    const nginx = spawn('nginx', ['-c', join(at, 'conf')], { stdio: 'ignore' })
    t.teardown(() => void nginx.kill('SIGKILL'))
    const socketPath = join(at, 'in.sock')
    await until('nginx listens', () => existsSync(socketPath) || nginx.exitCode !== null)
    const load = new Load(t, socketPath)
    const args = ['{"fd":3}', JSON.stringify(way.options), '{"keepAliveGrace":1000}']
    const successors = start(t, 'successors', { args, passed: [server.fd()] })
    for (let i = 0; i < RESTARTS; i++) {
      await load.until((POSTS / RESTARTS) * (i + 1))
      successors.say('next')
      t.is(await successors.line(), 'done')
      if (i === 0) await within('drain', server.drain())
    }
    await load.until(load.sent + CLIENTS * 2)
    load.isOver = true
    await within('all is answered', load.ended, 60_000)
    t.log(Object.fromEntries(load.counts))
    t.deepEqual([...load.counts.keys()].toSorted(), ['200 heir', '200 parent'])
    successors.say('end')
    t.is((await successors.ended()).code, 0)
  })
}
